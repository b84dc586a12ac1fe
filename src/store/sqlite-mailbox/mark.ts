/**
 * The high-water mark of an account: how far its numbers were, in a file that no backup holds. A database that is behind it was restored
 * from an earlier time, and must not give a UID, a modification sequence or an id again that clients have seen (design 1, After a restore).
 *
 * `reached` follows each commit, unflushed: a process that is killed leaves it behind whole. The bounds are flushed before any number that
 * passes them is given, so that what a restored database goes on with is new even where the last of `reached` is lost.
 */
import { closeSync, existsSync, fdatasyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { flushFolder, makeDurableFolder } from '../durable-folder.ts';

/** How far bounds are moved at a time: one flush for so many numbers. */
const STEP = 4096;
/** One sector, so that it is never half written. */
const FILE_BYTES = 256;

export interface Mark {
  /** The highest modification sequence that was committed. */
  readonly reached: number;
  /** Every modification sequence and every UID that was ever given is below these. */
  readonly modSeqBound: number;
  readonly uidBound: number;
  /** The highest UIDVALIDITY and id given. */
  readonly validity: number;
  readonly nextId: number;
}

const NOTHING: Mark = { reached: 0, modSeqBound: 0, uidBound: 0, validity: 0, nextId: 0 };

/** What the file says; null where there is none or it can't be read. */
export function readMark(file: string): Mark | null {
  try {
    const mark: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isMark(mark) ? mark : null;
  } catch {
    return null;
  }
}

export class MarkFile {
  readonly #file: string;
  #fd: number | null = null;
  #mark: Mark;

  constructor(file: string, mark: Mark | null) {
    this.#file = file;
    this.#mark = mark ?? NOTHING;
  }

  /** Before a modification sequence or UID is given. Blocks for a flush once in a while. */
  cover(modSeq: number, uid: number): void {
    const { modSeqBound, uidBound } = this.#mark;
    if (modSeq < modSeqBound && uid < uidBound) return;
    this.#mark = {
      ...this.#mark,
      modSeqBound: modSeq < modSeqBound ? modSeqBound : modSeq + STEP,
      uidBound: uid < uidBound ? uidBound : Math.min(uid + STEP, 2 ** 32 - 1),
    };
    this.#write();
    fdatasyncSync(this.#opened());
  }

  /** Behind a commit. */
  follow(reached: number, validity: number, nextId: number): void {
    this.#mark = { ...this.#mark, reached, validity, nextId };
    this.#write();
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #write(): void {
    writeSync(this.#opened(), JSON.stringify(this.#mark).padEnd(FILE_BYTES), 0);
  }

  #opened(): number {
    this.#fd ??= this.#open();
    return this.#fd;
  }

  #open(): number {
    if (existsSync(this.#file)) return openSync(this.#file, 'r+');
    const folder = dirname(this.#file);
    makeDurableFolder(folder);
    const fd = openSync(this.#file, 'wx', 0o600);
    flushFolder(folder);
    return fd;
  }
}

function isMark(value: unknown): value is Mark {
  if (typeof value !== 'object' || value === null) return false;
  const numbers = value as Readonly<Record<string, unknown>>;
  return Object.keys(NOTHING).every((name) => Number.isSafeInteger(numbers[name]));
}
