/**
 * Copies what is committed from the WAL into the file, off the writer: PASSIVE, a little at a time, so that it never stalls acceptance.
 * It tells the main thread how far it is; only the writer can let the WAL start over, and does so when next to nothing is left.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { custodyFile } from './connections.ts';
import type { Place } from './log/index.ts';
import { Statement, sqliteTrouble } from './statement.ts';

/** Pages in the WAL, and how many of them stand in the file too. */
export interface WalState {
  readonly pages: number;
  readonly copied: number;
  /** Up to this place of the log, what it says stands in the file durably; null where that is not known. */
  readonly durable: Place | null;
}

const PACE_MS = 250;

const port = parentPort;
const { dir } = workerData as { readonly dir: string };
const db = new DatabaseSync(custodyFile(dir), { timeout: 0 });
db.exec('PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -2048; PRAGMA mmap_size = 0;');
const version = new Statement<{ data_version: number }>(db, 'PRAGMA data_version');
const passive = new Statement<{ busy: number; log: number; checkpointed: number }>(
  db,
  'PRAGMA wal_checkpoint(PASSIVE)',
);
const reached = new Statement<{ value: string }>(db, "SELECT value FROM fact WHERE name = 'store.log'");
let seen = -1;
let leftOver = false;

function look(): void {
  const now = version.get()?.data_version ?? 0;
  if (now === seen && !leftOver) return;
  seen = now;
  // Asked before: what is committed meanwhile may or may not be copied.
  const place = reached.get();
  const state = copy();
  if (state === undefined) return;
  // A reader may still need the older pages: then again next time.
  leftOver = state.checkpointed < state.log;
  // SQLite has flushed the file when everything is copied, and may not have when a reader was in the way.
  const durable = leftOver || state.busy > 0 || place === undefined ? null : Number(place.value);
  const { log: pages, checkpointed: copied } = state;
  port?.postMessage({ pages: Math.max(0, pages), copied: Math.max(0, copied), durable } satisfies WalState);
}

// Without room in the file the pages stay in the WAL, where they are as durable: then again next time.
function copy(): { busy: number; log: number; checkpointed: number } | undefined {
  try {
    return passive.get();
  } catch (error) {
    if (sqliteTrouble(error) !== 'full') throw error;
    leftOver = true;
    return undefined;
  }
}

const timer = setInterval(look, PACE_MS);
port?.on('message', () => {
  clearInterval(timer);
  db.close();
  port.close();
});
