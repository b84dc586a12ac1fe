/** Batches of a database that is opened when somebody first asks: a thread or a connection costs, and most processes never ask. */
import { inTime } from '../postgres/in-time.ts';
import type { Batches } from './batches.ts';

/** What could not be opened is tried again with the next call. */
export function lazyBatches(open: () => Promise<Batches>): Batches {
  let opened: Promise<Batches> | null = null;
  const batches = (): Promise<Batches> => {
    opened ??= open().catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
  return {
    // Whoever asks meanwhile has their own deadline.
    run: async (statements, call) => (await inTime(batches(), call)).run(statements, call),
    [Symbol.asyncDispose]: async () => {
      const left = opened;
      opened = null;
      await (await left?.catch(() => null))?.[Symbol.asyncDispose]();
    },
  };
}
