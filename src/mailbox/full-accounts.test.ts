import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INBOX, within } from '#/model/index.ts';
import { ACCOUNT, MailboxFixture } from '#/testkit/index.ts';

const MAIL_BYTES = 200;

async function filled(): Promise<MailboxFixture> {
  const fixture = new MailboxFixture();
  fixture.quotaBytes = 10_000;
  while ((await fixture.deliver('alice@acme.test', sized(2_000)))?.kind === 'stored');
  return fixture;
}

async function hasRoom(fixture: MailboxFixture): Promise<void> {
  for (let looks = 0; looks < 100 && fixture.full.left(ACCOUNT) !== null; looks++) await fixture.clock.advance(2_000);
  assert.equal(fixture.full.left(ACCOUNT), null);
}

function sized(bytes: number) {
  const chunks = [Buffer.from(`Subject: hello\r\n\r\n${'x'.repeat(bytes)}\r\n`)];
  return { body: { kind: 'memory', chunks, size: chunks[0]?.length ?? 0 } } as const;
}

test('O6: an account that had no room is known with what it still takes, until its owner has made room for what did not fit', async () => {
  await using fixture = await filled();
  const left = fixture.full.left(ACCOUNT);
  assert.ok(left !== null && left < 2_100, `left: ${left}`);
  assert.equal(fixture.full.left({ ...ACCOUNT, address: 'ALICE@acme.test' as typeof ACCOUNT.address }), left);
  const first = fixture.full.snapshot(null);
  assert.deepEqual(first?.accounts, [['acme', 'alice@acme.test', left]]);
  assert.equal(fixture.full.snapshot(first?.version ?? null), null, 'nothing new is not sent again');
  const call = within(5_000);
  const inbox = await fixture.mailboxes.find(ACCOUNT, INBOX, call);
  assert.ok(inbox);
  await fixture.mailboxes.expunge(ACCOUNT, inbox.id, null, true, call);
  await hasRoom(fixture);
  assert.deepEqual(fixture.full.snapshot(first?.version ?? null)?.accounts, []);
});

test('O6: a higher quota, or none, makes room without a delivery', async () => {
  for (const quotaBytes of [1_000_000, null]) {
    await using fixture = await filled();
    fixture.quotaBytes = quotaBytes;
    await hasRoom(fixture);
  }
});

test('O6: an account whose rules may keep nothing is not full: its mail may need no room', async () => {
  const away = { name: 'away', action: { forward: 'y@else.test', keep: false } };
  const news = { name: 'news', when: { subject: 'news' }, action: { discard: true } };
  const copy = { name: 'copy', action: { forward: 'y@else.test' } };
  for (const [rule, isLeftOut] of [
    [away, true],
    [news, true],
    [copy, false],
    [{ ...away, off: true }, false],
  ] as const) {
    await using fixture = await filled();
    const before = fixture.full.snapshot(null)?.version ?? null;
    await fixture.setRules({ rules: [rule] });
    if (isLeftOut) await hasRoom(fixture);
    else await fixture.clock.advance(10_000);
    await fixture.deliver('alice@acme.test', sized(2_000));
    assert.equal(fixture.full.left(ACCOUNT) === null, isLeftOut, rule.name);
    assert.equal(fixture.full.snapshot(before) !== null, isLeftOut, 'the door hears of it');
    await fixture.setRules({ rules: [] });
    await fixture.deliver('alice@acme.test', sized(2_000));
    assert.notEqual(fixture.full.left(ACCOUNT), null, 'and of rules that are gone');
  }
});

test('O6: an account with room for usual mail is not full because one large mail did not fit', async () => {
  await using fixture = new MailboxFixture();
  fixture.quotaBytes = 10_000;
  await fixture.deliver('alice@acme.test', sized(5_000));
  assert.equal((await fixture.deliver('alice@acme.test', sized(6_000)))?.kind, 'later');
  assert.ok((fixture.full.left(ACCOUNT) ?? 0) > MAIL_BYTES);
});

test('RFC 1870 §6.1: a mail that is larger than the mailbox may ever hold is refused, and waits for nothing', async () => {
  await using fixture = new MailboxFixture();
  fixture.quotaBytes = 10_000;
  const answer = await fixture.deliver('alice@acme.test', sized(10_000));
  assert.deepEqual([answer?.kind, answer?.reply.code, answer?.reply.enhanced], ['refused', 552, '5.2.2']);
  assert.equal(fixture.full.left(ACCOUNT), null, 'the mailbox itself is empty');
});
