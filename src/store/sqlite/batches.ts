/** `sql/batches.ts` on SQLite: a file and a thread of its own. Several processes may open the file; each waits for its turn. */
import { Worker } from 'node:worker_threads';
import { type Call, within } from '#/model/index.ts';
import type { Batches, BatchStatement, SqlRow } from '../sql/index.ts';
import { ThreadCalls } from '../thread-calls.ts';

const OPEN_MS = 30_000;
const CLOSE_MS = 10_000;

export interface SqliteBatchesOptions {
  /** Of the file. Its folder is made where it is absent. */
  readonly path: string;
  /** Steps to its tables, in the dialect of SQLite. */
  readonly migrations: readonly string[];
}

/** Faults `store.foreign`, `store.failed`, `disk.full`. */
export async function openSqliteBatches(options: SqliteBatchesOptions): Promise<Batches> {
  const file = `./batches-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`;
  const calls = new ThreadCalls(new Worker(new URL(file, import.meta.url), { workerData: options }));
  try {
    await calls.ask('open', [], within(OPEN_MS));
  } catch (error) {
    await calls[Symbol.asyncDispose]();
    throw error;
  }
  return {
    run: async (statements: readonly BatchStatement[], call: Call) =>
      (await calls.ask('run', [statements], call)) as readonly (readonly SqlRow[])[],
    [Symbol.asyncDispose]: async () => {
      await calls.ask('close', [], within(CLOSE_MS)).catch(() => {});
      await calls[Symbol.asyncDispose]();
    },
  };
}
