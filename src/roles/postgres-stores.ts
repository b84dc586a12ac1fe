/** The stores of a database that other processes and hosts write too. */
import type { Settings } from '#/config/index.ts';
import { makeDurableFolder } from '#/store/index.ts';
import {
  openPostgresCampaigns,
  openPostgresCustody,
  openPostgresDownloads,
  openPostgresIncidents,
  openPostgresKeys,
  openPostgresPastMails,
  openPostgresPeople,
  openPostgresPolicyMemory,
  openPostgresRegistry,
} from '#/store/postgres/index.ts';
import { openBlobs } from './blobs.ts';
import { purgeBlobs } from './purge-blobs.ts';
import { custodySettingsOf } from './settings.ts';
import type { Stores, StoresParts } from './store-parts.ts';

/** Faults: `store.unavailable`, `store.foreign`, `key.missing`, `config.invalid`. */
export async function openPostgresStores(settings: Settings, url: string, parts: StoresParts): Promise<Stores> {
  const { secrets } = settings;
  const { clock, log, incarnation, onFatal } = parts;
  // Sockets, certificates and, without a bucket, large content are this host's own.
  makeDurableFolder(settings.data);
  const applicationName = `holdfast ${incarnation.role}`;
  const secretsKeyFile = secrets.key.file;
  await using opening = new AsyncDisposableStack();
  const keyRing = opening.use(await openPostgresKeys({ url, applicationName, secretsKeyFile }));
  const blobs = openBlobs(settings, { clock, log, keyRing }, opening);
  const custody = opening.use(
    await openPostgresCustody(
      {
        url,
        applicationName,
        ...custodySettingsOf(settings, incarnation),
      },
      { clock, log, blobs },
    ),
  );
  custody.failed.then(
    (fault) => onFatal(fault.message),
    () => {},
  );
  const registry = opening.use(await openPostgresRegistry({ url, applicationName }));
  const downloads = opening.use(await openPostgresDownloads({ url, applicationName, keyRing }));
  const incidents = opening.use(openPostgresIncidents({ url, applicationName }));
  const past = opening.use(openPostgresPastMails({ url, applicationName, keyRing }));
  const policyMemory = opening.use(openPostgresPolicyMemory({ url, applicationName }));
  const people = opening.use(openPostgresPeople({ url, applicationName }));
  const campaigns = opening.use(openPostgresCampaigns({ url, applicationName }));
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
