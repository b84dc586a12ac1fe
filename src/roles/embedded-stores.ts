/** The stores of one folder, open for writing by this process alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import {
  makeDurableFolder,
  openSqliteCampaigns,
  openSqliteCustody,
  openSqliteDownloads,
  openSqliteIncidents,
  openSqlitePastMails,
  openSqlitePeople,
  openSqlitePolicyMemory,
  openSqliteRegistry,
} from '#/store/index.ts';
import { openKeyRing, wrappedKeyFolder } from '#/store/keys/index.ts';
import { openBlobs } from './blobs.ts';
import { purgeBlobs } from './purge-blobs.ts';
import { custodySettingsOf } from './settings.ts';
import type { Stores, StoresParts } from './store-parts.ts';

/** Takes the lock of `dir`. Faults: `store.locked`, `store.foreign`, `key.missing`, `store.failed`. */
export async function openEmbeddedStores(settings: Settings, dir: string, parts: StoresParts): Promise<Stores> {
  const { secrets } = settings;
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
        ...custodySettingsOf(settings, incarnation),
      },
      { clock, log, blobs },
    ),
  );
  custody.failed.then(
    (fault) => onFatal(fault.message),
    () => {},
  );
  const registry = opening.use(await openSqliteRegistry({ dir }));
  const downloads = opening.use(await openSqliteDownloads({ dir, keyRing }));
  const incidents = opening.use(openSqliteIncidents({ dir }));
  const past = opening.use(openSqlitePastMails({ dir, keyRing }));
  const policyMemory = opening.use(openSqlitePolicyMemory({ dir }));
  const people = opening.use(openSqlitePeople({ dir }));
  const campaigns = opening.use(openSqliteCampaigns({ dir }));
  opening.use(purgeBlobs(blobs, [custody, downloads], parts));
  const kept = opening.move();
  return {
    custody,
    journal: custody,
    blobs,
    registry,
    downloads,
    sessions: downloads.sessions,
    decisions: downloads.decisions,
    domainKeys: downloads.domainKeys,
    incidents,
    past,
    policyMemory,
    people,
    campaigns,
    derivedKey: (purpose) => keyRing.derived(purpose),
    costs: custody.costs,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}
