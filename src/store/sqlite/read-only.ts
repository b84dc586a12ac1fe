/** The store beside a running server, or of a stopped one, for reading alone: no lock, no change, no content. */
import { existsSync } from 'node:fs';
import type { Call } from '#/model/index.ts';
import type { Custody, Journal } from '#/ports/index.ts';
import { custodyFile, openReader } from './connections.ts';
import { isBehind, Segments } from './log/index.ts';
import { seedIn } from './log-notes.ts';
import { ReaderChannel } from './reader-channel.ts';
import { Statement } from './statement.ts';

const CLOSE_MS = 5000;

/**
 * Whether the log of a data directory holds what its tables do not say yet: after a kill, until somebody opens it for writing. Beside a
 * running server it often does, for a moment.
 */
export function isAheadOfTables(dir: string): boolean {
  if (!existsSync(custodyFile(dir))) return false;
  const db = openReader(dir);
  try {
    const reached = new Statement<{ value: string }>(db, "SELECT value FROM fact WHERE name = 'store.log'").get();
    return reached !== undefined && isBehind(new Segments(dir, seedIn(db) ?? 0), Number(reached.value));
  } finally {
    db.close();
  }
}

export type SqliteReader = Journal & Pick<Custody, 'recount' | 'books' | 'depth'> & AsyncDisposable;

/** Opens a data directory for reading. Faults: `store.foreign`, `store.unavailable` where there is no store. */
export async function openSqliteReader(dir: string): Promise<SqliteReader> {
  const reader = await ReaderChannel.open({ dir, keyFile: null }, 'custody reader');
  return {
    recount: (call: Call) => reader.call('recount', null, call),
    books: (call: Call) => reader.call('books', null, call),
    depth: (call: Call) => reader.call('depth', null, call),
    trace: (query, limit, call) => reader.call('trace', { query, limit }, call),
    queue: (filter, after, limit, call) => reader.call('queue', { filter, after, limit }, call),
    firstAttempts: (since, call) => reader.call('firstAttempts', { since }, call),
    affectedCounts: (query, call) => reader.call('affectedCounts', { query }, call),
    affected: (query, after, limit, call) => reader.call('affected', { query, after, limit }, call),
    [Symbol.asyncDispose]: () => reader.close(CLOSE_MS),
  };
}
