import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INBOX, type MailboxName, type MailId, within } from '#/model/index.ts';
import { ACCOUNT, MailboxFixture } from '#/testkit/index.ts';

test('RFC 5321 §4.4: a delivered mail begins with whom it is from, and then is what was accepted, octet for octet', async () => {
  const fixture = new MailboxFixture();
  const content = Buffer.concat([
    Buffer.from('Subject: odd\r\n\r\n'),
    Buffer.from([0, 10, 13, 255]),
    Buffer.from('\r\n'),
  ]);
  const body = { kind: 'memory', chunks: [content.subarray(0, 5), content.subarray(5)], size: content.length } as const;
  assert.equal((await fixture.deliver('alice@acme.test', { body }))?.kind, 'stored');
  const call = within(30_000);
  const drop = await fixture.mailboxes.maildrop(ACCOUNT, call);
  const [message] = drop.messages;
  assert.ok(message);
  const kept = await fixture.mailboxes.octets(ACCOUNT, message.emailId, 0, message.size, call);
  assert.deepEqual(Buffer.from(kept), Buffer.concat([Buffer.from('Return-Path: <x@world.test>\r\n'), content]));
});

test('design 1: a mail that is delivered again under its id and recipient is there once', async () => {
  const fixture = new MailboxFixture();
  const id = 'ABCDEFGH12345678' as MailId;
  for (let i = 0; i < 3; i++) assert.equal((await fixture.deliver('alice@acme.test', { id }))?.kind, 'stored');
  assert.deepEqual(await fixture.subjects(), ['hello']);
});

test('RFC 5233 §1: a detail sorts into the mailbox of that name where there is one, else into INBOX', async () => {
  const fixture = new MailboxFixture();
  await fixture.mailboxes.create(ACCOUNT, 'lists' as MailboxName, null, within(30_000));
  await fixture.deliver('alice@acme.test', { original: 'alice+lists@acme.test' });
  await fixture.deliver('alice@acme.test', { original: 'alice+other@acme.test' });
  await fixture.deliver('alice@acme.test', { original: 'alice+../lists@acme.test' });
  for (const use of ['Trash', 'Sent', 'Junk'])
    await fixture.deliver('alice@acme.test', { original: `alice+${use}@acme.test` });
  assert.deepEqual([(await fixture.subjects('lists')).length, (await fixture.subjects(INBOX)).length], [1, 5]);
  for (const use of ['Trash', 'Sent', 'Junk'])
    assert.deepEqual(await fixture.subjects(use), [], 'a stranger hides no mail');
});

test('C5: an address that is nobody’s is refused, and waits while the directory is out of date', async () => {
  const fixture = new MailboxFixture();
  assert.deepEqual((await fixture.deliver('nobody@acme.test'))?.reply.code, 550);
  fixture.stale = true;
  assert.deepEqual((await fixture.deliver('nobody@acme.test'))?.kind, 'later');
});

test('O6: a full mailbox lets mail wait, and its owner is warned once, at 90 percent', async () => {
  const fixture = new MailboxFixture();
  fixture.quotaBytes = 1_000;
  let stored = 0;
  while ((await fixture.deliver('alice@acme.test'))?.kind === 'stored') stored += 1;
  const answer = await fixture.deliver('alice@acme.test');
  assert.deepEqual([answer?.kind, answer?.reply.code, answer?.reply.enhanced], ['later', 452, '4.2.2']);
  const subjects = await fixture.subjects();
  assert.equal(subjects.filter((subject) => subject === 'hello').length, stored);
  assert.deepEqual(
    subjects.filter((subject) => subject !== 'hello'),
    ['Your mailbox is nearly full'],
  );
});

const FORWARD = { name: 'away', action: { forward: 'y@else.test', keep: false } };

async function ruled(rules: unknown): Promise<MailboxFixture> {
  const fixture = new MailboxFixture();
  await fixture.setRules(rules);
  return fixture;
}

test('design 1: a rule moves mail into a mailbox that is made for it, with its marks, and the detail has no say then', async () => {
  const fixture = await ruled({ rules: [{ name: 'p', action: { move: 'Projects/2026', mark: ['seen', 'Own'] } }] });
  const answer = await fixture.deliver('alice@acme.test', { original: 'alice+Archive@acme.test' });
  assert.deepEqual([answer?.kind, answer?.births], ['stored', []]);
  assert.ok(!answer?.reply.text.includes('Projects'), 'a sender may be told what is said here');
  const call = within(5_000);
  const mailbox = await fixture.mailboxes.find(ACCOUNT, 'Projects/2026' as MailboxName, call);
  assert.deepEqual([mailbox?.exists, mailbox?.unseen, mailbox?.subscribed], [1, 0, true]);
});

