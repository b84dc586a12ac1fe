/** New mailboxes: those that every account has, and those that people make. */
import type { MailboxName, SpecialUse } from '#/model/index.ts';
import { newMailboxId, nextUidValidity } from '../mailbox/index.ts';
import type { Prepared, StepValue } from '../postgres/batch.ts';
import type { MailboxRow } from './account-row.ts';
import type { Change } from './change.ts';

const INSERT: Prepared = {
  name: 'insert-mailbox',
  text: `INSERT INTO mailbox (account, id, name, special_use, uid_validity, uid_next, mod_seq, forgotten, messages, unseen,
      deleted, size, keywords)
    VALUES ($1::int8, $2::text, $3::text, $4::text, $5::int8, 1, $6::int8, 0, 0, 0, 0, 0, '')`,
};

/** Makes a mailbox in this transaction. */
export function makeMailbox(change: Change, name: MailboxName, specialUse: SpecialUse | null): MailboxRow {
  const { account, now } = change;
  const modSeq = change.nextModSeq();
  account.uidValidity = nextUidValidity(now, account.uidValidity);
  const row: MailboxRow = {
    id: newMailboxId(now),
    name,
    specialUse,
    uidValidity: account.uidValidity,
    uidNext: 1,
    modSeq,
    forgotten: 0,
    messages: 0,
    unseen: 0,
    deleted: 0,
    size: 0,
    keywords: '',
  };
  const values: StepValue[] = [row.id, name, specialUse, row.uidValidity, modSeq];
  change.write(INSERT, ...values);
  return change.made(row);
}
