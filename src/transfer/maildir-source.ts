/**
 * A Maildir with its folders, as Dovecot and Courier keep them: beside each other with dots (`.Sent.2026`) or in each other (`LAYOUT=fs`).
 * UIDLs of INBOX are those that Dovecot's POP3 server gives: kept in `dovecot-uidlist`, else made of UID and UIDVALIDITY.
 */
import { join } from 'node:path';
import {
  type DovecotUidList,
  flagsOfLetters,
  parseKeywords,
  parseMaildirFolder,
  parseMaildirLevel,
  parseMaildirName,
  parseSubscriptions,
  parseUidList,
  toWire,
  type UidlFormat,
} from '#/codec/mail-files/index.ts';
import { batchMessages, depthMax, listBytesMax } from './limits.ts';
import { namesIn, readText, readWhole } from './open-files.ts';
import { type Listed, type Loaded, type Source, type SourceFolder, SourceTrouble } from './source.ts';
import { unpacked } from './unpack.ts';

export interface MaildirOptions {
  readonly root: string;
  readonly messageBytesMax: number;
  readonly uidlFormat: UidlFormat;
}

interface MaildirFolder extends SourceFolder {
  readonly place: string;
}

interface MaildirFile extends Listed {
  readonly base: string;
  readonly sub: 'cur' | 'new';
  readonly uid: number | null;
  readonly uidl: string | null;
}

const PARTS = ['cur', 'new', 'tmp'];

/** Whether a folder is a Maildir, with its parts or with folders that have them. */
export async function isMaildir(root: string): Promise<boolean> {
  return (await foldersBelow(root)).length > 0;
}

export class MaildirSource implements Source {
  readonly notes: string[] = [];
  readonly #options: MaildirOptions;
  readonly #keywords = new Map<string, readonly (string | undefined)[]>();

  constructor(options: MaildirOptions) {
    this.#options = options;
  }

  async folders(): Promise<readonly MaildirFolder[]> {
    const { root } = this.#options;
    const text = await readText(join(root, 'subscriptions'), listBytesMax);
    const subscribed = text === null ? null : new Set(parseSubscriptions(text).map(keyOf));
    const found = await foldersBelow(root);
    return found.map((folder) => ({
      ...folder,
      subscribed: subscribed === null ? null : subscribed.has(keyOf(folder.levels)),
    }));
  }

  async *batches(folder: MaildirFolder): AsyncGenerator<readonly MaildirFile[]> {
    const uids = await uidsOf(folder.place);
    const keywords = await readText(join(folder.place, 'dovecot-keywords'), listBytesMax);
    this.#keywords.set(folder.path, parseKeywords(keywords ?? ''));
    const files = await this.#filesOf(folder, uids);
    for (let at = 0; at < files.length; at += batchMessages) yield files.slice(at, at + batchMessages);
  }

  async *load(folder: MaildirFolder, wanted: readonly MaildirFile[]): AsyncGenerator<Loaded> {
    let names: ReadonlyMap<string, string> | null = null;
    for (const listed of wanted) {
      let loaded = await this.#read(folder, listed, join(listed.sub, listed.name));
      // A change of flags has given it another name.
      names ??= loaded === null ? await namesByBase(folder.place) : null;
      const renamed = names?.get(listed.base);
      if (loaded === null && renamed !== undefined) loaded = await this.#read(folder, listed, renamed);
      if (loaded !== null) yield loaded;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #filesOf({ path, place }: MaildirFolder, uids: DovecotUidList | null): Promise<readonly MaildirFile[]> {
    const isInbox = path === 'INBOX';
    const files: MaildirFile[] = [];
    for (const sub of ['cur', 'new'] as const) {
      const names = await namesIn(join(place, sub));
      if (names.others.length > 0) this.notes.push(`${join(place, sub)}: ${names.others.length} links were left out.`);
      for (const name of names.files) {
        if (name.startsWith('.')) continue;
        const { base } = parseMaildirName(name);
        const known = uids?.byBase.get(base);
        const uidl = isInbox && known !== undefined ? this.#uidlOf(known, uids?.uidValidity ?? 0, base) : null;
        files.push({ name, key: ['maildir', path, base], base, sub, uid: known?.uid ?? null, uidl });
      }
    }
    return files.sort(byUidThenBase);
  }

  #uidlOf(known: { uid: number; uidl: string | null }, uidValidity: number, fileName: string): string | null {
    return known.uidl ?? this.#options.uidlFormat({ uid: known.uid, uidValidity, fileName });
  }

