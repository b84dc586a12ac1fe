/** The stores that an installation keeps its mail in: the door to whichever engine the settings name. */
import { holdRestored } from '#/backup/index.ts';
import { isDatabase, type Settings } from '#/config/index.ts';
import { openEmbeddedStores } from './embedded-stores.ts';
import { openPostgresStores } from './postgres-stores.ts';
import type { Stores, StoresParts } from './store-parts.ts';

export type { Stores, StoresParts, WriteCosts } from './store-parts.ts';

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
