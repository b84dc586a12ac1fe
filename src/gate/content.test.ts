/** What the door must not do when it is slow, or when a mail comes in unlucky pieces. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '#/model/index.ts';
import { GateFixture, textOf } from '#/testkit/index.ts';

test('H3: a large mail whose header came in a piece of its own is taken', async () => {
  await using fixture = await GateFixture.start();
  const peer = await fixture.greet();
  await peer.asks('MAIL FROM:<x@else.test>', '250');
  await peer.asks('RCPT TO:<alice@acme.test>', '250');
  await peer.asks('DATA', '354');
  peer.sends('From: <x@else.test>\r\nSubject: large\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const line = `${'x'.repeat(70)}\r\n`;
  peer.sends(line.repeat(30_000));
  peer.says('.');
  await peer.hears('250');
  assert.equal(fixture.intake.mails[0]?.body.kind, 'blob');
});

for (const [what, bytes, answer] of [
  ['small content that was to leave memory stays there', 40_000, '250'],
  ['large content is refused for now', 200_000, '451 4.3.0'],
] as const)
  test(`M4: while the blob store is away, ${what}`, async () => {
    // The soft bound is passed at once, so that all content is to leave memory.
    const limits = { bodyBytesInMemoryMax: 100_000, bodyBytesSoftMax: 1, bodyBytesUnderPressureMax: 1_000 };
    await using fixture = await GateFixture.start({ settings: { limits } });
    let asked = 0;
    fixture.blobs.create = async () => {
      asked++;
      throw new Fault('store.unavailable');
    };
    const peer = await fixture.greet();
    await peer.asks('MAIL FROM:<x@else.test>', '250');
    await peer.asks('RCPT TO:<alice@acme.test>', '250');
    await peer.asks('DATA', '354');
    const content = `Subject: here\r\n\r\n${'line of it\r\n'.repeat(bytes / 12)}`;
    peer.sends(content);
    await peer.asks('.', answer);
    assert.ok(asked > 0);
    const [mail] = fixture.intake.mails;
    assert.equal(mail !== undefined && textOf(mail).endsWith(content), answer === '250');
    await peer.asks('NOOP', '250');
  });

test('H3: content that was flushed too late is not accepted behind its 451', async () => {
  await using fixture = await GateFixture.start({
    settings: { limits: { commitMs: 100, bodyBytesInMemoryMax: 1_000 } },
  });
  const create = fixture.blobs.create.bind(fixture.blobs);
  fixture.blobs.create = async (tenant, call) => {
    const writer = await create(tenant, call);
    const finish = async () => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return writer.finish();
    };
    return { ...writer, finish };
  };
  const peer = await fixture.greet();
  await peer.asks('MAIL FROM:<x@else.test>', '250');
  await peer.asks('RCPT TO:<alice@acme.test>', '250');
  await peer.asks('DATA', '354');
  peer.sends(`Subject: large\r\n\r\n${'x'.repeat(70)}\r\n`.padEnd(3_000, 'line\r\n'));
  peer.says('', '.');
  await peer.hears('451');
  assert.equal(fixture.intake.calls, 0);
  await peer.asks('NOOP', '250');
});