  /** Null where there is no such file any more. */
  async #read(folder: MaildirFolder, listed: MaildirFile, name: string): Promise<Loaded | null> {
    const { messageBytesMax } = this.#options;
    try {
      const file = await readWhole(join(folder.place, name), messageBytesMax);
      if (file === null) return null;
      const { letters, fileBytes, wireBytes } = parseMaildirName(name.slice(name.indexOf('/') + 1));
      const octets = await unpacked(file.octets, messageBytesMax);
      // Its name says that its line ends are those of the wire; without that they are of Unix, where they are not CRLF.
      const isKept = fileBytes === octets.length && wireBytes === fileBytes;
      const flags = flagsOfLetters(letters, this.#keywords.get(folder.path) ?? []);
      const content = isKept ? octets : toWire(octets);
      return { listed, mail: { content, flags, receivedAt: file.mtimeMs, uidl: listed.uidl } };
    } catch (error) {
      if (!(error instanceof SourceTrouble)) throw error;
      return { listed, trouble: error.message };
    }
  }
}

async function uidsOf(place: string): Promise<DovecotUidList | null> {
  const list = await readWhole(join(place, 'dovecot-uidlist'), listBytesMax);
  return list === null ? null : parseUidList(list.octets);
}

async function namesByBase(place: string): Promise<ReadonlyMap<string, string>> {
  const names = new Map<string, string>();
  for (const sub of ['new', 'cur']) {
    for (const name of (await namesIn(join(place, sub))).files) names.set(parseMaildirName(name).base, join(sub, name));
  }
  return names;
}

// POP3 lists messages in the order of their UIDs, and clients expect them so.
function byUidThenBase(a: MaildirFile, b: MaildirFile): number {
  const [first, second] = [a.uid ?? Number.POSITIVE_INFINITY, b.uid ?? Number.POSITIVE_INFINITY];
  if (first !== second) return first - second;
  return a.base < b.base ? -1 : 1;
}

async function foldersBelow(root: string): Promise<readonly MaildirFolder[]> {
  const top = await namesIn(root);
  const found: MaildirFolder[] = [];
  if (top.folders.includes('cur') || top.folders.includes('new')) found.push(folderAt(root, ['INBOX']));
  for (const name of top.folders) {
    const levels = parseMaildirFolder(name);
    if (levels !== null) found.push(...(await partsAt(join(root, name), levels)));
    else if (!PARTS.includes(name)) found.push(...(await nestedAt(join(root, name), [parseMaildirLevel(name)])));
  }
  return found.sort((a, b) => Number(b.path === 'INBOX') - Number(a.path === 'INBOX'));
}

async function partsAt(place: string, levels: readonly string[]): Promise<readonly MaildirFolder[]> {
  const { folders } = await namesIn(place);
  return folders.includes('cur') || folders.includes('new') ? [folderAt(place, levels)] : [];
}

async function nestedAt(place: string, levels: readonly string[]): Promise<readonly MaildirFolder[]> {
  if (levels.length > depthMax) return [];
  const { folders } = await namesIn(place);
  const found = [...(await partsAt(place, levels))];
  for (const name of folders) {
    if (!PARTS.includes(name) && !name.startsWith('.'))
      found.push(...(await nestedAt(join(place, name), [...levels, parseMaildirLevel(name)])));
  }
  return found;
}

function folderAt(place: string, levels: readonly string[]): MaildirFolder {
  const named = levels.length === 1 && /^inbox$/i.test(levels[0] ?? '') ? ['INBOX'] : levels;
  return { path: named.join('/'), levels: named, specialUse: null, subscribed: null, messages: null, place };
}

function keyOf(levels: readonly string[]): string {
  return levels.join('\0');
}
