/** The embedded stores of a data directory, open for writing by this process alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { holdRestored } from '#/backup/index.ts';
import type { Settings } from '#/config/index.ts';
import type { Incarnation } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Blobs, Clock, Custody, Journal, Log, Registry } from '#/ports/index.ts';
import {
  type AuditLog,
  makeDurableFolder,
  openSqliteCustody,
  openSqliteRegistry,
  type SqliteCustody,
} from '#/store/index.ts';
import { openKeyRing, wrappedKeyFolder } from '#/store/keys/index.ts';
import { openBlobs } from './blobs.ts';

export interface StoresParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly incarnation: Incarnation;
  readonly onFatal: (reason: string) => void;
}

export interface Stores extends AsyncDisposable {
  readonly custody: Custody;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly registry: Registry & AuditLog;
  /** A key for one purpose, the same for the life of the installation. */
  derivedKey(purpose: string): Buffer;
  /** What writing has cost since the start; null for stores that are read only. */
  readonly costs: SqliteCustody['costs'] | null;
}

const DAY_MS = 24 * 3_600_000;
/** Blobs that no row names any more are looked at so often. */
const PURGE_MS = 3_600_000;
const PURGE_CALL_MS = 600_000;

/** Takes the lock of the data directory. Faults: `store.locked`, `store.foreign`, `key.missing`, `store.failed`. */
export async function openStores(settings: Settings, parts: StoresParts): Promise<Stores> {
  const { data: dir, retry, retention, secrets } = settings;
  const { clock, log, incarnation, onFatal } = parts;
  makeDurableFolder(dir);
  await using opening = new AsyncDisposableStack();
  const keyRing = await openKeyRing({
    keyFile: secrets.key.file,
    wrapped: wrappedKeyFolder(join(dir, 'keys')),
    alsoLocked: existsSync(join(dir, 'custody.db')),
  });
  const blobs = openBlobs(settings, { clock, log, keyRing }, opening);
  const custody = opening.use(
    await openSqliteCustody(
      {
        dir,
        secretsKeyFile: secrets.key.file,
        delayNoticeMs: retry.delayNotice,
        expireMs: retry.expire,
        heldMs: retention.held,
        host: incarnation.host,
        release: incarnation.release,
      },
      { clock, log, blobs },
    ),
  );
  custody.failed.then(
    (fault) => onFatal(fault.message),
    () => {},
  );
  await holdRestored({ custody, log });
  const registry = opening.use(await openSqliteRegistry({ dir }));
  opening.use(purgeBlobs(blobs, custody, parts));
  const kept = opening.move();
  return {
    custody,
    journal: custody,
    blobs,
    registry,
    derivedKey: (purpose) => keyRing.derived(purpose),
    costs: custody.costs,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** The second phase of deletion (design 1, Disk): a day later, looked at again. */
function purgeBlobs(blobs: Blobs, custody: SqliteCustody, { clock, log }: StoresParts): AsyncDisposable {
  const stop = new AbortController();
  const running = (async () => {
    for (;;) {
      await clock.sleep(PURGE_MS, stop.signal);
      if (stop.signal.aborted) return;
      const call = within(PURGE_CALL_MS, stop.signal);
      try {
        const gone = await blobs.purge(clock.now() - DAY_MS, (keys) => custody.blobsInUse(keys, call), call);
        if (gone > 0) log.info('store.blobs-purged', { count: gone });
      } catch (error) {
        log.warn('store.purge-failed', { why: error instanceof Error ? error.message : String(error) });
      }
    }
  })();
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}
