/**
 * Mailboxes as a Maildir that Dovecot serves as it is: UIDs, UIDVALIDITY and UIDLs stand in `dovecot-uidlist`, so that no client notices.
 * Octets are those that were kept; the names say that their line ends are of the wire.
 */
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import {
  formatKeywords,
  formatMaildirFolder,
  formatMaildirName,
  formatSubscriptions,
  formatUidList,
  lettersOfFlags,
} from '#/codec/mail-files/index.ts';
import { INBOX, type Mailbox, type MailboxName } from '#/model/index.ts';
import { newFolder, writeNew } from './new-files.ts';
import { type FolderSink, type Sink, SinkTrouble } from './sink.ts';

/** Of a file name, on nearly all file systems. */
const NAME_BYTES_MAX = 255;

export class MaildirSink implements Sink {
  readonly #root: string;
  readonly #isAlone: boolean;

  /** `isAlone`: the one mailbox that comes is the Maildir itself. */
  constructor(root: string, isAlone: boolean) {
    this.#root = root;
    this.#isAlone = isAlone;
  }

  async open(mailbox: Mailbox): Promise<FolderSink> {
    const folder = this.#placeOf(mailbox.name);
    for (const part of ['cur', 'new', 'tmp']) await newFolder(join(folder, part));
    if (folder !== this.#root) await writeNew(join(folder, 'maildirfolder'), ['']);
    return new MaildirFolderSink(folder, mailbox);
  }

  async finish(subscribed: readonly MailboxName[]): Promise<void> {
    const levels = subscribed.map((name) => name.split('/').map((level) => formatMaildirFolder([level]).slice(1)));
    await writeNew(join(this.#root, 'subscriptions'), [formatSubscriptions(levels)]);
  }

  #placeOf(name: MailboxName): string {
    if (name === INBOX || this.#isAlone) return this.#root;
    const fileName = formatMaildirFolder(name.split('/'));
    if (Buffer.byteLength(fileName) <= NAME_BYTES_MAX) return join(this.#root, fileName);
    throw new SinkTrouble(`The name of ${name} is too long for a file of a Maildir. Export as eml.`);
  }
}

class MaildirFolderSink implements FolderSink {
  readonly #folder: string;
  readonly #mailbox: Mailbox;
  readonly #keywords: string[] = [];
  readonly #uids: { readonly base: string; readonly uid: number; readonly uidl: string | null }[] = [];

  constructor(folder: string, mailbox: Mailbox) {
    this.#folder = folder;
    this.#mailbox = mailbox;
  }

  async write({ uid, content, flags, receivedAt, uidl }: Parameters<FolderSink['write']>[0]): Promise<void> {
    const letters = lettersOfFlags(flags, this.#keywords);
    if (letters === null)
      throw new SinkTrouble(
        `${this.#mailbox.name} has more than 26 keywords, for which a Maildir has no letters. Export as eml or mbox.`,
      );
    const at = receivedAt ?? 0;
    const { length } = content;
    const unique = `M${String(at % 1_000).padStart(3, '0')}000U${uid}V${this.#mailbox.uidValidity}.holdfast`;
    const base = `${Math.floor(at / 1_000)}.${unique},S=${length},W=${length}`;
    const path = join(this.#folder, 'cur', formatMaildirName({ base, letters }));
    await writeNew(path, [content]);
    await utimes(path, at / 1_000, at / 1_000);
    this.#uids.push({ base, uid, uidl });
  }

  async close(): Promise<void> {
    const { uidValidity, uidNext } = this.#mailbox;
    const list = formatUidList({ uidValidity, uidNext }, this.#uids);
    await writeNew(join(this.#folder, 'dovecot-uidlist'), [list]);
    if (this.#keywords.length > 0)
      await writeNew(join(this.#folder, 'dovecot-keywords'), [formatKeywords(this.#keywords)]);
  }
}
