/** Object ids (RFC 8474) are numbers of the account in base 36, behind a letter that says of what. */
import type { AccountKey, EmailId, MailboxId, ThreadId } from '#/model/index.ts';

export function mailboxIdOf(mailbox: number): MailboxId {
  return `F${mailbox.toString(36)}` as MailboxId;
}

export function emailIdOf(message: number): EmailId {
  return `M${message.toString(36)}` as EmailId;
}

export function threadIdOf(thread: number): ThreadId {
  return `T${thread.toString(36)}` as ThreadId;
}

/** -1, which nothing has, for what is no id of ours. */
export function numberOf(id: MailboxId | EmailId): number {
  return /^[FM][0-9a-z]{1,10}$/.test(id) ? Number.parseInt(id.slice(1), 36) : -1;
}

/** An account as one text; no address and no tenant holds a NUL. */
export function accountName({ tenant, address }: AccountKey): string {
  return `${tenant}\0${address}`;
}
