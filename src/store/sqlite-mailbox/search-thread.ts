/**
 * A thread that searches, on connections of its own that can't write. A word of one letter in a large account takes a second: only other
 * searches wait for it, and nobody who reads mail or gets some (O4).
 */
import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import type { AccountKey } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { describeFault, type ThreadRequest, type ThreadResponse } from '../thread-calls.ts';
import { Database } from './database.ts';
import { accountFault } from './failures.ts';
import { accountName } from './ids.ts';
import { SEARCHED_ACCOUNTS_MAX } from './limits.ts';
import type { SearchInput, ThreadSetup } from './protocol.ts';
import { Register } from './register.ts';
import { holding } from './search.ts';

/** The owner of the account may be closing it, or moving its log. */
const BUSY_MS = 2_000;
const CACHE_KIB = 4_096;

const register = new Register((workerData as ThreadSetup).folder);
/** The one that was used last is the last. */
const open = new Map<string, Database>();

parentPort?.on('message', ({ id, args }: ThreadRequest) => {
  const response: ThreadResponse = answerTo(id, args[0] as SearchInput);
  parentPort?.postMessage(response);
});

function answerTo(id: number, { account, mailbox, phrase, where, deadlineAt }: SearchInput): ThreadResponse {
  try {
    if (performance.timeOrigin + performance.now() > deadlineAt) throw new Fault('call.late');
    const db = opened(account);
    return { id, value: db === null ? [] : holding(db, mailbox, phrase, where) };
  } catch (error) {
    if (!(error instanceof Fault)) forget(account);
    return { id, fault: describeFault(accountFault(error) ?? error) };
  }
}

// An account that has no file yet holds nothing; it is for its owner to make.
function opened(account: AccountKey): Database | null {
  const name = accountName(account);
  const known = open.get(name);
  if (known !== undefined) {
    open.delete(name);
    open.set(name, known);
    return known;
  }
  const { database } = register.place(account);
  if (!existsSync(database)) return null;
  const db = new DatabaseSync(database, { timeout: BUSY_MS, readOnly: true });
  db.exec(`PRAGMA query_only = 1; PRAGMA cache_size = -${CACHE_KIB}; PRAGMA mmap_size = 0;`);
  const added = new Database(db);
  open.set(name, added);
  const [oldest] = open;
  if (open.size > SEARCHED_ACCOUNTS_MAX && oldest !== undefined) forgetNamed(oldest[0]);
  return added;
}

function forget(account: AccountKey): void {
  forgetNamed(accountName(account));
}

function forgetNamed(name: string): void {
  const db = open.get(name);
  open.delete(name);
  try {
    db?.close();
  } catch {
    // What is damaged may not even be closed in order; nothing of it is used again.
  }
}
