/**
 * A copy of a database that others write meanwhile, as of one moment.
 *
 * SQLite's own copying, page by page, over a read transaction that stays open from the first page to the last: copying without it
 * begins anew at each foreign commit and never ends beside a server that works; `VACUUM INTO` sees one moment too, but builds
 * every index again and can neither be paced nor stopped.
 *
 * Such a transaction keeps the WAL from starting over, and a WAL without end turns acceptance away. So the copying rests only while
 * the WAL is short, hurries when it grows, and gives up well before the bound of `checkpointer.ts`.
 */
import { closeSync, fdatasyncSync, openSync, statSync } from 'node:fs';
import { backup, DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Fault } from '#/model/index.ts';
import { type CopyWatch, Refusal } from '#/ports/index.ts';
import { sqliteTrouble } from './statement.ts';

const PAGES_AT_ONCE = 256;
/** It rests as long as it worked, and no longer than this at once. */
const REST_MS_MAX = 50;
/** Flushed so often, in steps: one flush of everything would hold up those of the server. */
const FLUSH_STEPS = 16;
const WAL_HURRY_BYTES = 128 * 1024 * 1024;
const WAL_BYTES_MAX = 512 * 1024 * 1024;
const BUSY_MS = 5_000;

export interface SnapshotParts {
  /** What to call it where progress is shown. */
  readonly step: string;
  readonly watch: CopyWatch;
  /** Length of the WAL at which the copying is given up. */
  readonly walBytesMax?: number;
  /**
   * Leaves no files beside the database where nobody else has it open: of many databases nobody may come to clear them away. It opens it
   * as a writer would, and changes nothing but that.
   */
  readonly leavesNothing?: boolean;
  /** Done while the moment is held, before the first page. */
  readonly whilePinned?: () => Promise<void>;
}

/**
 * Copies the database `from` to the new file `to`, whole and durable; it needs no file beside it to be opened, and none is made where
 * it is only read. Returns the wall-clock ms of the moment that it shows.
 */
export async function snapshotDatabase(from: string, to: string, parts: SnapshotParts): Promise<number> {
  using source = openSource(from, parts.leavesNothing ?? false);
  source.exec('BEGIN');
  source.prepare('SELECT count(*) FROM sqlite_schema').get();
  const at = Date.now();
  await parts.whilePinned?.();
  closeSync(openSync(to, 'wx', 0o600));
  using pace = new Pace(`${from}-wal`, to, parts);
  await backup(source, to, { rate: PAGES_AT_ONCE, progress: (step) => pace.between(step) }).catch(thrown);
  source.exec('COMMIT');
  leaveAlone(to);
  return at;
}

function openSource(path: string, forWriting: boolean): DatabaseSync {
  try {
    if (!forWriting) return new DatabaseSync(path, { readOnly: true, timeout: BUSY_MS });
    const there = pathToFileURL(path);
    // Never makes one that is not there.
    there.search = 'mode=rw';
    return new DatabaseSync(there, { timeout: BUSY_MS });
  } catch (cause) {
    throw new Fault('store.unavailable', `${path} can't be opened.`, cause);
  }
}

/** What happens between two steps. It runs in the thread of a command, which nobody waits for. */
class Pace {
  readonly #wal: string;
  readonly #file: number;
  readonly #parts: SnapshotParts;
  readonly #sleeper = new Int32Array(new SharedArrayBuffer(4));
  #workedSince = performance.now();
  #steps = 0;

  constructor(wal: string, to: string, parts: SnapshotParts) {
    this.#wal = wal;
    this.#parts = parts;
    this.#file = openSync(to, 'r+');
  }

  between({ totalPages, remainingPages }: { totalPages: number; remainingPages: number }): void {
    const { watch, step } = this.#parts;
    watch.signal.throwIfAborted();
    watch.progress(step, totalPages - remainingPages, totalPages);
    if (++this.#steps % FLUSH_STEPS === 0) fdatasyncSync(this.#file);
    const wal = sizeOf(this.#wal);
    if (wal > (this.#parts.walBytesMax ?? WAL_BYTES_MAX)) throw tooBusy();
    const workedMs = performance.now() - this.#workedSince;
    if (wal < WAL_HURRY_BYTES) Atomics.wait(this.#sleeper, 0, 0, Math.min(workedMs, REST_MS_MAX));
    this.#workedSince = performance.now();
  }

  [Symbol.dispose](): void {
    closeSync(this.#file);
  }
}

function thrown(error: unknown): never {
  if (sqliteTrouble(error) === 'full')
    throw new Refusal(4, 'The copy does not fit: its disk is full. Free some room, or name a folder on another disk.');
  throw error;
}

function tooBusy(): Refusal {
  return new Refusal(
    4,
    'More mail comes at this moment than a copy can keep up with, and it was given up so that nobody has to wait. Try again when it is quieter.',
  );
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

// Out of WAL: a reader of a file in WAL makes files beside it, and a backup may lie where nothing can be written.
function leaveAlone(path: string): void {
  using db = new DatabaseSync(path);
  db.exec('PRAGMA synchronous = EXTRA; PRAGMA journal_mode = DELETE;');
}
