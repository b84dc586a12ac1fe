/**
 * What a backup is made of, and how a copy becomes an installation again. The keeper of a store knows its files and the order in which
 * a running store may be copied; the room `backup/` knows what a whole backup is.
 *
 * What must never happen: a copy that mixes two moments of custody; a row in a copy whose content was there and is not in it; a mail that
 * custody's copy knows as delivered and that is not in the copy of its mailbox; a copying that stops acceptance, or that a slow target drags out while the store waits for it.
 */
import type { Recount } from './custody.ts';

/** The installation that is copied, running or stopped. */
export interface BackupSource {
  /** What keeps custody: a word for the manifest. */
  readonly store: 'embedded' | 'postgresql';

  /** About how many bytes a copy takes. */
  size(): Promise<number>;

  /**
   * Copies everything into `folder`, which is there and empty, and says of each file that it is whole and durable. Refuses where there
   * is no room, or where too much is written at this moment. Faults `store.unavailable`, `store.foreign`.
   */
  copy(folder: string, watch: CopyWatch): AsyncIterable<CopiedFile>;

  /** Wall-clock ms of the moment of custody that the copy shows; known when `copy` has ended. */
  readonly snapshotAt: number;
}

/** One file of a copy; `path` is relative to its folder, with `/`. */
export interface CopiedFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Who waits for it. */
export interface CopyWatch {
  readonly signal: AbortSignal;
  /** How far a step has come, in bytes. */
  progress(step: string, done: number, of: number): void;
}

/** What is found in a copy by opening it. */
export interface CopyReport {
  /** What is wrong with it, in plain words; empty where all is well. */
  readonly damage: readonly string[];
  /** Messages that a queue or a trace of the open days can show, and recipients that wait or are held; null where only the database could count. */
  readonly messages: number | null;
  readonly live: number | null;
  /** What people have in their mailboxes; null where there are none, or the database or another release has to count them. */
  readonly mailboxes: CopiedMailboxes | null;
  /** Whether the content of live mail was opened with its key, and not only looked for. */
  readonly opened: boolean;
  /** The books, counted again; null where another release, or the database, has to do it. */
  readonly books: readonly Recount[] | null;
}

/** How much mail is in the mailboxes of a copy. */
export interface CopiedMailboxes {
  readonly accounts: number;
  readonly messages: number;
  readonly bytes: number;
}

/** Opens copies, never the store itself; changes nothing in them. */
export interface CopyReader {
  report(folder: string, watch: CopyWatch): Promise<CopyReport>;
}

/** The place of a new installation. */
export interface RestoreTarget {
  /** Takes the place, so that no server starts in it before it is finished. Fault `store.locked`; refuses where an installation is there already. */
  take(): Promise<RestoreSite>;
}

/** The place while it is ours. Disposing it unfinished leaves nothing of the copy behind. */
export interface RestoreSite extends AsyncDisposable {
  /** Bytes that there is room for. */
  free(): Promise<number>;
  /** Copies the file `from` to `path` in it, durably; gives what was written. */
  place(from: string, path: string, watch: CopyWatch): Promise<CopiedFile>;
  /** The last step, where custody is in a database: opens the place. */
  finishFiles(): Promise<void>;
  /** The last step: marks custody as a copy of an earlier time, so that its mail is held before anything else, and opens the place. */
  finish(mark: RestoreMark): Promise<void>;
}

/** What a restored store says of itself. Times are wall-clock ms. */
export interface RestoreMark {
  readonly by: string;
  readonly at: number;
  /** The moment that the copy shows; null where nobody knows. */
  readonly snapshotAt: number | null;
}

/** The fact of custody that holds the mark of a copied store. Written into the file before any server opens it, and by nobody else. */
export const RESTORED_COPY = 'store.restored-copy';
/** Behind the name of a mark: what it said when it was obeyed. */
export const OBEYED = '.obeyed';
