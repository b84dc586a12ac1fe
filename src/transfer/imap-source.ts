/**
 * Another server's account, read by IMAP (RFC 9051) without changing anything there: mailboxes are examined, messages peeked at.
 *
 * States: connected, until it is closed or the connection is lost; then every call rejects with a `SourceTrouble` that may be tried again.
 * What must never happen: a flag that changes over there; the password in an error, a log or a report; memory by the other server's leave.
 */
import type { Socket } from 'node:net';
import { type FetchMessageObject, ImapFlow, type ListResponse, type MailboxObject } from 'imapflow';
import type { UidlFormat } from '#/codec/mail-files/index.ts';
import type { SpecialUse } from '#/model/index.ts';
import { isRefusal, troubleOf, wordsOf } from './imap-trouble.ts';
import { batchMessages, knownIdsMax, lineBytesMax, silenceMs } from './limits.ts';
import { type Listed, type Loaded, type Source, type SourceFolder, SourceTrouble } from './source.ts';

export interface ImapOptions {
  readonly host: string;
  readonly user: string;
  readonly password: string;
  /** Certificates (PEM) of all authorities that are trusted. */
  readonly trusted: readonly string[];
  readonly messageBytesMax: number;
  readonly uidlFormat: UidlFormat;
  /** Only these, by their names over there; null: all. */
  readonly folders: readonly string[] | null;
  readonly signal: AbortSignal;
}

interface ImapFolder extends SourceFolder {
  /** Shows messages of other folders too. */
  readonly showsAll: boolean;
}

interface ImapMail extends Listed {
  readonly uid: number;
  readonly bytes: number;
  readonly uidl: string | null;
  /** Why it is not asked for. */
  readonly trouble: string | null;
}

const USES: readonly SpecialUse[] = ['Archive', 'Drafts', 'Junk', 'Sent', 'Trash'];

/** Signs in over a connection that the caller has dialled. Rejects with a `SourceTrouble`. */
export async function openImapSource(socket: Socket, options: ImapOptions): Promise<Source> {
  const { host, user, password, trusted, messageBytesMax, signal } = options;
  const client = new ImapFlow({
    host,
    secure: true,
    auth: { user, pass: password },
    tls: { socket, ca: [...trusted], minVersion: 'TLSv1.2' },
    clientInfo: { name: 'Holdfast' },
    disableAutoIdle: true,
    logger: false,
    connectionTimeout: silenceMs,
    greetingTimeout: silenceMs,
    socketTimeout: silenceMs,
    maxLineLength: lineBytesMax,
    // Twice: some servers tell sizes that are not those of the octets.
    maxLiteralSize: 2 * messageBytesMax + lineBytesMax,
    maxResponseSize: 2 * messageBytesMax + 2 * lineBytesMax,
  });
  // What it says belongs to the call that is under way, which hears of it too.
  client.on('error', () => {});
  const stop = (): void => client.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    await client.connect();
  } catch (error) {
    client.close();
    socket.destroy();
    throw troubleOf(error, host);
  }
  return new ImapSource(client, options, () => signal.removeEventListener('abort', stop));
}

class ImapSource implements Source {
  readonly notes: string[] = [];
  readonly #client: ImapFlow;
  readonly #options: ImapOptions;
  readonly #ended: () => void;
  /** Messages of other folders, by the names that the server gives them (RFC 8474 §5.1), for a folder that shows all. */
  readonly #known = new Set<string>();

  constructor(client: ImapFlow, options: ImapOptions, ended: () => void) {
    this.#client = client;
    this.#options = options;
    this.#ended = ended;
  }

