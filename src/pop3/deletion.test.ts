import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pop3Fixture, until } from '#/testkit/index.ts';

const ALICE = 'alice@acme.test';
const MAIL = 'A: b\r\n\r\nx\r\n';

async function withMail(messages: number, limits = {}): Promise<Pop3Fixture> {
  const pop3 = await Pop3Fixture.start({ settings: { limits } });
  pop3.maildrops.put(ALICE, ...Array<string>(messages).fill(MAIL));
  return pop3;
}

test('RFC 1939 §6: nothing is deleted before QUIT, whether the connection is closed, half closed or lost', async () => {
  await using pop3 = await withMail(2);
  for (const leaves of ['closes', 'half closes', 'resets'] as const) {
    const peer = await pop3.signedIn();
    await peer.asks('DELE 1', '+OK');
    if (leaves === 'half closes') {
      peer.endsSpeaking();
      await peer.hearsTheEnd();
    } else if (leaves === 'closes') peer.sends('QUI');
    peer[Symbol.dispose]();
  }
  await pop3.clock.advance(2_000);
  assert.deepEqual(pop3.maildrops.expunged, []);
  using again = await pop3.signedIn();
  await again.asks('STAT', '+OK 2');
});

test('RFC 1939 §3: who is silent for ten minutes is left without a word, and nothing of theirs is deleted', async () => {
  await using pop3 = await withMail(1);
  using peer = await pop3.signedIn();
  await peer.asks('DELE 1', '+OK');
  await pop3.clock.advance(599_000, 10_000);
  await peer.asks('NOOP', '+OK');
  await pop3.clock.advance(602_000, 10_000);
  assert.equal(await peer.hearsTheEnd(), '');
  assert.deepEqual(pop3.maildrops.expunged, []);
});

test('O3: what is deleted goes by its UIDs, a page at a time, in short steps', async () => {
  await using pop3 = await withMail(25, { deletePageMessages: 10 });
  using peer = await pop3.signedIn();
  peer.says(...Array.from({ length: 24 }, (_, i) => `DELE ${i + 2}`), 'QUIT');
  for (let i = 0; i < 24; i++) await peer.hears('+OK');
  await peer.hears('+OK 24 messages deleted');
  assert.deepEqual(
    pop3.maildrops.expunged.map(({ uids }) => [uids[0], uids.length]),
    [
      [2, 10],
      [12, 10],
      [22, 4],
    ],
  );
  assert.deepEqual(pop3.maildrops.uids(ALICE), [1]);
});

test('RFC 1939 §6: messages that could not be deleted are told of, remain, and the connection ends', async () => {
  await using pop3 = await withMail(3, { deletePageMessages: 1 });
  pop3.maildrops.faults.expunge = 'disk.full';
  using peer = await pop3.signedIn();
  await peer.asks('DELE 1', '+OK');
  await peer.asks('DELE 3', '+OK');
  await peer.asks('QUIT', '-ERR [SYS/TEMP] 2 of 2 messages could not be deleted and remain');
  await peer.hearsTheEnd();
  assert.deepEqual(pop3.maildrops.uids(ALICE), [1, 2, 3]);
});

test('O6: a step that fails for now is repeated twice in a QUIT, and not more', async () => {
  await using pop3 = await withMail(4, { deletePageMessages: 1 });
  pop3.maildrops.faults.expunge = 'store.busy';
  for (const [faults, reply, left] of [
    [2, '+OK 2 messages deleted', 2],
    [3, '-ERR [SYS/TEMP] 2 of 2', 2],
  ] as const) {
    pop3.maildrops.expungeFaultsLeft = faults;
    using peer = await pop3.signedIn();
    peer.says('DELE 1', 'DELE 2', 'QUIT');
    await peer.hears('+OK');
    await peer.hears('+OK');
    const heard = peer.hears(reply);
    for (let i = 0; i < 20; i++) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      await pop3.clock.advance(100, 100);
    }
    await heard;
    assert.equal(pop3.maildrops.uids(ALICE).length, left);
  }
});

test('O5: a QUIT whose answer was lost does its work once, and the session that comes again deletes nothing else', async () => {
  await using pop3 = await withMail(3);
  const peer = await pop3.signedIn();
  await peer.asks('DELE 1', '+OK');
  pop3.maildrops.hold();
  peer.says('QUIT');
  await until(() => pop3.maildrops.running === 1);
  peer[Symbol.dispose]();
  pop3.maildrops.release();
  await until(() => pop3.maildrops.expunged.length === 1);
  using again = await pop3.signedIn();
  assert.equal(await again.gets('UIDL'), '1 u2\r\n2 u3\r\n');
  await again.asks('QUIT', '+OK');
  assert.deepEqual(pop3.maildrops.uids(ALICE), [2, 3]);
});

test('O5: two sessions delete the same message: both hear yes, and no other message goes', async () => {
  await using pop3 = await withMail(3);
  using first = await pop3.signedIn();
  using second = await pop3.signedIn();
  for (const peer of [first, second]) {
    await peer.asks('DELE 2', '+OK');
    await peer.asks('QUIT', '+OK 1 message deleted');
  }
  assert.deepEqual(pop3.maildrops.uids(ALICE), [1, 3]);
});

test('O5: a message that was asked for and never left is not deleted by the QUIT behind it', async () => {
  // So much may wait that QUIT is read while the message still does.
  await using pop3 = await Pop3Fixture.start({ settings: { limits: { unsentBytesMax: 100_000_000 } } });
  const content = `A: b\r\n\r\n${'x'.repeat(30_000_000)}\r\n`;
  pop3.maildrops.put(ALICE, content);
  const peer = await pop3.signedIn();
  peer.stopsReading();
  peer.says('RETR 1', 'DELE 1', 'QUIT');
  await until(() => pop3.maildrops.octetsRead === content.length);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(pop3.unsentBytes > 1_000_000);
  peer[Symbol.dispose]();
  await until(() => pop3.maildropBytes === 0);
  assert.deepEqual(pop3.maildrops.expunged, []);
});

test('M6: a service that closes finishes the QUIT that is under way, and cuts who is silent', async () => {
  await using pop3 = await withMail(2);
  using quits = await pop3.signedIn();
  using silent = await pop3.signedIn();
  await silent.asks('DELE 2', '+OK');
  await quits.asks('DELE 1', '+OK');
  pop3.maildrops.hold();
  quits.says('QUIT');
  await until(() => pop3.maildrops.running === 1);
  const closed = pop3.close();
  await pop3.clock.advance(5_000, 100);
  await silent.hears('-ERR [SYS/TEMP] The service restarts');
  await silent.hearsTheEnd();
  pop3.maildrops.release();
  await quits.hears('+OK 1 message deleted');
  await quits.hearsTheEnd();
  await pop3.clock.advance(12_000, 100);
  await closed;
  assert.deepEqual(pop3.maildrops.uids(ALICE), [2]);
});
