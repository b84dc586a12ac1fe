/** Operations on the store of a stopped server: the way of a command when nobody answers on the local socket. */
import { join } from 'node:path';
import { makeSecretKeeper } from '#/auth/index.ts';
import type { Settings } from '#/config/index.ts';
import { Fault, isFault, within } from '#/model/index.ts';
import type { Custody, Log, Operation } from '#/ports/index.ts';
import {
  isAheadOfTables,
  openSqliteCampaigns,
  openSqliteDownloads,
  openSqliteIncidents,
  openSqlitePastMails,
  openSqlitePeople,
  openSqlitePolicyMemory,
  openSqliteReader,
  openSqliteRegistry,
  type SqliteReader,
} from '#/store/index.ts';
import { type KeyRing, openKeyRing, wrappedKeyFolder } from '#/store/keys/index.ts';
import { type AuditTrail, auditTrail } from './audit.ts';
import { openCells } from './cells/offline.ts';
import { openCore } from './core.ts';
import { isShared } from './groups.ts';
import { newIncarnation } from './incarnation.ts';
import { actAsOwner } from './owner.ts';
import { openStores, type Stores, type StoresParts } from './stores.ts';
import { systemClock } from './system-clock.ts';

export interface Offline extends AsyncDisposable {
  readonly operations: ReadonlyMap<string, Operation>;
  readonly trail: AuditTrail;
}

const CALL_MS = 30_000;

/** A command prints its own answer; the engine's events have no reader here. */
const silent: Log = { info: () => {}, warn: () => {}, error: () => {}, child: () => silent };

/** With `write`, takes the lock (fault `store.locked` where a server holds it); else only reading operations are there. */
export async function openOffline(settings: Settings, { write }: { readonly write: boolean }): Promise<Offline> {
  actAsOwner(settings.data);
  await using opening = new AsyncDisposableStack();
  const parts = { clock: systemClock, log: silent };
  const incarnation = newIncarnation('cli', systemClock.now());
  let failure: string | null = null;
  const onFatal = (reason: string): void => {
    failure = reason;
  };
  const openOne = (one: Settings): Promise<Stores> => openStore(one, write, { ...parts, incarnation, onFatal });
  const stores = opening.use(await (settings.cells === null ? openOne(settings) : openCells(settings, openOne)));
  const core = opening.use(await openCore(settings, { ...parts, stores }));
  const settling = new Set<Promise<unknown>>();
  opening.defer(async () => void (await Promise.all(settling)));
  const doors = {
    worker: incarnation.id,
    doorbell: () => {},
    settleLater: (settlement: Parameters<Custody['settle']>[0]) => {
      settling.add(stores.custody.settle(settlement, incarnation.id, within(CALL_MS)));
    },
  };
  const all = core.operations(doors, makeSecretKeeper({ scram: settings.auth.scram }));
  const usable = all.filter(({ reads }) => write || reads);
  const kept = opening.move();
  return {
    operations: new Map(usable.map((one) => [one.name, one])),
    trail: auditTrail({ clock: systemClock, registry: stores.registry }),
    [Symbol.asyncDispose]: async () => {
      await kept.disposeAsync();
      if (failure !== null) throw new Fault('store.failed', failure);
    },
  };
}

/** To write to it, with our incarnation written down; else to read. */
async function openStore(settings: Settings, write: boolean, parts: StoresParts): Promise<Stores> {
  if (!write && !isShared(settings)) {
    await carryOut(settings, parts);
    return openForReading(settings.store ?? settings.data, settings.secrets.key.file);
  }
  const { incarnation } = parts;
  await using opening = new AsyncDisposableStack();
  const stores = opening.use(await openStores(settings, parts));
  if (write) {
    await stores.custody.enlist(incarnation, within(CALL_MS));
    opening.defer(async () => void (await stores.custody.retire(incarnation.id, true, within(CALL_MS))));
  }
  const kept = opening.move();
  return { ...stores, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

// After a kill the log holds what the tables do not say yet; a list that is read from them alone would be short.
async function carryOut(settings: Settings, parts: StoresParts): Promise<void> {
  if (!isAheadOfTables(settings.store ?? settings.data)) return;
  try {
    await using _opened = await openStores(settings, parts);
  } catch (error) {
    // A server works here: its log is ahead for a moment, always.
    if (!isFault(error, 'store.locked')) throw error;
  }
}

async function openForReading(dir: string, keyFile: string): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  const reader = opening.use(await openSqliteReader(dir));
  const registry = opening.use(await openSqliteRegistry({ dir }));
  // What reads shares opens none of their files.
  const downloads = opening.use(await openSqliteDownloads({ dir, keyRing: { sealing: refuse, opening: refuse } }));
  const incidents = opening.use(openSqliteIncidents({ dir }));
  const keyRing = { sealing: refuse, opening: keysOf(dir, keyFile) };
  const past = opening.use(openSqlitePastMails({ dir, keyRing }));
  const policyMemory = opening.use(openSqlitePolicyMemory({ dir }));
  const people = opening.use(openSqlitePeople({ dir }));
  const campaigns = opening.use(openSqliteCampaigns({ dir }));
  const kept = opening.move();
  return {
    custody: readingCustody(reader),
    downloads,
    sessions: downloads.sessions,
    decisions: downloads.decisions,
    domainKeys: downloads.domainKeys,
    incidents,
    past,
    policyMemory,
    people,
    campaigns,
    journal: reader,
    registry,
    blobs: unreadable(),
    derivedKey: refuse,
    costs: null,
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** Opens what days have sealed; the key is asked for with the first of them. */
function keysOf(dir: string, keyFile: string): KeyRing['opening'] {
  let ring: Promise<KeyRing> | null = null;
  return async (day) => {
    ring ??= openKeyRing({ keyFile, wrapped: wrappedKeyFolder(join(dir, 'keys')), alsoLocked: true });
    return await (await ring).opening(day);
  };
}

/** What reading operations use of custody; everything else answers that it needs the lock. */
function readingCustody(reader: SqliteReader): Custody {
  const allowed: Partial<Custody> = {
    recount: (call) => reader.recount(call),
    books: (call) => reader.books(call),
    depth: (call) => reader.depth(call),
  };
  return new Proxy(allowed as Custody, { get: (target, name) => Reflect.get(target, name) ?? refuse });
}

function unreadable(): Stores['blobs'] {
  return new Proxy({} as Stores['blobs'], { get: () => refuse });
}

function refuse(): never {
  throw new Fault('store.locked', 'This was opened for reading alone.');
}
