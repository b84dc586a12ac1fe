/** Files of one message each (`.eml`), one or a tree of them. Beside those of an export of ours lies a list of flags, dates and UIDLs. */
import { join } from 'node:path';
import {
  EXPORT_LIST,
  type ExportLine,
  type FileMessage,
  isWire,
  parseExportLine,
  parseLevel,
  toWire,
} from '#/codec/mail-files/index.ts';
import { OctetKeys } from './keys.ts';
import { batchMessages, depthMax, listBytesMax } from './limits.ts';
import { namesIn, readText, readWhole } from './open-files.ts';
import { type Listed, type Loaded, type Source, type SourceFolder, SourceTrouble } from './source.ts';

export interface EmlOptions {
  /** A file, or a folder of files. */
  readonly root: string;
  readonly isFile: boolean;
  readonly messageBytesMax: number;
}

interface EmlFolder extends SourceFolder {
  readonly place: string;
  readonly files: readonly string[];
}

interface EmlFile extends Listed {
  readonly line: ExportLine | null;
}

export class EmlSource implements Source {
  readonly notes: string[] = [];
  readonly #options: EmlOptions;

  constructor(options: EmlOptions) {
    this.#options = options;
  }

  async folders(): Promise<readonly EmlFolder[]> {
    const { root, isFile } = this.#options;
    if (isFile) return [folderAt(join(root, '..'), [], [root.slice(root.lastIndexOf('/') + 1)])];
    const found = await this.#below(root, []);
    return [...found].sort((a, b) => a.levels.length - b.levels.length);
  }

  async *batches(folder: EmlFolder): AsyncGenerator<readonly EmlFile[]> {
    const keys = new OctetKeys();
    const lines = await linesIn(folder.place);
    let batch: EmlFile[] = [];
    for (const name of folder.files) {
      const line = lines.get(name) ?? null;
      const read = await this.#read(folder, name, line);
      if (read === null) continue;
      const key = typeof read === 'string' ? ['unread', folder.path, name] : keys.keyOf(folder.path, read.content);
      batch.push({ name, key, line });
      if (batch.length < batchMessages) continue;
      yield batch;
      batch = [];
    }
    if (batch.length > 0) yield batch;
  }

  async *load(folder: EmlFolder, wanted: readonly EmlFile[]): AsyncGenerator<Loaded> {
    for (const listed of wanted) {
      const read = await this.#read(folder, listed.name, listed.line);
      if (typeof read === 'string') yield { listed, trouble: read };
      else if (read !== null) yield { listed, mail: read };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  async #below(place: string, levels: readonly string[]): Promise<readonly EmlFolder[]> {
    const { files, folders, others } = await namesIn(place);
    if (others.length > 0) this.notes.push(`${place}: ${others.length} links were left out.`);
    const mails = files.filter((name) => /\.eml$/i.test(name) && !name.startsWith('.'));
    const found = mails.length === 0 && levels.length === 0 ? [] : [folderAt(place, levels, mails)];
    for (const name of levels.length < depthMax ? folders : []) {
      if (!name.startsWith('.')) found.push(...(await this.#below(join(place, name), [...levels, parseLevel(name)])));
    }
    return found;
  }

  /** The message, why there is none, or null where the file is gone. */
  async #read({ place }: EmlFolder, name: string, line: ExportLine | null): Promise<FileMessage | string | null> {
    try {
      const file = await readWhole(join(place, name), this.#options.messageBytesMax);
      if (file === null) return null;
      const isOurs = line !== null && line.bytes === file.octets.length;
      const content = isOurs || isWire(file.octets) ? file.octets : toWire(file.octets);
      const received = line === null ? null : Date.parse(line.received);
      return { content, flags: line?.flags ?? [], receivedAt: received, uidl: line?.uidl ?? null };
    } catch (error) {
      if (error instanceof SourceTrouble) return error.message;
      throw error;
    }
  }
}

async function linesIn(place: string): Promise<ReadonlyMap<string, ExportLine>> {
  const text = (await readText(join(place, EXPORT_LIST), listBytesMax)) ?? '';
  const lines = text.split('\n').flatMap((line) => parseExportLine(line) ?? []);
  return new Map(lines.map((line) => [line.file, line]));
}

function folderAt(place: string, levels: readonly string[], files: readonly string[]): EmlFolder {
  const named = levels.length === 0 ? ['INBOX'] : levels;
  const path = levels.join('/');
  return { place, path, levels: named, specialUse: null, subscribed: null, messages: files.length, files };
}