  async folders(): Promise<readonly ImapFolder[]> {
    const listed = await this.#ask(() => this.#client.list({ statusQuery: { messages: true } }));
    const selectable = listed.filter(({ flags }) => !flags.has('\\Noselect') && !flags.has('\\NonExistent'));
    const wanted = selectable.filter((entry) => this.#isWanted(entry));
    const missing = (this.#options.folders ?? []).filter((name) => !selectable.some(({ path }) => path === name));
    if (missing.length > 0)
      throw new SourceTrouble(
        `There is no folder ${missing.join(', ')} over there. There are: ${selectable.map(({ path }) => path).join(', ')}.`,
        false,
      );
    const prefix = this.#prefix();
    return wanted.map((entry) => folderOf(entry, prefix)).sort((a, b) => rank(a) - rank(b));
  }

  async *batches(folder: ImapFolder): AsyncGenerator<readonly ImapMail[]> {
    const { path } = folder;
    const opened = await this.#open(path);
    if (typeof opened === 'string') {
      const trouble = `The other server does not open it: ${opened}.`;
      yield [{ name: 'the whole folder', key: ['unopened', path], uid: 0, bytes: 0, uidl: null, trouble }];
      return;
    }
    const rows = await this.#rows(folder, opened.exists);
    for (let at = 0; at < rows.length; at += batchMessages) {
      const page = rows.slice(at, at + batchMessages);
      yield page.map(([uid, bytes]) => this.#listed(folder, uid, bytes, Number(opened.uidValidity)));
    }
  }

  async *load(_folder: ImapFolder, wanted: readonly ImapMail[]): AsyncGenerator<Loaded> {
    for (const listed of wanted) if (listed.trouble !== null) yield { listed, trouble: listed.trouble };
    const fitting = wanted.filter(({ trouble }) => trouble === null);
    const left = new Map(fitting.map((listed) => [listed.uid, listed]));
    try {
      yield* this.#fetched(left);
    } catch (error) {
      if (!isRefusal(error)) throw troubleOf(error, this.#options.host);
      // One message that the server can't give keeps it from giving the others: one by one then.
      for (const listed of [...left.values()]) yield* this.#alone(listed);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended();
    const late = AbortSignal.timeout(2_000);
    late.addEventListener('abort', () => this.#client.close(), { once: true });
    await this.#client.logout().catch(() => {});
    this.#client.close();
  }

  /** Takes from `left` what came. */
  async *#fetched(left: Map<number, ImapMail>): AsyncGenerator<Loaded> {
    if (left.size === 0) return;
    const query = { uid: true, flags: true, internalDate: true, source: true };
    for await (const row of this.#client.fetch(setOf([...left.keys()]), query, { uid: true })) {
      const listed = left.get(row.uid);
      if (listed === undefined) continue;
      left.delete(row.uid);
      yield loadedOf(listed, row);
    }
  }

  async *#alone(listed: ImapMail): AsyncGenerator<Loaded> {
    try {
      yield* this.#fetched(new Map([[listed.uid, listed]]));
    } catch (error) {
      if (!isRefusal(error)) throw troubleOf(error, this.#options.host);
      yield { listed, trouble: `The other server does not give it: ${wordsOf(error)}.` };
    }
  }

  #isWanted({ path, specialUse }: ListResponse): boolean {
    const { folders } = this.#options;
    if (folders !== null) return folders.includes(path);
    if (specialUse !== '\\Flagged') return true;
    this.notes.push(`${path} was left out: it shows messages that lie in other folders.`);
    return false;
  }

  /** UIDs and sizes of a folder, rising: all of them, or a trouble. Pairs, as there may be millions. */
  async #rows(folder: ImapFolder, exists: number): Promise<readonly (readonly [uid: number, bytes: number])[]> {
    if (exists === 0) return [];
    const rows: (readonly [number, number])[] = [];
    let seen = 0;
    try {
      for await (const row of this.#client.fetch('1:*', { uid: true, size: true }, { uid: true })) {
        seen += 1;
        if (this.#isNew(folder, row.emailId)) rows.push([row.uid, row.size ?? 0]);
      }
    } catch (error) {
      throw troubleOf(error, this.#options.host);
    }
    const left = this.#client.mailbox === false ? exists : Math.min(exists, this.#client.mailbox?.exists ?? exists);
    if (seen < left)
      throw new SourceTrouble(`${this.#options.host} listed ${seen} of ${left} messages of ${folder.path}.`, true);
    return rows.sort(([a], [b]) => a - b);
  }

  /** The mailbox, or why it can't be opened. */
  async #open(path: string): Promise<MailboxObject | string> {
    try {
      return await this.#client.mailboxOpen(path, { readOnly: true });
    } catch (error) {
      if (!isRefusal(error)) throw troubleOf(error, this.#options.host);
      return wordsOf(error);
    }
  }

  #isNew({ showsAll }: ImapFolder, emailId: string | undefined): boolean {
    if (emailId === undefined || this.#options.folders !== null) return true;
    if (showsAll) return !this.#known.has(emailId);
    if (this.#known.size < knownIdsMax) this.#known.add(emailId);
    return true;
  }

  #listed({ path }: ImapFolder, uid: number, bytes: number, uidValidity: number): ImapMail {
    const { host, user, uidlFormat, messageBytesMax } = this.#options;
    const uidl = path.toUpperCase() === 'INBOX' ? uidlFormat({ uid, uidValidity, fileName: null }) : null;
    const trouble =
      bytes > messageBytesMax ? `It has ${bytes} octets; limits.messageBytes allows ${messageBytesMax}.` : null;
    // RFC 9051 §2.3.1.1: UIDs mean nothing beyond their server; another one may well have the same user, UIDVALIDITY and UID.
    const key = ['imap', host.toLowerCase(), user, path, uidValidity, uid];
    return { name: `UID ${uid}`, key, uid, bytes, uidl, trouble };
  }

  /** What all names of a person's own folders begin with, such as `INBOX.` (RFC 2342 §5). */
  #prefix(): string {
    const { namespace } = this.#client as { readonly namespace?: { readonly prefix?: unknown } };
    return typeof namespace?.prefix === 'string' ? namespace.prefix : '';
  }

  async #ask<T>(ask: () => Promise<T>): Promise<T> {
    try {
      return await ask();
    } catch (error) {
      throw troubleOf(error, this.#options.host);
    }
  }
}

function folderOf(entry: ListResponse, prefix: string): ImapFolder {
  const { path, delimiter, specialUse, subscribed, status } = entry;
  const own =
    prefix !== '' && path.startsWith(prefix) && path.length > prefix.length ? path.slice(prefix.length) : path;
  const use = USES.find((each) => `\\${each}` === specialUse) ?? null;
  return {
    path,
    levels: delimiter ? own.split(delimiter) : [own],
    specialUse: specialUse === '\\All' ? 'Archive' : use,
    subscribed: subscribed ?? null,
    messages: status?.messages ?? null,
    showsAll: specialUse === '\\All',
  };
}

// What shows all comes last, when it is known what lies elsewhere.
function rank({ path, showsAll }: ImapFolder): number {
  if (path.toUpperCase() === 'INBOX') return 0;
  return showsAll ? 2 : 1;
}

function loadedOf(listed: ImapMail, { source, flags, internalDate }: FetchMessageObject): Loaded {
  if (source === undefined) return { listed, trouble: 'The other server gave no octets of it.' };
  const at = internalDate === undefined ? Number.NaN : new Date(internalDate).getTime();
  const receivedAt = Number.isNaN(at) ? null : at;
  return { listed, mail: { content: source, flags: [...(flags ?? [])], receivedAt, uidl: listed.uidl } };
}

/** UIDs, rising, as a set (RFC 9051 §9, sequence-set). */
function setOf(uids: readonly number[]): string {
  const spans: [number, number][] = [];
  for (const uid of uids) {
    const last = spans.at(-1);
    if (last !== undefined && last[1] + 1 === uid) last[1] = uid;
    else spans.push([uid, uid]);
  }
  return spans.map(([from, to]) => (from === to ? `${from}` : `${from}:${to}`)).join(',');
}
