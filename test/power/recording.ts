/**
 * Reads what disk-recorder.c wrote, and builds the data directory as a power cut would have left it: everything that a finished
 * flush covers is there; of the rest each write is there, missing or torn at a sector, as a seeded die says.
 */
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const HEAD_BYTES = 17;
const SECTOR_BYTES = 512;

interface Record {
  readonly kind: string;
  readonly file: number;
  readonly offset: number;
  readonly bytes: Buffer;
}

/** A write or truncation of one inode, with its place in the recording. */
interface Change {
  readonly at: number;
  readonly offset: number;
  /** null truncates to `offset`. */
  readonly bytes: Buffer | null;
}

class Inode {
  readonly changes: Change[] = [];
  /** Begins of flushes that have ended, as they end: `[begin, end]`. */
  readonly flushes: [number, number][] = [];

  /** Everything that changed before the result is on the disk at `cut`. */
  durableBefore(cut: number): number {
    let durable = -1;
    for (const [begin, end] of this.flushes) if (end < cut && begin > durable) durable = begin;
    return durable;
  }
}

/** A change of names in one folder. */
interface Naming {
  readonly at: number;
  readonly folder: string;
  readonly path: string;
  /** The inode that has this name from now on; null: none. */
  readonly inode: Inode | null;
}

export interface Reply {
  /** Place in the recording. */
  readonly at: number;
  readonly id: string;
}

/** One run of a program as its disk saw it. */
export class Recording {
  /** Mails that were said to be accepted. */
  readonly replies: Reply[] = [];
  /** Mails that were said to have ended. */
  readonly ends: Reply[] = [];
  /** Places where a file got, lost or changed its name: a start, a segment that turns, is spare or is used again. */
  readonly turns: number[] = [];
  /** Places where the last page of a commit was written: what is to be on the disk before it should be by then. */
  readonly commits: number[] = [];
  readonly length: number;
  readonly #inodes = new Set<Inode>();
  readonly #namings: Naming[] = [];
  readonly #folders = new Map<string, Inode>();
  /** Descriptors of write-ahead logs of SQLite. */
  readonly #wals = new Set<number>();

