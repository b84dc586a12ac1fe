/**
 * One process: the parts of its roles over the stores. Any grouping of roles is composed here.
 *
 * | in this process | mail comes | mail goes |
 * |---|---|---|
 * | gate and deliver | accepted as claimed, and handed over in memory | from memory, and from the store |
 * | gate | accepted unclaimed; a bell tells who delivers on this host | |
 * | deliver | | claimed by an incarnation of its own |
 *
 * On an embedded store one process writes custody and the others reach it by its local socket; in a shared store each writes by itself.
 * Parts are opened in order of need and closed in reverse: first no new mail comes in, then attempts end, then what is in memory is
 * given back, then the stores close.
 */
import type { Settings } from '#/config/index.ts';
import { type Incarnation, isFault } from '#/model/index.ts';
import { createResolver, RESOLVER_DEFAULTS } from '#/net/index.ts';
import { ANY_ROOM } from '#/ports/index.ts';
import type { JanitorWork } from '#/queue/index.ts';
import { remoteLocalDelivery, remoteMailboxRoom } from '#/store/remote/index.ts';
import { openAccess } from './access.ts';
import { startCampaignRunner } from './campaigns.ts';
import { startCells } from './cells/process.ts';
import { forgetful } from './chaos.ts';
import { deliverBellOf, isDeliveredByOwner, openClaims } from './claims.ts';
import { type Core, openCore } from './core.ts';
import type { RunningDeliver } from './deliver.ts';
import { startDownloadUpkeep } from './downloads.ts';
import { hasMailboxes, isShared } from './groups.ts';
import { newIncarnation } from './incarnation.ts';
import { startIncidentUpkeep } from './incidents.ts';
import { type RunningInspect, startInspect } from './inspect.ts';
import { startJanitor } from './janitor.ts';
import { serveOperations } from './local-methods.ts';
import { openMail, type RunningMail } from './mail.ts';
import { MailboxesClient } from './mailboxes.ts';
import { openDeliver, openGate } from './open-roles.ts';
import type { Opened, ProcessRoleParts } from './opened.ts';
import { startOverdueTeller } from './overdue.ts';
import { startPastUpkeep } from './past.ts';
import type { People } from './people.ts';
import { startCuttingOfPeople, startUpkeepOfPeople } from './people-generations.ts';
import { startForgetting } from './policy-memory.ts';
import { openRemoteStores } from './remote-stores.ts';
import { meterCosts } from './store-costs.ts';
import { OWN_STORE, watchStore } from './store-watch.ts';
import { openStores, type Stores } from './stores.ts';
import { startTelemetry } from './telemetry.ts';
import { openUpstreams } from './upstreams.ts';
import { vitalsOf } from './vitals.ts';
import { openWebPart } from './web-part.ts';
import { registerWorker } from './workers.ts';

/** Roles that meet people or peers: they know the directory. */
const SERVING = ['gate', 'deliver', 'mail', 'web'] as const;
const LOOK_AGAIN_MS = 50;
const STORE_LOOK_MS = 500;
const DOUBT = 'the answer to a claim was lost';

/** Serves until it is disposed. */
export async function startProcess(settings: Settings, parts: ProcessRoleParts): Promise<AsyncDisposable> {
  if (settings.cells !== null) return startCells(settings, parts);
  await using opening = new AsyncDisposableStack();
  const incarnation = newIncarnation(parts.group.name, parts.clock.now());
  const kept = opening.use(await openStoresPatiently(settings, parts, incarnation));
  const { group } = parts;
  const place = { inspects: group.roles.includes('inspect'), writes: group.owner || isShared(settings) };
  const stores = { ...kept, custody: forgetful(kept.custody, process.env, place) };
  meterCosts(() => stores.costs, parts.meter);
  const opened: Opened = { settings, parts, incarnation, stores };
  const alone = group.owner && !isShared(settings);
  opening.use(await registerWorker(settings.data, { ...parts, custody: stores.custody, incarnation, alone }));
  const people = await openPeople(opened, opening);
  const work = await openWork(opened, people, opening);
  const store = opening.use(alone ? OWN_STORE : watchStore(settings, parts.clock));
  parts.health.stands(vitalsOf(opened, store, { claims: people?.claims ?? null, ...work }));
  return opening.move();
}

/** None of it in a process that only keeps house. */
async function openPeople(opened: Opened, opening: AsyncDisposableStack): Promise<People | null> {
  const { roles, owner } = opened.parts.group;
  if (!owner && !SERVING.some((role) => roles.includes(role))) return null;
  const core = opening.use(await openCore(opened.settings, { ...opened.parts, stores: opened.stores }));
  const signsIn = owner || (['gate', 'mail', 'web'] as const).some((role) => roles.includes(role));
  const access = signsIn ? opening.use(await openAccess(opened, core)) : null;
  const claims = opening.use(await openClaims(opened, core));
  return { core, claims, access };
}

interface RunningWork {
  readonly deliver: RunningDeliver | null;
  readonly janitor: JanitorWork | null;
  readonly mail: RunningMail | null;
  readonly inspect: RunningInspect | null;
}

