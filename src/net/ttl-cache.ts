import type { Clock } from '#/ports/index.ts';

/** Remembers what was found, each for its own time, at most `max` of them; the least lately asked go first. */
export interface TtlCache<T> {
  /** What is kept under `key`, or what `find` finds; callers of one moment share one search. Failures are not kept. */
  get(key: string, keepMsOf: (value: T) => number, find: () => Promise<T>): Promise<T>;
}

/** A cache in the memory of this process. */
export function ttlCache<T>(max: number, clock: Pick<Clock, 'monotonic'>): TtlCache<T> {
  // Order of insertion is order of use: what is asked for is put in again.
  const kept = new Map<string, { value: T; until: number }>();
  const searching = new Map<string, Promise<T>>();

  const keep = (key: string, value: T, keepMs: number): void => {
    kept.delete(key);
    kept.set(key, { value, until: clock.monotonic() + keepMs });
    const [oldest] = kept.keys();
    if (kept.size > max && oldest !== undefined) kept.delete(oldest);
  };
  const search = async (key: string, keepMsOf: (value: T) => number, find: () => Promise<T>): Promise<T> => {
    try {
      const value = await find();
      keep(key, value, keepMsOf(value));
      return value;
    } finally {
      searching.delete(key);
    }
  };
  return {
    get: (key, keepMsOf, find) => {
      const entry = kept.get(key);
      if (entry === undefined || entry.until <= clock.monotonic())
        return searching.getOrInsertComputed(key, () => search(key, keepMsOf, find));
      kept.delete(key);
      kept.set(key, entry);
      return Promise.resolve(entry.value);
    },
  };
}
