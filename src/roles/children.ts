/** The processes of this host under the steward: one for each group of roles, watched, restarted, and replaced on SIGHUP. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '#/config/index.ts';
import { INSPECT_NODE_FLAGS } from '#/inspect/index.ts';
import { within } from '#/model/index.ts';
import { connectLocal, type LocalClient } from '#/net/index.ts';
import { Child, type LifeSlot, type Proof, type Pulse, RESTART_DEFAULTS, watch } from '#/steward/index.ts';
import { type Group, groupsOf } from './groups.ts';
import type { InspectLook } from './inspect.ts';
import { isScaled, startInspectPool, workerName } from './inspect-pool.ts';
import { type Bound, describeSockets, KINDS_OF_ROLE } from './listeners.ts';
import { healthSocket } from './places.ts';
import type { ProcessParts } from './process-parts.ts';
import { provesAll, provesListeners, provesRole } from './prove.ts';
import { describeRun, type RunOptions, readSettings } from './run-options.ts';

/** From SIGTERM to SIGKILL of a child. */
const DRAIN_MS = 35_000;
const STUCK_DRAIN_MS = 1_000;
/** For a successor to start; a slow machine takes some seconds. */
const SUCCESSOR_MS = 60_000;
/**
 * Of the heaps, in MiB. The young generation stays small, so that a process that has seen a million mails is hardly larger than a new
 * one. Content of mail lies beside the heap and counts for it: without room from the start, each 64 MiB of mail would be a full collection.
 */
const NODE_FLAGS = [
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=16',
  '--initial-old-space-size=256',
];
/** Flushes take up to four of Node's threads for files, look-ups and password hashes; its default is four in all. */
const THREADS = { UV_THREADPOOL_SIZE: process.env.UV_THREADPOOL_SIZE ?? '8' };
const METRICS_MS = 2_000;

/** What runs, and how it is asked. */
export interface Running extends AsyncDisposable {
  /** By role. */
  readonly proofs: ReadonlyMap<string, Proof>;
  /** Figures of each process, empty where it did not answer; that shows in `/readyz`. */
  metrics(): Promise<readonly { readonly labels: { readonly process: string }; readonly text: string }[]>;
}

/** Starts a child for each group of roles that this release has. */
export function startChildren(
  options: RunOptions,
  settings: Settings,
  bound: readonly Bound[],
  parts: ProcessParts,
): Running {
  const pulses = new Pulses(settings.data);
  const groups = groupsOf(settings);
  const children = groups
    .filter((group) => !isScaled(group))
    .map((group) => ({ group, name: group.name, child: startChild(group, 1, { options, bound, parts, pulses }) }));
  const pools = groups.filter(isScaled).map((group) => {
    const scaled = startScaled(group, settings, { options, bound, parts, pulses });
    return { group, ...scaled };
  });
  const all = (): readonly Supervised[] => [
    ...children,
    ...pools.flatMap(({ group, pool }) =>
      pool.children().map((child, i) => ({ group, name: workerName(group.name, i + 1), child })),
    ),
  ];
  const watching = children.map(({ child }) => watch(child, parts));
  const reload = (): void => void reloadSettings(options, all(), parts);
  process.on('SIGHUP', reload);
  meterChildren(all, parts);
  return {
    proofs: proofsOf(all, groups, settings, bound),
    metrics: () => Promise.all(all().map((one) => metricsOf(settings.data, one))),
    [Symbol.asyncDispose]: async () => {
      process.off('SIGHUP', reload);
      await Promise.all(watching.map((one) => one[Symbol.asyncDispose]()));
      // Who writes custody goes last: the others write down by it what became of their mail.
      await Promise.all(pools.map((one) => one[Symbol.asyncDispose]()));
      await Promise.all(children.filter(({ group }) => !group.owner).map(({ child }) => child.stop()));
      await Promise.all(children.map(({ child }) => child.stop()));
      await pulses[Symbol.asyncDispose]();
    },
  };
}

type Supervised = { readonly group: Group; readonly name: string; readonly child: Child };

/** What starts a child. */
interface Starting {
  readonly options: RunOptions;
  readonly bound: readonly Bound[];
  readonly parts: ProcessParts;
  readonly pulses: Pulses;
}

/** Workers that come and go with the work, each watched like any other child. */
function startScaled(group: Group, settings: Settings, starting: Starting) {
  const watching = new Set<AsyncDisposable>();
  const pool = startInspectPool(settings, {
    ...starting.parts,
    start: (number) => {
      const child = startChild(group, number, starting);
      watching.add(watch(child, starting.parts));
      return child;
    },
    ask: (child, number, ms) => starting.pulses.look(workerName(group.name, number), child.slot, ms),
  });
  return {
    pool,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...watching].map((one) => one[Symbol.asyncDispose]()));
      await pool[Symbol.asyncDispose]();
    },
  };
}

