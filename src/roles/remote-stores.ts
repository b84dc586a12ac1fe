/**
 * The stores of an embedded installation in a process that does not write custody: custody and journal by the local socket of the one
 * that does, every call with a deadline; content and the registry from their files, which any process may open.
 */
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import { connectLocal, type LocalClient } from '#/net/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import {
  openSqliteCampaigns,
  openSqliteDownloads,
  openSqliteIncidents,
  openSqlitePastMails,
  openSqlitePeople,
  openSqlitePolicyMemory,
  openSqliteRegistry,
} from '#/store/index.ts';
import { openKeyRing, wrappedKeyFolder } from '#/store/keys/index.ts';
import { remoteCustody, remoteJournal } from '#/store/remote/index.ts';
import { openBlobs } from './blobs.ts';
import { CUSTODY_SOCKET } from './places.ts';
import type { Stores } from './stores.ts';

export interface RemoteStoresParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Ends the wait for the process that writes custody. */
  readonly stop: AbortSignal;
  /** A claim may have come to be whose answer was lost: this process must give up its incarnation, in order. */
  readonly onDoubt: () => void;
  /** Called where it has to be waited for. */
  readonly waits: (why: unknown) => void;
}

const LOOK_AGAIN_MS = 100;

/** Waits for the process that writes custody; rejects only when `stop` aborts, or for a missing key. */
export async function openRemoteStores(settings: Settings, parts: RemoteStoresParts): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  const client = opening.use(await reachCustody(settings, parts));
  // The other one has made the key by now; a day's key is made by whoever seals first on that day.
  const dir = settings.store ?? settings.data;
  const wrapped = wrappedKeyFolder(join(dir, 'keys'));
  const keyRing = await openKeyRing({ keyFile: settings.secrets.key.file, wrapped, alsoLocked: true });
  const blobs = openBlobs(settings, { ...parts, keyRing }, opening);
  const registry = opening.use(await openSqliteRegistry({ dir }));
  const downloads = opening.use(await openSqliteDownloads({ dir, keyRing }));
  const incidents = opening.use(openSqliteIncidents({ dir }));
  const past = opening.use(openSqlitePastMails({ dir, keyRing }));
  const policyMemory = opening.use(openSqlitePolicyMemory({ dir }));
  const people = opening.use(openSqlitePeople({ dir }));
  const campaigns = opening.use(openSqliteCampaigns({ dir }));
  const kept = opening.move();
  return {
    custody: remoteCustody(client, parts.onDoubt),
    journal: remoteJournal(client),
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
    costs: null,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

async function reachCustody(settings: Settings, { clock, stop, waits }: RemoteStoresParts): Promise<LocalClient> {
  for (;;) {
    try {
      return await connectLocal(join(settings.data, CUSTODY_SOCKET));
    } catch (error) {
      if (stop.aborted) throw error;
      waits(error);
      await clock.sleep(LOOK_AGAIN_MS, stop);
    }
  }
}
