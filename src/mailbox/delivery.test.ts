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
  const call = within(5_000);
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
  await fixture.mailboxes.create(ACCOUNT, 'lists' as MailboxName, null, within(5_000));
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
