/** The second phase of deletion (design 1, Disk): a day later, looked at again. May run in several processes at once. */
import { type Call, within } from '#/model/index.ts';
import { type Blobs, type Clock, type Log, Rounds } from '#/ports/index.ts';

export interface BlobsInUse {
  /** Which of these blobs a message, or a download, still names. */
  blobsInUse(keys: readonly string[], call: Call): Promise<ReadonlySet<string>>;
}

const DAY_MS = 24 * 3_600_000;
/** Blobs that no row names any more are looked at so often. */
const PURGE_MS = 3_600_000;
const PURGE_CALL_MS = 600_000;

/** What any of them names; where one can't say, nothing is purged. */
async function inUse(
  keepers: readonly BlobsInUse[],
  keys: readonly string[],
  call: Call,
): Promise<ReadonlySet<string>> {
  const named = await Promise.all(keepers.map((keeper) => keeper.blobsInUse(keys, call)));
  return new Set(named.flatMap((some) => [...some]));
}

/** Runs until it is disposed. */
export function purgeBlobs(
  blobs: Blobs,
  keepers: readonly BlobsInUse[],
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): AsyncDisposable {
  const rounds = new Rounds(clock, {
    firstMs: PURGE_MS,
    work: async () => {
      const call = within(PURGE_CALL_MS, rounds.signal);
      const gone = await blobs.purge(clock.now() - DAY_MS, (keys) => inUse(keepers, keys, call), call);
      if (gone > 0) log.info('store.blobs-purged', { count: gone });
      return PURGE_MS;
    },
    failed: (why) => {
      log.warn('store.purge-failed', { why });
      return PURGE_MS;
    },
  });
  return rounds.start();
}
