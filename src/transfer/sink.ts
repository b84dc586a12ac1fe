/** Where mail goes to: files of one form. */
import type { FileMessage } from '#/codec/mail-files/index.ts';
import type { Mailbox, MailboxName, Uid } from '#/model/index.ts';

export interface Sink {
  /** Makes room for a mailbox. Rejects with a `SinkTrouble` where its name or flags can't be written in this form. */
  open(mailbox: Mailbox): Promise<FolderSink>;
  /** What is written once, when all mailboxes are. */
  finish(subscribed: readonly MailboxName[]): Promise<void>;
}

export interface FolderSink {
  /** One after the other, by rising UID. */
  write(message: FileMessage & { readonly uid: Uid }): Promise<void>;
  close(): Promise<void>;
}

/** It can't be written in this form, or here. Nothing was left half-done under the name that was asked for. */
export class SinkTrouble extends Error {
  override name = 'SinkTrouble';
}
