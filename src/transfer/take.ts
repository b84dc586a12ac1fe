/**
 * Copies an account out into files: all of it, or an error. What is written has another name until it is whole.
 *
 * What must never happen: an octet that differs from what is kept; a message that is left out without a word; a file written over.
 */
import { rename, rm, stat } from 'node:fs/promises';
import { type AccountKey, type Call, INBOX, type Mailbox, type MailboxName, type Uid, within } from '#/model/index.ts';
import type { Clock, FullRow, Mailboxes } from '#/ports/index.ts';
import { EmlSink } from './eml-sink.ts';
import { aheadBytes, aheadMessages, contentBytes, questionMs, rowsAtOnce } from './limits.ts';
import { MaildirSink } from './maildir-sink.ts';
import { MboxSink } from './mbox-sink.ts';
import type { Format } from './open-source.ts';
import { patiently } from './patience.ts';
import { type FolderSink, type Sink, SinkTrouble } from './sink.ts';

export interface TakeOptions {
  readonly account: AccountKey;
  /** Must not be there. */
  readonly to: string;
  readonly format: Format;
  /** This mailbox alone; null: all. */
  readonly mailbox: MailboxName | null;
  readonly signal: AbortSignal;
}

export interface TakeParts {
  readonly mailboxes: Pick<Mailboxes, 'list' | 'maildrop' | 'octets' | 'rows' | 'subscriptions' | 'view'>;
  readonly clock: Pick<Clock, 'sleep'>;
  readonly onProgress: (done: number, of: number | null) => void;
}

export interface TakenFolder {
  readonly mailbox: MailboxName;
  readonly messages: number;
  readonly bytes: number;
  /** Deleted by somebody while it was copied. */
  readonly gone: number;
}

/** Rejects with a `SinkTrouble` where it can't be written so, with a fault where it can't be read. */
export async function take(options: TakeOptions, parts: TakeParts): Promise<readonly TakenFolder[]> {
  const { to, format, mailbox } = options;
  if (await isThere(to))
    throw new SinkTrouble(`${to} is there already. An export is always written anew: name another place.`);
  const unfinished = `${to}.unfinished`;
  if (await isThere(unfinished))
    throw new SinkTrouble(`${unfinished} is there: an export that ended early. Remove it first.`);
  try {
    const taken = await new Taking(options, parts, sinkOf(format, unfinished, mailbox !== null)).run();
    await rename(unfinished, to);
    return taken;
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    throw error;
  }
}

function sinkOf(format: Format, root: string, isAlone: boolean): Sink {
  if (format === 'maildir') return new MaildirSink(root, isAlone);
  return format === 'mbox' ? new MboxSink(root, isAlone) : new EmlSink(root, isAlone);
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  );
}

class Taking {
  readonly #options: TakeOptions;
  readonly #parts: TakeParts;
  readonly #sink: Sink;
  #done = 0;
  #of = 0;

  constructor(options: TakeOptions, parts: TakeParts, sink: Sink) {
    this.#options = options;
    this.#parts = parts;
    this.#sink = sink;
  }

  async run(): Promise<readonly TakenFolder[]> {
    const { mailboxes } = this.#parts;
    const { account, mailbox: wanted } = this.#options;
    const all = await this.#ask((call) => mailboxes.list(account, call));
    const chosen = all.filter(({ name }) => wanted === null || name === wanted);
    if (chosen.length === 0)
      throw new SinkTrouble(`There is no mailbox ${wanted}. There are: ${all.map(({ name }) => name).join(', ')}.`);
    this.#of = chosen.reduce((sum, { exists }) => sum + exists, 0);
    const taken: TakenFolder[] = [];
    for (const mailbox of chosen) taken.push(await this.#mailbox(mailbox));
    await this.#sink.finish(await this.#ask((call) => mailboxes.subscriptions(account, call)));
    return taken;
  }

  async #mailbox(mailbox: Mailbox): Promise<TakenFolder> {
    const { account } = this.#options;
    const view = await this.#ask((call) => this.#parts.mailboxes.view(account, mailbox.id, call));
    // Deleted since the list was read.
    const uids = view?.uids ?? new Uint32Array();
    const uidls = await this.#uidlsOf(mailbox);
    const folder = await this.#sink.open({ ...mailbox, uidNext: view?.uidNext ?? mailbox.uidNext });
    let [messages, bytes] = [0, 0];
    try {
      for await (const row of this.#rows(mailbox, uids)) {
        await this.#write(folder, row, uidls);
        messages += 1;
        bytes += row.size;
      }
    } finally {
      await folder.close();
    }
    return { mailbox: mailbox.name, messages, bytes, gone: uids.length - messages };
  }

  /** POP3 knows messages of INBOX alone. */
  async #uidlsOf({ name }: Mailbox): Promise<ReadonlyMap<Uid, string>> {
    if (name !== INBOX) return new Map();
    const { messages } = await this.#ask((call) => this.#parts.mailboxes.maildrop(this.#options.account, call));
    return new Map(messages.map(({ uid, uidl }) => [uid, uidl]));
  }

  /** Rows with their octets on the way, a few messages ahead. */
  async *#rows(
    { id }: Mailbox,
    uids: Uint32Array,
  ): AsyncGenerator<FullRow & { readonly content: Promise<Uint8Array> }> {
    const { account, signal } = this.#options;
    const none = { facts: false, head: false };
    for (let at = 0; at < uids.length; at += rowsAtOnce) {
      const page = [...uids.subarray(at, at + rowsAtOnce)];
      const rows = await this.#ask((call) => this.#parts.mailboxes.rows(account, id, page, none, call));
      for (const group of groupsOf(rows)) {
        signal.throwIfAborted();
        const loading = group.map((row) => ({ ...row, content: this.#octets(row) }));
        // One that fails is told when its turn comes; the others must not go unheard meanwhile.
        for (const { content } of loading) content.catch(() => {});
        yield* loading;
      }
    }
  }

  async #write(
    folder: FolderSink,
    row: FullRow & { readonly content: Promise<Uint8Array> },
    uidls: ReadonlyMap<Uid, string>,
  ): Promise<void> {
    const content = await row.content;
    const { uid, flags, receivedAt } = row;
    await folder.write({ uid, content, flags, receivedAt, uidl: uidls.get(uid) ?? null });
    this.#done += 1;
    this.#parts.onProgress(this.#done, this.#of);
  }

  async #octets({ emailId, size }: FullRow): Promise<Uint8Array> {
    const { account } = this.#options;
    const pieces: Uint8Array[] = [];
    for (let at = 0; at < size; ) {
      const piece = await this.#ask((call) => this.#parts.mailboxes.octets(account, emailId, at, contentBytes, call));
      if (piece.length === 0) break;
      pieces.push(piece);
      at += piece.length;
    }
    const content = Buffer.concat(pieces);
    if (content.length !== size) throw new Error(`A message of ${size} octets gave ${content.length}.`);
    return content;
  }

  #ask<T>(ask: (call: Call) => Promise<T>): Promise<T> {
    const { signal } = this.#options;
    return patiently(() => ask(within(questionMs, signal)), { clock: this.#parts.clock, signal });
  }
}

/** Rows that are loaded together: a few, and not too large together. */
function groupsOf(rows: readonly FullRow[]): readonly (readonly FullRow[])[] {
  const groups: FullRow[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const row of rows) {
    const last = groups.at(-1);
    bytes += row.size;
    if (last !== undefined && last.length < aheadMessages && bytes <= aheadBytes) last.push(row);
    else {
      groups.push([row]);
      bytes = row.size;
    }
  }
  return groups;
}
