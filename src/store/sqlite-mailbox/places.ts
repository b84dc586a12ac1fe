/**
 * Where accounts lie below the folder of the mailboxes, and how their files are opened.
 * ```
 * lock.db               whose process works here          accounts.db           who has an account, and the key of names
 * 3f/9c…e1.db           one account                       marks/3f/9c…e1.mark   how far it was, outside any backup
 * ```
 * Names are keyed hashes: nobody can tell from an address where its mail lies.
 */
import { createHmac } from 'node:crypto';
import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { AccountKey } from '#/model/index.ts';
import { flushFolder, makeDurableFolder } from '../durable-folder.ts';
import { Database } from './database.ts';
import { accountName } from './ids.ts';
import { migrateAccount } from './schema.ts';

/** Small mail fills a page nearly, and a commit writes whole pages. */
const PAGE_BYTES = 4096;
/** Bounded for each account: what is used often fits, and it is given back when the account is quiet. */
const CACHE_KIB = 2048;
/** The log is moved into the database when an account is quiet, or by the commit that brings it to so many pages (4 MiB): more would be a longer wait for its owner. */
const LOG_PAGES_MAX = 1024;
/** A backup may be at its first or its last step with it, which take a moment. */
const BUSY_MS = 1_000;
/** What is left of the log file after it started over. */
const LOG_KEPT_BYTES = 1024 * 1024;

/** The files of one account. */
export interface Place {
  readonly database: string;
  readonly mark: string;
}

export function placeOf(folder: string, nameKey: Uint8Array, account: AccountKey): Place {
  const name = createHmac('sha256', nameKey).update(accountName(account)).digest('hex').slice(0, 40);
  const [front, rest] = [name.slice(0, 2), name.slice(2)];
  return { database: join(folder, front, `${rest}.db`), mark: join(folder, 'marks', front, `${rest}.mark`) };
}

/** Opens the database of an account, and makes it where it is not there yet; a name that a loss of power would take does not count. */
export function openAccountFile({ database }: Place): Database {
  if (!existsSync(database)) makeDurableFolder(dirname(database));
  const db = openFile(database, BUSY_MS);
  try {
    return prepared(db, database);
  } catch (error) {
    db.close();
    throw error;
  }
}

function prepared(db: DatabaseSync, file: string): Database {
  db.exec(`
    PRAGMA page_size = ${PAGE_BYTES};
    PRAGMA auto_vacuum = INCREMENTAL;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA wal_autocheckpoint = ${LOG_PAGES_MAX};
    PRAGMA journal_size_limit = ${LOG_KEPT_BYTES};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA mmap_size = 0;
    PRAGMA temp_store = MEMORY;
  `);
  if (migrateAccount(db)) flushFolder(dirname(file));
  return new Database(db);
}

/** Made before SQLite does, which would let others read it; its companions take over the mode. */
export function openFile(file: string, timeoutMs: number): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600));
  return new DatabaseSync(file, { timeout: timeoutMs });
}
