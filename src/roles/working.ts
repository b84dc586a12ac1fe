/**
 * The process that writes custody: gate and deliver share it, so that the usual mail is handed over in memory. It also serves the local
 * socket, by which the command line and the janitor reach custody.
 *
 * Parts are opened in order of need and closed in reverse: first no new mail comes in, then attempts end, then what is in memory is
 * given back, then the stores close.
 */
import { createServer } from 'node:net';
import { join } from 'node:path';
import { makeSecretKeeper, type RunningAuth, startAuth } from '#/auth/index.ts';
import { renewSecret, type Settings, tlsSource } from '#/config/index.ts';
import type { GateListener, ListenerKind } from '#/gate/index.ts';
import type { ProcessMeter } from '#/log/index.ts';
import { type IncarnationId, type Settlement, within } from '#/model/index.ts';
import {
  adoptSocket,
  createDialer,
  createResolver,
  type LocalMethod,
  openTls,
  RESOLVER_DEFAULTS,
  startLocalServer,
} from '#/net/index.ts';
import { Sink } from '#/outbound/index.ts';
import type { Clock, Custody, Log } from '#/ports/index.ts';
import { freeBytesOf, type Queue, startQueue } from '#/queue/index.ts';
import { custodyMethods } from '#/store/remote/index.ts';
import { auditTrail } from './audit.ts';
import { type Core, openCore } from './core.ts';
import { startDeliver } from './deliver.ts';
import { startGate } from './gate.ts';
import { newIncarnation } from './incarnation.ts';
import { healthMethods, operationMethod } from './local-methods.ts';
import { CUSTODY_SOCKET } from './places.ts';
import { gateSettingsOf, queueSettingsOf } from './settings.ts';
import { openStores, type Stores } from './stores.ts';
import { tryOperations } from './try.ts';

/** Descriptors of bound sockets, by listener. */
export type BoundListeners = readonly { readonly kind: ListenerKind; readonly fd: number }[];

export interface WorkingParts {
  readonly listeners: BoundListeners;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: ProcessMeter;
  /** The process must end now, without draining: what it knows may be wrong. */
  readonly onFatal: (reason: string) => void;
}

/** Running; custody is there for roles that share the process. */
export interface Working extends AsyncDisposable {
  readonly custody: Custody;
}

const START_MS = 60_000;
const READY_MS = 2_000;

