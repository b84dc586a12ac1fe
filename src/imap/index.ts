/**
 * IMAP: people's clients read, change and bring mail here (RFC 9051, RFC 3501). The language is `codec/imap`, what is kept is behind
 * `ports/mailboxes.ts`; this room knows who asks, which mailbox they see, and how to tell them what others change.
 *
 * States: a connection is a `Connection` until its place and TLS are settled, then a `Dialogue` over a `Session`; a selected mailbox is a
 * `Selected`. Each file tells its own.
 *
 * What must never happen:
 * - a list or a message that is short because something failed: it is whole, or NO, or the end of the connection (O4);
 * - a message number that means another message to the client than to us; a UID that is said for another message;
 * - a password taken in the clear; anything heard before TLS believed after it;
 * - a wait, buffer or count without a bound (B3); memory by the message for each idle session.
 *
 * Carries O1, O3, O4, O7, C5, B3; RFC 9051, 3501 and what docs/rfc/imap.md lists.
 */
export type { ImapListener } from './service.ts';
export { IMAP_LIMITS, type ImapLimits, type ImapSettings, imapSettings } from './settings.ts';
export { type ImapParts, startImap } from './start.ts';
export type { ImapTls, ListenerKind as ImapListenerKind } from './world.ts';
