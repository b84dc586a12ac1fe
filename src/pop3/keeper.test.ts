import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readMessage } from '#/codec/mime/index.ts';
import { type AccountKey, type MailAddress, type MailboxId, type TenantId, within } from '#/model/index.ts';
import type { Mailboxes } from '#/ports/index.ts';
import { openMemoryMailboxes } from '#/store/memory/index.ts';
import { FakeClock, Pop3Fixture } from '#/testkit/index.ts';

const ALICE: AccountKey = { tenant: 'acme' as TenantId, address: 'alice@acme.test' as MailAddress };
const letter = (number: number): string => `Subject: letter ${number}\r\n\r\n.text of ${number}\r\n`;

async function inboxOf(mailboxes: Mailboxes): Promise<MailboxId> {
  const [inbox] = (await mailboxes.list(ALICE, within(30_000))).filter(({ name }) => name === 'INBOX');
  assert.ok(inbox);
  return inbox.id;
}

async function append(mailboxes: Mailboxes, numbers: readonly number[]): Promise<void> {
  const mails = numbers.map((number) => {
    const content = Buffer.from(letter(number));
    return {
      content,
      facts: readMessage(content),
      flags: [],
      receivedAt: 0,
      uidl: number === 2 ? 'from-elsewhere' : null,
    };
  });
  await mailboxes.append(ALICE, await inboxOf(mailboxes), mails, { quotaBytes: null }, within(30_000));
}

test('O5: over the model of mailboxes: others deliver, expunge and purge while a session is open', async () => {
  const mailboxes = openMemoryMailboxes({ clock: new FakeClock() });
  await using pop3 = await Pop3Fixture.start({ mailboxes });
  await append(mailboxes, [1, 2, 3, 4]);
  using peer = await pop3.signedIn();
  const ids = await peer.gets('UIDL');
  assert.match(ids, /^1 \S+\r\n2 from-elsewhere\r\n3 \S+\r\n4 \S+\r\n$/);

  const inbox = await inboxOf(mailboxes);
  await append(mailboxes, [5]);
  await mailboxes.expunge(ALICE, inbox, [1, 3], true, within(30_000));
  assert.equal(await peer.gets('UIDL'), ids);
  assert.equal(await peer.gets('RETR 1'), letter(1));
  await mailboxes.purge(ALICE, Number.MAX_SAFE_INTEGER, 100, within(30_000));
  await peer.asks('RETR 1', '-ERR This message was deleted by another program');
  assert.equal(await peer.gets('RETR 4'), letter(4));

  // The first is gone already, the fourth is not: both are as asked when QUIT says yes, and nothing else has gone.
  await peer.asks('DELE 1', '+OK');
  await peer.asks('DELE 4', '+OK');
  await peer.asks('QUIT', '+OK 2 messages deleted');
  using again = await pop3.signedIn();
  assert.match(await again.gets('UIDL'), /^1 from-elsewhere\r\n2 \S+\r\n$/);
  assert.equal(await again.gets('RETR 2'), letter(5));
});

test('O3: what a client has deleted by mistake comes back with the unique-id that it knows', async () => {
  const mailboxes = openMemoryMailboxes({ clock: new FakeClock() });
  await using pop3 = await Pop3Fixture.start({ mailboxes });
  await append(mailboxes, [1, 2]);
  using peer = await pop3.signedIn();
  const before = (await peer.gets('UIDL')).split('\r\n')[0];
  await peer.asks('DELE 1', '+OK');
  await peer.asks('QUIT', '+OK');
  assert.equal(await mailboxes.recover(ALICE, { since: null, mailbox: null }, 10, within(30_000)), 1);
  using again = await pop3.signedIn();
  const after = (await again.gets('UIDL')).split('\r\n')[1];
  assert.equal(after?.split(' ')[1], before?.split(' ')[1]);
  assert.equal(await again.gets('RETR 2'), letter(1));
});
