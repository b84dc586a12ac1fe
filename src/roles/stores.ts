/** The stores that an installation keeps its mail in: the door to whichever engine the settings name. */
import { holdRestored } from '#/backup/index.ts';
import { isDatabase, type Settings } from '#/config/index.ts';
import type { Incarnation } from '#/model/index.ts';
import type { Blobs, Clock, Custody, Journal, Log, Registry } from '#/ports/index.ts';
import type { AuditLog } from '#/store/index.ts';
import { openEmbeddedStores } from './embedded-stores.ts';
import { openPostgresStores } from './postgres-stores.ts';

export interface StoresParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly incarnation: Incarnation;
  readonly onFatal: (reason: string) => void;
}

/** What writing has cost since the start: groups committed, and statements by the call that ran them (M3). */
export interface WriteCosts {
  readonly commits: number;
  readonly statements: ReadonlyMap<string, number>;
}

export interface Stores extends AsyncDisposable {
  readonly custody: Custody;
  readonly journal: Journal;
  readonly blobs: Blobs;
  readonly registry: Registry & AuditLog;
  /** A key for one purpose, the same for the life of the installation. */
  derivedKey(purpose: string): Buffer;
  /** Null for stores that are read only, or written by another process. */
  readonly costs: WriteCosts | null;
}

/**
 * Opens them for writing; an embedded store takes the lock of its folder. Faults: `store.locked`, `store.foreign`, `key.missing`,
 * `store.failed`, `store.unavailable`.
 */
export async function openStores(settings: Settings, parts: StoresParts): Promise<Stores> {
  const { store, data } = settings;
  await using opening = new AsyncDisposableStack();
  const stores = opening.use(
    store !== null && isDatabase(store)
      ? await openPostgresStores(settings, store, parts)
      : await openEmbeddedStores(settings, store ?? data, parts),
  );
  await holdRestored({ custody: stores.custody, log: parts.log });
  opening.move();
  return stores;
}
