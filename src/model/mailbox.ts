/** Words of mailboxes (RFC 9051, RFC 8474): accounts, their mailboxes, and the messages in them. */
import type { MailAddress } from './mail-address.ts';
import type { TenantId } from './tenant.ts';

/** Whose mailboxes: a user by the address that signs in. One account is one unit of storage, locking and purge. */
export interface AccountKey {
  readonly tenant: TenantId;
  readonly address: MailAddress;
}

/** MAILBOXID (RFC 8474 §4.1): never changes, not by a rename either, and is never given again. */
export type MailboxId = string & { readonly __brand: 'MailboxId' };

/** EMAILID (RFC 8474 §5.1): the same octets in several mailboxes have one. */
export type EmailId = string & { readonly __brand: 'EmailId' };

/** THREADID (RFC 8474 §5.2). */
export type ThreadId = string & { readonly __brand: 'ThreadId' };

/** Unique identifier of a message in one mailbox (RFC 9051 §2.3.1.1): from 1, only ever rising, 32 bit. */
export type Uid = number;

/** Modification sequence (RFC 7162 §3.1): one counter for the whole account, so each mailbox's only grows. Below 2^53. */
export type ModSeq = number;

/**
 * A mailbox's name: levels parted by `/`, in UTF-8 (NFC), 1 to 1,000 octets, no control characters and no empty level. `INBOX` in
 * capitals is the one mailbox that always is (RFC 9051 §5.1).
 */
export type MailboxName = string & { readonly __brand: 'MailboxName' };

/** What a mailbox is for (RFC 6154 §2), without the backslash. */
export type SpecialUse = 'Archive' | 'Drafts' | 'Flagged' | 'Junk' | 'Sent' | 'Trash';

/** As on the wire: `\Seen`, `\Answered`, `\Flagged`, `\Deleted`, `\Draft`, or a keyword (RFC 9051 §2.3.2). Keywords keep the case of their first use and compare without it. */
export type Flag = string;

/** One mailbox and its counts at one moment. */
export interface Mailbox {
  readonly id: MailboxId;
  readonly name: MailboxName;
  readonly specialUse: SpecialUse | null;
  readonly subscribed: boolean;
  readonly uidValidity: number;
  readonly uidNext: Uid;
  readonly highestModSeq: ModSeq;
  readonly exists: number;
  readonly unseen: number;
  /** With `\Deleted`, not expunged yet. */
  readonly deleted: number;
  /** Octets of all messages. */
  readonly size: number;
}

/** A message in a mailbox: what changes of it, and what clients ask for most. */
export interface MessageRow {
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  readonly flags: readonly Flag[];
  readonly emailId: EmailId;
  readonly threadId: ThreadId;
  /** INTERNALDATE, wall-clock ms. */
  readonly receivedAt: number;
  /** SAVEDATE, wall-clock ms: when it came into this mailbox (RFC 8514). */
  readonly savedAt: number;
  /** RFC822.SIZE, octets. */
  readonly size: number;
}

/** The one mailbox that always is (RFC 9051 §5.1). */
export const INBOX = 'INBOX' as MailboxName;