test('design 1: forwards and answers are named with the delivery, and asked again it says the same and keeps one copy', async () => {
  const rules = [{ name: 'copy', action: { forward: ['y@else.test', 'bob@acme.test'] } }];
  const fixture = await ruled({ rules, vacation: { text: 'Away.' } });
  const id = 'ABCDEFGH12345678' as MailId;
  const chunks = [Buffer.from('From: x@world.test\r\nTo: alice@acme.test\r\nSubject: hello\r\n\r\nhi\r\n')];
  const body = { kind: 'memory', chunks, size: chunks[0]?.length ?? 0 } as const;
  for (let i = 0; i < 3; i++) {
    const answer = await fixture.deliver('alice@acme.test', { id, body });
    const [forward, reply] = answer?.births ?? [];
    assert.equal(answer?.kind, 'stored');
    assert.deepEqual(forward, { kind: 'forward', by: ACCOUNT, to: ['y@else.test', 'bob@acme.test'], kept: true });
    assert.ok(reply?.kind === 'answer' && reply.to === 'x@world.test');
  }
  assert.deepEqual(await fixture.subjects(), ['hello']);
  const next = await fixture.deliver('alice@acme.test', { body });
  assert.deepEqual(
    next?.births?.map(({ kind }) => kind),
    ['forward'],
    'RFC 5230 §4.2: answered lately',
  );
});

test('design 1: what is not to be kept is passed on or discarded, and no mailbox has it, however full', async () => {
  const fixture = await ruled({ rules: [FORWARD] });
  fixture.quotaBytes = 1;
  const passed = await fixture.deliver('alice@acme.test');
  assert.deepEqual([passed?.kind, passed?.births?.length], ['passed', 1]);
  await fixture.setRules({ rules: [{ name: 'noise', action: { discard: true } }] });
  const discarded = await fixture.deliver('alice@acme.test');
  assert.equal(discarded?.kind, 'discarded');
  assert.match(discarded?.reply.text ?? '', /"noise"/);
  assert.deepEqual(await fixture.subjects(), []);
});

test('O6: a full mailbox lets mail wait with all that its rules would make of it', async () => {
  const fixture = await ruled({ rules: [{ name: 'copy', action: { forward: 'y@else.test' } }] });
  fixture.quotaBytes = 120;
  assert.equal((await fixture.deliver('alice@acme.test'))?.births?.length, 1);
  const answer = await fixture.deliver('alice@acme.test');
  assert.deepEqual([answer?.kind, answer?.births], ['later', undefined]);
});

test('O6: mail that goes in a circle, and mail with rules that nobody understands, is kept', async () => {
  const fixture = await ruled({ rules: [FORWARD] });
  const chunks = [Buffer.from('Delivered-To: alice@acme.test\r\nSubject: again\r\n\r\nhi\r\n')];
  const body = { kind: 'memory', chunks, size: chunks[0]?.length ?? 0 } as const;
  assert.equal((await fixture.deliver('alice@acme.test', { body }))?.kind, 'stored');
  for (const text of ['{"rules":7}', 'no JSON', '{"later":{}}']) {
    await fixture.mailboxes.setRules(ACCOUNT, text, within(5_000));
    await fixture.clock.advance(60_000);
    assert.equal((await fixture.deliver('alice@acme.test'))?.kind, 'stored', text);
  }
  assert.deepEqual(await fixture.subjects(), ['again', 'hello', 'hello', 'hello']);
});

test('O6: mail that came by a group is kept instead of forwarded to the group, and the log says so', async () => {
  const fixture = await ruled({ rules: [{ name: 'team', action: { forward: 'team@acme.test', keep: false } }] });
  const answer = await fixture.deliver('alice@acme.test', { original: 'team@acme.test' });
  assert.deepEqual([answer?.kind, answer?.births], ['stored', []]);
  assert.deepEqual(await fixture.subjects(), ['hello']);
  assert.equal(fixture.log.lines.filter(({ event }) => event === 'mailbox.forward-ended').length, 1);
  assert.equal((await fixture.deliver('alice@acme.test'))?.kind, 'passed');
});

test('O3: a turn of the event loop has one decision, however many recipients a mail has', async (t) => {
  const fixture = await ruled({ rules: [{ name: 'noise', action: { discard: true } }] });
  const decisions: number[] = [];
  let turn = 0;
  let isOver = false;
  const next = (): void => {
    turn += 1;
    if (!isOver) setImmediate(next);
  };
  setImmediate(next);
  // Each decision asks for the time once; the two deliveries did before.
  const now = fixture.clock.now();
  t.mock.method(fixture.clock, 'now', () => {
    decisions.push(turn);
    return now;
  });
  const recipient = { address: ACCOUNT.address, original: null };
  const recipients = Array.from({ length: 40 }, (_, n) => ({ ...recipient, n: n + 1 }));
  const mails = [
    { recipients, receivedAt: 0 },
    { recipients, receivedAt: 0 },
  ];
  await Promise.all(mails.map((mail) => fixture.deliver('alice@acme.test', mail)));
  isOver = true;
  const later = decisions.filter((at) => at > 0);
  assert.equal(later.length, 80);
  assert.equal(new Set(later).size, 80);
});

test('RFC 9051 §5.1: a mailbox that can not be made leaves mail in INBOX', async () => {
  const deep = Array.from({ length: 60 }, () => 'x').join('/');
  const fixture = await ruled({ rules: [{ name: 'deep', action: { move: deep } }] });
  assert.equal((await fixture.deliver('alice@acme.test'))?.kind, 'stored');
  assert.deepEqual(await fixture.subjects(), ['hello']);
});
