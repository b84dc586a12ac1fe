/** The store beside a running server, or of a stopped one, for reading alone: no lock, no change, no content. */
import type { Call } from '#/model/index.ts';
import type { Custody, Journal } from '#/ports/index.ts';
import { ReaderChannel } from './reader-channel.ts';

const CLOSE_MS = 5000;

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
    [Symbol.asyncDispose]: () => reader.close(CLOSE_MS),
  };
}