function startChild(group: Group, number: number, { options, bound, parts, pulses }: Starting): Child {
  const { name, roles } = group;
  const kinds = roles.flatMap((role) => KINDS_OF_ROLE[role] ?? []);
  const sockets = bound.filter(({ kind }) => kinds.includes(kind));
  const program = fileURLToPath(new URL(`./child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));
  const settings = {
    role: name,
    command: [process.execPath, ...NODE_FLAGS, ...(isScaled(group) ? INSPECT_NODE_FLAGS : []), program],
    // What systemd gave is ours: a child gets its share of it by place.
    env: {
      ...THREADS,
      ...describeRun(options),
      ...describeSockets(sockets),
      LISTEN_FDS: '',
      LISTEN_PID: '',
      HOLDFAST_WORKER: String(number),
    },
    sockets: sockets.map(({ fd }) => fd),
    drainMs: DRAIN_MS,
    stuckDrainMs: STUCK_DRAIN_MS,
    successorMs: SUCCESSOR_MS,
    restart: RESTART_DEFAULTS,
  };
  return new Child(settings, { ...parts, ask: (slot, ms) => pulses.ask(workerName(name, number), slot, ms) });
}

function proofsOf(
  children: () => readonly Supervised[],
  groups: readonly Group[],
  settings: Settings,
  bound: readonly Bound[],
): ReadonlyMap<string, Proof> {
  const proofs = new Map<string, Proof>();
  for (const { name, roles } of groups) {
    // Of several workers the first one is always there.
    const first = (): Child | undefined => children().find((one) => one.name === name)?.child;
    for (const role of roles) {
      const inside = provesRole(role, settings.data, () => healthSocket(name, first()?.slot ?? 0));
      proofs.set(role, provesAll(inside, provesListeners(role, bound, settings.hostname)));
    }
  }
  return proofs;
}

/**
 * SIGHUP: good settings make the processes begin anew with them, each by a successor that stands before the old one leaves; bad ones
 * are told, and what runs goes on. One after the other: what one waits for from another must not be gone at the same moment.
 */
async function reloadSettings(
  options: RunOptions,
  children: readonly Supervised[],
  { log }: ProcessParts,
): Promise<void> {
  try {
    readSettings(options);
  } catch (error) {
    log.error('steward.settings-refused', { why: error instanceof Error ? error.message : String(error) });
    return;
  }
  const replaced: boolean[] = [];
  for (const { child } of children) replaced.push(await child.replace());
  if (replaced.every(Boolean)) log.info('steward.settings-reloaded');
  else log.error('steward.settings-not-in-use');
}

function meterChildren(children: () => readonly Supervised[], { meter }: ProcessParts): void {
  const restarts = meter.gauge('holdfast_steward_restarts', 'How often a process was started again.');
  const stuck = meter.gauge('holdfast_steward_stuck', 'How often a process was ended because it was alive but stuck.');
  meter.beforeExposition(() => {
    for (const { name, child } of children()) {
      restarts.set(child.restarts, { child: name });
      stuck.set(child.stuck, { child: name });
    }
  });
}

async function metricsOf(data: string, { name, child }: Supervised) {
  const labels = { process: name };
  try {
    await using client = await connectLocal(join(data, healthSocket(name, child.slot)));
    return { labels, text: String(await client.call('metrics', {}, within(METRICS_MS))) };
  } catch {
    return { labels, text: '' };
  }
}

/** Asks processes for their pulse, by one kept connection each. */
class Pulses {
  readonly #data: string;
  readonly #clients = new Map<string, LocalClient>();

  constructor(data: string) {
    this.#data = data;
  }

  async ask(name: string, slot: LifeSlot, withinMs: number): Promise<Pulse> {
    // Our own program answers, of this release or its neighbour's.
    return (await this.#call(name, slot, 'pulse', withinMs)) as Pulse;
  }

  /** How a worker does, and what it says to a mail whose verdict is known. */
  async look(name: string, slot: LifeSlot, withinMs: number): Promise<InspectLook> {
    return (await this.#call(name, slot, 'look', withinMs)) as InspectLook;
  }

  async #call(name: string, slot: LifeSlot, method: string, withinMs: number): Promise<unknown> {
    const place = join(this.#data, healthSocket(name, slot));
    let client = this.#clients.get(place);
    if (client === undefined) {
      client = await connectLocal(place);
      this.#clients.set(place, client);
    }
    return await client.call(method, {}, within(withinMs));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) await client[Symbol.asyncDispose]();
  }
}
