/** The files of the log: `log/00000001.seg`, and spare ones that wait to be written over, which costs a flush less than half. */
import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { makeDurableFolder } from '../../durable-folder.ts';

/** A segment ends behind this many octets, unless another bound is given. */
export const SEGMENT_BYTES = 64 * 1024 * 1024;
const SPARES_MAX = 2;
/** Since it was last written. */
const SPARE_MS = 86_400_000;

export class Segments {
  readonly #dir: string;
  /** Behind so many octets a segment ends. */
  readonly bytes: number;
  /** With which the checksum of each record begins: known to this store alone. */
  readonly seed: number;

  constructor(dataDir: string, seed = 0, bytes: number = SEGMENT_BYTES) {
    this.#dir = join(dataDir, 'log');
    this.seed = seed;
    this.bytes = bytes;
  }

  /** Makes the folder, durably. */
  prepare(): void {
    makeDurableFolder(this.#dir);
  }

  /** Numbers of the segments that are there, in order. */
  list(): number[] {
    if (!existsSync(this.#dir)) return [];
    const names = readdirSync(this.#dir).filter((name) => /^\d{8,}\.seg$/.test(name));
    return names.map((name) => Number(name.slice(0, -4))).sort((a, b) => a - b);
  }

  path(segment: number): string {
    return join(this.#dir, `${String(segment).padStart(8, '0')}.seg`);
  }

  /** A segment to write: a spare one, or a new file; its name is durable. */
  begin(segment: number): number {
    const [spare] = this.#spares();
    if (spare !== undefined) renameSync(join(this.#dir, spare), this.path(segment));
    const file = openSync(this.path(segment), spare === undefined ? 'wx+' : 'r+', 0o600);
    this.#flushNames();
    return file;
  }

  openForReading(segment: number): number {
    return openSync(this.path(segment), 'r');
  }

  /** Nobody needs it any more: it becomes spare, or goes. */
  remove(segment: number): void {
    const isWanted = this.#spares().length < SPARES_MAX;
    if (isWanted) renameSync(this.path(segment), join(this.#dir, `spare-${segment}`));
    else unlinkSync(this.path(segment));
  }

  /** Makes durable what stands in the segments from `from` on, whoever wrote it: a process that was killed flushed not all of it. */
  flushFrom(from: number): void {
    for (const segment of this.list().filter((each) => each >= from)) {
      const file = openSync(this.path(segment), 'r+');
      try {
        fdatasyncSync(file);
      } finally {
        closeSync(file);
      }
    }
  }

  /** Lets go spare segments that nobody has needed for a day: what they once held names people. */
  removeOldSpares(now: number): void {
    for (const path of this.#spares().map((name) => join(this.#dir, name)))
      if (now - statSync(path).mtimeMs > SPARE_MS) unlinkSync(path);
  }

  #spares(): string[] {
    return readdirSync(this.#dir).filter((name) => name.startsWith('spare-'));
  }

  #flushNames(): void {
    const folder = openSync(this.#dir, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  }
}
