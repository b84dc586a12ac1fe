/** The row of an account, and the rows of its mailboxes, as a transaction holds and changes them. */
import type { Mailbox, MailboxId, MailboxName, SpecialUse } from '#/model/index.ts';
import type { Fields } from '../postgres/batch.ts';

export interface AccountRow {
  readonly id: number;
  version: number;
  modSeq: number;
  uidValidity: number;
  held: boolean;
  messages: number;
  bytes: number;
  recoverableMessages: number;
  recoverableBytes: number;
}

export interface MailboxRow {
  readonly id: MailboxId;
  name: MailboxName;
  specialUse: SpecialUse | null;
  readonly uidValidity: number;
  uidNext: number;
  modSeq: number;
  forgotten: number;
  messages: number;
  unseen: number;
  deleted: number;
  size: number;
  keywords: string;
}

/** Columns in the order in which `readAccount` takes them. */
export const ACCOUNT_COLUMNS =
  'id, version, mod_seq, uid_validity, held, messages, bytes, recoverable_messages, recoverable_bytes';

/** Columns in the order in which `readMailbox` takes them. */
export const MAILBOX_COLUMNS =
  'id, name, special_use, uid_validity, uid_next, mod_seq, forgotten, messages, unseen, deleted, size, keywords';

export function readAccount(fields: Fields): AccountRow {
  const at = (index: number): number => Number(fields[index]);
  return {
    id: at(0),
    version: at(1),
    modSeq: at(2),
    uidValidity: at(3),
    held: fields[4] === 't',
    messages: at(5),
    bytes: at(6),
    recoverableMessages: at(7),
    recoverableBytes: at(8),
  };
}

export function readMailbox(fields: Fields): MailboxRow {
  const at = (index: number): number => Number(fields[index]);
  return {
    id: (fields[0] ?? '') as MailboxId,
    name: (fields[1] ?? '') as MailboxName,
    specialUse: (fields[2] ?? null) as SpecialUse | null,
    uidValidity: at(3),
    uidNext: at(4),
    modSeq: at(5),
    forgotten: at(6),
    messages: at(7),
    unseen: at(8),
    deleted: at(9),
    size: at(10),
    keywords: fields[11] ?? '',
  };
}

/** As the port shows it. */
export function shown(row: MailboxRow, subscribed: boolean): Mailbox {
  return {
    id: row.id,
    name: row.name,
    specialUse: row.specialUse,
    subscribed,
    uidValidity: row.uidValidity,
    uidNext: row.uidNext,
    highestModSeq: row.modSeq,
    exists: row.messages,
    unseen: row.unseen,
    deleted: row.deleted,
    size: row.size,
  };
}
