/** A process for the tests of durability: delivers and appends, tells each answer on its output, and is killed at its work. */
import { writeSync } from 'node:fs';
import type { AccountKey, MailAddress, MailId } from '#/model/index.ts';
import { newMailId } from '#/model/index.ts';
import { letter, NO_LIMITS, nameOf } from '../contract/mail-samples.ts';
import { ACME, soon } from '../contract/samples.ts';
import { openMailboxesIn } from './fixture.ts';

const mailboxes = await openMailboxesIn(process.argv[2] ?? '');

async function work(account: AccountKey): Promise<void> {
  for (;;) {
    const key = { message: newMailId(Date.now()), recipient: 1 };
    const text = `${key.message} ${'words '.repeat(500)}`;
    await mailboxes.deliver(
      account,
      { key, mail: letter({ subject: key.message, text }), into: nameOf('INBOX'), limits: NO_LIMITS },
      soon(),
    );
    writeSync(1, `${account.address} ${key.message}\n`);
    // Nobody waits for this one.
    void again(account, key.message);
  }
}

async function again(account: AccountKey, message: MailId): Promise<void> {
  const delivery = { key: { message, recipient: 1 }, mail: letter(), into: nameOf('INBOX'), limits: NO_LIMITS };
  await mailboxes.deliver(account, delivery, soon());
}

const people = ['a', 'b', 'c'].map((name) => ({ tenant: ACME, address: `${name}@acme.test` as MailAddress }));
await Promise.all(people.flatMap((account) => [work(account), work(account), work(account)]));