async function openWork(opened: Opened, people: People | null, opening: AsyncDisposableStack): Promise<RunningWork> {
  const { settings, parts, stores } = opened;
  const { roles, owner } = parts.group;
  const janitor = roles.includes('janitor')
    ? opening.use(await startJanitor(settings, { ...parts, custody: stores.custody }))
    : null;
  if (roles.includes('janitor')) {
    opening.use(startForgetting(opened));
    opening.use(startUpkeepOfPeople(opened));
  }
  if (people === null) {
    if (owner) opening.use(await serveOperations(opened, null, null));
    const inspect = await workApart(opened, opening);
    return { deliver: null, janitor, mail: null, inspect };
  }
  if (roles.includes('janitor')) startUpkeep(opened, people.core, () => people.claims.deliverable(), opening);
  const resolver = opening.use(createResolver({ ...RESOLVER_DEFAULTS, servers: settings.dns.servers }, parts));
  const mail = roles.includes('mail') ? opening.use(await openMail(opened, people)) : null;
  const elsewhere = mail === null && hasMailboxes(settings) ? opening.use(new MailboxesClient(settings)) : null;
  if (owner) opening.use(await serveOperations(opened, people, mail?.operations ?? elsewhere));
  const local = mail?.delivery ?? (elsewhere === null ? null : remoteLocalDelivery(elsewhere));
  const deliver = roles.includes('deliver')
    ? opening.use(
        await openDeliver(opened, people, resolver, local, opening.use(openUpstreams(opened, settings.data)).ear),
      )
    : null;
  if (roles.includes('gate')) {
    const room = mail?.room ?? (elsewhere === null ? ANY_ROOM : opening.use(remoteMailboxRoom(elsewhere, parts.clock)));
    opening.use(await openGate(opened, people, { resolver, room }));
  }
  if (roles.includes('web')) opening.use(await openWebPart(opened, people));
  const inspect = roles.includes('inspect') ? opening.use(await inspectBeside(opened, people)) : null;
  return { deliver, janitor, mail, inspect };
}

/** In a process that meets nobody: it knows the directory, and takes no mail in. */
async function workApart(opened: Opened, opening: AsyncDisposableStack): Promise<RunningInspect | null> {
  const { settings, parts } = opened;
  const { roles } = parts.group;
  const inspects = roles.includes('inspect');
  if (!inspects && !roles.includes('janitor')) return null;
  const core = opening.use(await openCore(settings, { ...parts, stores: opened.stores }));
  const bell = opening.use(deliverBellOf(settings, { home: settings.data, clock: parts.clock }));
  if (roles.includes('janitor')) startUpkeep(opened, core, () => bell.ring(), opening);
  const shared = roles.length > 1;
  const onPassed = isDeliveredByOwner(settings) ? () => {} : () => bell.ring();
  return inspects ? opening.use(await startInspect(opened, { core, shared, onPassed })) : null;
}

/** What the janitor looks after beside custody. */
function startUpkeep(opened: Opened, core: Core, ring: () => void, opening: AsyncDisposableStack): void {
  opening.use(startDownloadUpkeep(opened, core, ring));
  opening.use(startPastUpkeep(opened, core.directory));
  opening.use(startCuttingOfPeople(opened, core.directory));
  opening.use(startCampaignRunner(opened, core, ring));
  opening.use(startIncidentUpkeep(opened, core, { custody: opened.stores.custody, ring }));
  opening.use(startOverdueTeller(opened, core, ring));
  const telemetry = startTelemetry(opened);
  if (telemetry !== null) opening.use(telemetry);
}

/** Beside the roles of a process that takes mail in or delivers it. */
async function inspectBeside(opened: Opened, { core, claims }: People): Promise<RunningInspect> {
  const inspect = await startInspect(opened, { core, shared: true, onPassed: () => claims.deliverable() });
  claims.inspectBell.attach(() => inspect.ring());
  return inspect;
}

async function openStoresPatiently(
  settings: Settings,
  parts: ProcessRoleParts,
  incarnation: Incarnation,
): Promise<Stores> {
  const { clock, stop, group, patient } = parts;
  const waits = oncePer(parts);
  if (!group.owner && !isShared(settings))
    return openRemoteStores(settings, { ...parts, waits, onDoubt: () => parts.onDoubt(DOUBT) });
  for (;;) {
    try {
      return await openStores(settings, { ...parts, incarnation });
    } catch (error) {
      const locked = isFault(error, 'store.locked');
      if (stop.aborted || !patient || !(locked || isFault(error, 'store.unavailable'))) throw error;
      waits(error);
      await clock.sleep(locked ? LOOK_AGAIN_MS : STORE_LOOK_MS, stop);
    }
  }
}

/** Tells the steward and, the first time, the log. */
function oncePer({ health, log }: ProcessRoleParts): (why: unknown) => void {
  let told = false;
  return (why) => {
    health.waits();
    if (!told) log.warn('role.waiting', { why: why instanceof Error ? why.message : String(why) });
    told = true;
  };
}