/** Serves until it is disposed. Fault `store.locked` when another process writes this data directory. */
export async function startWorking(settings: Settings, parts: WorkingParts): Promise<Working> {
  await using opening = new AsyncDisposableStack();
  const incarnation = newIncarnation('gate+deliver', parts.clock.now());
  const stores = opening.use(await openStores(settings, { ...parts, incarnation }));
  meterCosts(stores, parts.meter);
  await retireOthers(stores.custody, incarnation.id, parts.log);
  const core = opening.use(await openCore(settings, { ...parts, stores }));
  const secrets = makeSecretKeeper({ scram: settings.auth.scram });
  const auth = opening.use(await openAuth(settings, parts, stores, core, secrets));
  const queue = opening.use(
    await startQueue(queueSettingsOf(settings), {
      ...parts,
      custody: stores.custody,
      incarnation,
      notices: core.notices,
      freeBytes: () => freeBytesOf(settings.data),
      random: Math.random,
    }),
  );
  const resolver = opening.use(createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, parts));
  const operations = [
    ...core.operations(queueDoors(queue, incarnation.id), secrets),
    ...auth.operations,
    ...tryOperations(settings, auth),
  ];
  const asked = operationMethod(operations, auditTrail({ clock: parts.clock, registry: stores.registry }));
  opening.use(await serveLocally(settings, parts, stores.custody, queue, asked));
  const sink = new Sink();
  const dialer = createDialer({ allow: [], authorities: [] });
  opening.use(
    await startDeliver(core.outbound, {
      ...parts,
      work: queue.work,
      custody: stores.custody,
      blobs: stores.blobs,
      resolver,
      dialer,
      routes: core.routes,
      notices: core.notices,
      sink,
    }),
  );
  const tls = opening.use(await openTls(tlsOf(settings), parts));
  const listeners = parts.listeners.map(({ kind, fd }) => ({ kind, fd, server: createServer() }));
  const gateListeners: GateListener[] = listeners;
  opening.use(
    await startGate(gateSettingsOf(settings), {
      ...parts,
      listeners: gateListeners,
      directory: core.directory,
      signIn: auth.signIn,
      usage: auth.usage,
      routing: core.routes,
      intake: queue.intake,
      blobs: stores.blobs,
      resolver,
      tls: (kind) => tls.context(kind === 'legacy' ? 'legacy' : 'modern'),
    }),
  );
  // Heard from the first moment: the gate has its handlers before the sockets listen.
  for (const { server, fd } of listeners) await adoptSocket(server, fd);
  const kept = opening.move();
  return { custody: stores.custody, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** M3 is a promise about statements: they are counted by the call that runs them. */
function meterCosts({ costs }: Stores, meter: ProcessMeter): void {
  const statements = meter.counter('holdfast_store_statements_total', 'Statements that wrote custody, by call.');
  const commits = meter.counter('holdfast_store_commits_total', 'Groups of calls that were committed together.');
  const told = { commits: 0, statements: new Map<string, number>() };
  meter.beforeExposition(() => {
    if (costs === null) return;
    commits.add(costs.commits - told.commits);
    told.commits = costs.commits;
    for (const [call, count] of costs.statements) {
      statements.add(count - (told.statements.get(call) ?? 0), { call });
      told.statements.set(call, count);
    }
  });
}

/** We hold the lock of the data directory, so whoever wrote custody before us is gone: its claims lapse now, not in ten seconds. */
async function retireOthers(custody: Custody, self: IncarnationId, log: Log): Promise<void> {
  for (const { incarnation } of await custody.beats(within(START_MS))) {
    if (incarnation.id === self) continue;
    const recipients = await custody.retire(incarnation.id, false, within(START_MS));
    log.warn('queue.worker_declared_dead', { worker: incarnation.id, recipients });
  }
}

function openAuth(
  settings: Settings,
  { clock, log }: WorkingParts,
  stores: Stores,
  { directory }: Core,
  secrets: ReturnType<typeof makeSecretKeeper>,
): Promise<RunningAuth> {
  const { registry } = stores;
  return startAuth(
    { scram: settings.auth.scram, scramSeed: stores.derivedKey('invented SCRAM answers') },
    {
      directory,
      registry,
      clock,
      log,
      renew: async (identity, change, call) => {
        const renewed = await renewSecret({ registry, clock }, identity, change, call);
        if (renewed) await directory.refresh(call);
        return renewed;
      },
    },
    secrets,
  );
}

function queueDoors(queue: Queue, worker: IncarnationId) {
  return {
    worker,
    settleLater: (settlement: Settlement) => queue.settleLater(settlement),
    doorbell: () => queue.doorbell(),
  };
}

function serveLocally(
  settings: Settings,
  { meter }: WorkingParts,
  custody: Custody,
  queue: Queue,
  operation: LocalMethod,
): Promise<AsyncDisposable> {
  const ready = async (): Promise<void> => {
    if (!queue.alive()) throw new Error('its heartbeat is late');
    await custody.recall('ready', within(READY_MS));
  };
  const methods = new Map<string, LocalMethod>([
    ...custodyMethods(custody),
    ...healthMethods({ ready, metrics: () => meter.exposition() }),
    ['operation', operation],
  ]);
  return startLocalServer({ path: join(settings.data, CUSTODY_SOCKET), methods });
}

function tlsOf(settings: Settings): Parameters<typeof openTls>[0] {
  const source = tlsSource(settings);
  if (source.kind === 'files') return source;
  return { kind: 'selfSigned', dir: join(settings.data, 'tls'), hostname: settings.hostname };
}
