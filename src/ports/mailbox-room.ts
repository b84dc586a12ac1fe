/**
 * Room in mailboxes, as the door knows it: enough to say at RCPT what delivery would say later. Mail that it knows nothing of is accepted
 * and waits, so nothing hangs on it.
 */
import type { AccountKey } from '#/model/index.ts';

export interface MailboxRoom {
  /** Octets that an account still takes, where that is known to be little and all its mail needs room; null: nothing is known. Never waits. */
  left(account: AccountKey): number | null;
}

/** Nobody's mailbox is known to be full. */
export const ANY_ROOM: MailboxRoom = { left: () => null };
