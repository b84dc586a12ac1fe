/** How the files of a data directory are opened: one writing connection, reading ones that can't write, and the lock that makes the one the only one. */
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';
import { makeDurableFolder } from '../durable-folder.ts';
import { checkVersion, migrate } from './schema.ts';

/** Larger pages were measured: they write more into the WAL for each mail of 4 KiB. */
const PAGE_BYTES = 4096;
const WRITER_CACHE_KIB = 16 * 1024;
const READER_CACHE_KIB = 8 * 1024;
/** What is left of the WAL file after it started over. */
const WAL_KEPT_BYTES = 64 * 1024 * 1024;
/** A checkpoint or a backup may be at its last step. */
const BUSY_MS = 2000;

/** The file of custody and journal. */
export function custodyFile(dir: string): string {
  return join(dir, 'custody.db');
}

/** The folder of closed days. */
export function archiveFolder(dir: string): string {
  return join(dir, 'archive');
}

/** A file of this name says that a restore into the folder has not come to its end. */
export const UNFINISHED = 'restore.unfinished';

/**
 * Takes the lock that one process at a time holds for its life. The caller keeps the connection open. Faults `store.locked`, and
 * `store.unfinished` where what lies there is half a copy, unless it is taken to be restored.
 */
export function takeLock(dir: string, purpose: 'to serve' | 'to restore' = 'to serve'): DatabaseSync {
  makeDurableFolder(dir);
  const lock = new DatabaseSync(join(dir, 'lock.db'), { timeout: 0 });
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE;');
  } catch (cause) {
    lock.close();
    throw new Fault('store.locked', undefined, cause);
  }
  if (purpose === 'to serve' && existsSync(join(dir, UNFINISHED))) {
    lock.close();
    throw new Fault('store.unfinished');
  }
  return lock;
}

/** The writing connection. A COMMIT is durable with the next checkpoint, and before that by the log. Checkpoints are never its own idea, so that none stalls acceptance. */
export function openWriter(dir: string): DatabaseSync {
  makeDurableFolder(archiveFolder(dir));
  // Made before SQLite does, which would let others read it; its companions take over the mode.
  closeSync(openSync(custodyFile(dir), 'a', 0o600));
  const db = new DatabaseSync(custodyFile(dir), { timeout: BUSY_MS });
  db.exec(`
    PRAGMA page_size = ${PAGE_BYTES};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA wal_autocheckpoint = 0;
    PRAGMA journal_size_limit = ${WAL_KEPT_BYTES};
    PRAGMA cache_size = -${WRITER_CACHE_KIB};
    PRAGMA mmap_size = 0;
    PRAGMA temp_store = MEMORY;
  `);
  migrate(db);
  return db;
}

/** A connection that sees what is committed and changes nothing; works beside a running writer and without one. */
export function openReader(dir: string): DatabaseSync {
  const db = new DatabaseSync(custodyFile(dir), { timeout: BUSY_MS, readOnly: true });
  db.exec(`PRAGMA query_only = 1; PRAGMA cache_size = -${READER_CACHE_KIB}; PRAGMA mmap_size = 0;`);
  checkVersion(db);
  return db;
}