  constructor(file: string) {
    const names = new Map<string, Inode>();
    const open = new Map<number, Inode>();
    const begun = new Map<string, number>();
    let at = 0;
    let inWal = false;
    for (const record of readRecords(readFileSync(file))) {
      const known = this.#namings.length;
      this.#take(record, at, names, open, begun);
      if (this.#namings.length > known) this.turns.push(at);
      const isWal = record.kind === 'W' && this.#wals.has(record.file);
      if (inWal && !isWal) this.commits.push(at - 1);
      inWal = isWal;
      at += 1;
    }
    this.length = at;
  }

  #take(
    record: Record,
    at: number,
    names: Map<string, Inode>,
    open: Map<number, Inode>,
    begun: Map<string, number>,
  ): void {
    const text = () => record.bytes.toString();
    switch (record.kind) {
      case 'O': {
        const path = text();
        const inode = names.get(path) ?? this.#folders.get(path) ?? this.#made(path, at, record.offset === 1, names);
        open.set(record.file, inode);
        if (path.endsWith('-wal')) this.#wals.add(record.file);
        else this.#wals.delete(record.file);
        break;
      }
      case 'W':
        open.get(record.file)?.changes.push({ at, offset: record.offset, bytes: record.bytes });
        break;
      case 'T':
        open.get(record.file)?.changes.push({ at, offset: record.offset, bytes: null });
        break;
      case 'B':
        begun.set(flushOf(record), at);
        break;
      case 'E': {
        const begin = begun.get(flushOf(record));
        if (begin !== undefined) open.get(record.file)?.flushes.push([begin, at]);
        break;
      }
      case 'M':
        this.#folders.set(text().split('\n')[0] ?? '', new Inode());
        break;
      case 'N': {
        const [from = '', to = ''] = text().split('\n');
        const inode = names.get(from) ?? null;
        names.delete(from);
        if (inode !== null) names.set(to, inode);
        this.#namings.push(
          { at, folder: dirname(from), path: from, inode: null },
          { at, folder: dirname(to), path: to, inode },
        );
        break;
      }
      case 'L': {
        const [from = '', to = ''] = text().split('\n');
        const inode = names.get(from) ?? null;
        if (inode === null) break;
        names.set(to, inode);
        this.#namings.push({ at, folder: dirname(to), path: to, inode });
        break;
      }
      case 'U': {
        const path = text().split('\n')[0] ?? '';
        names.delete(path);
        this.#namings.push({ at, folder: dirname(path), path, inode: null });
        break;
      }
      case 'R':
        for (const [, id = ''] of text().matchAll(/queued as ([0-9A-Z]{16}(?:-[0-9]+)?)\r\n/g))
          this.replies.push({ at, id });
        for (const [, id = ''] of text().matchAll(/ended as told: ([0-9A-Z]{16})\r\n/g)) this.ends.push({ at, id });
        break;
    }
  }

  #made(path: string, at: number, isNew: boolean, names: Map<string, Inode>): Inode {
    const inode = new Inode();
    const isFolder = path === '' || this.#folders.has(path);
    if (isFolder || (!isNew && !path.includes('.'))) {
      this.#folders.set(path, inode);
      return inode;
    }
    this.#inodes.add(inode);
    names.set(path, inode);
    this.#namings.push({ at, folder: dirname(path), path, inode });
    return inode;
  }

  /** Places where a file's written bytes hold `needle`, each with whether a flush that began later had ended before `before`. */
  flushedBefore(needle: Buffer, before: number): boolean {
    for (const inode of this.#inodes) {
      const durable = inode.durableBefore(before);
      for (const change of inode.changes) {
        if (change.at > durable) break;
        if (change.bytes?.includes(needle)) return true;
      }
    }
    return false;
  }

  /** Writes the directory as it would be found after a cut just before record `cut`; returns the ids that had their 250. */
  rebuild(cut: number, into: string, roll: () => number): readonly string[] {
    mkdirSync(into, { recursive: true });
    for (const folder of this.#folders.keys()) mkdirSync(join(into, folder), { recursive: true });
    for (const [path, inode] of this.#namesAt(cut, roll)) this.#write(inode, cut, join(into, path), roll);
    return this.replies.filter((reply) => reply.at < cut).map((reply) => reply.id);
  }

  /** Names as a folder's last flush has them, then a random part of what came after, in order. */
  #namesAt(cut: number, roll: () => number): Map<string, Inode> {
    const names = new Map<string, Inode>();
    const stop = new Map<string, number>();
    for (const naming of this.#namings) {
      if (naming.at >= cut) break;
      const folder = naming.folder === '.' ? '' : naming.folder;
      const durable = this.#folders.get(folder)?.durableBefore(cut) ?? -1;
      if (naming.at > durable) {
        if (!stop.has(folder)) stop.set(folder, roll() < 0.5 ? naming.at : cut);
        if (naming.at >= (stop.get(folder) ?? cut)) continue;
      }
      if (naming.inode === null) names.delete(naming.path);
      else names.set(naming.path, naming.inode);
    }
    return names;
  }

  #write(inode: Inode, cut: number, path: string, roll: () => number): void {
    const durable = inode.durableBefore(cut);
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(path, 'w');
    const habit = roll();
    for (const change of inode.changes) {
      if (change.at >= cut) break;
      const sure = change.at < durable;
      const fate = sure ? 1 : roll();
      // Of a file, a cut loses everything unflushed, or nothing, or a little, or mixes and tears.
      const kept = sure || (habit < 0.25 ? false : habit < 0.5 ? true : habit < 0.75 ? fate > 0.1 : fate > 0.5);
      const torn = !sure && !kept && habit >= 0.5 && fate < 0.3;
      if (change.bytes === null) {
        if (kept) ftruncateSync(fd, change.offset);
      } else if (kept) writeSync(fd, change.bytes, 0, change.bytes.length, change.offset);
      else if (torn) writeTorn(fd, change.bytes, change.offset, roll);
    }
    closeSync(fd);
  }
}

/** Only some sectors reach the disk. */
function writeTorn(fd: number, bytes: Buffer, offset: number, roll: () => number): void {
  for (let at = 0; at < bytes.length; at += SECTOR_BYTES) {
    if (roll() < 0.5) continue;
    writeSync(fd, bytes, at, Math.min(SECTOR_BYTES, bytes.length - at), offset + at);
  }
}

/** Flushes of one file overlap, each in its own thread. */
function flushOf({ file, offset: thread }: Record): string {
  return `${file} ${thread}`;
}

function* readRecords(log: Buffer): Generator<Record> {
  for (let at = 0; at + HEAD_BYTES <= log.length; ) {
    const length = log.readUInt32LE(at + 13);
    const end = at + HEAD_BYTES + length;
    if (end > log.length) return;
    yield {
      kind: String.fromCharCode(log[at] ?? 0),
      file: log.readUInt32LE(at + 1),
      offset: Number(log.readBigUInt64LE(at + 5)),
      bytes: log.subarray(at + HEAD_BYTES, end),
    };
    at = end;
  }
}
