/**
 * Whole mailboxes on the move: into an account from files (Maildir, mbox, `.eml`) or by IMAP from another server, and out of it into files.
 *
 *   source ─▶ folders ─▶ batches ─▶ those that no run brought ─▶ octets ─▶ `Mailboxes.deliver` under a key of the source
 *   account ─▶ mailboxes ─▶ pages ─▶ octets ─▶ sink, which has its name only when it is whole
 *
 * A run that was ended, in whatever way, is begun again and goes on: the keys say what came, and nothing else is kept of it.
 *
 * What must never happen: a message that is there twice or not at all; an octet that differs; an export that looks whole and is not; a
 * file read that a link of somebody else points to; a password in a report.
 *
 * Carries O1; RFC 6154 (special use), RFC 1939 §7 (UIDLs that clients know stay).
 */
export { bring } from './bring.ts';
export { type ImapOptions, openImapSource } from './imap-source.ts';
export { type FolderCount, Ledger, type Refused } from './ledger.ts';
export { type FilesOptions, FORMATS, type Format, openFilesSource } from './open-source.ts';
export { transferOperations } from './operations.ts';
export { pull } from './pull.ts';
export { SinkTrouble } from './sink.ts';
export { SourceTrouble } from './source.ts';
export { type TakenFolder, take } from './take.ts';
