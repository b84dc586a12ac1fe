/** The processes of this host under the steward: one for each group of roles, watched, restarted, and replaced on SIGHUP. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Settings } from '#/config/index.ts';
import { within } from '#/model/index.ts';
import { connectLocal, type LocalClient } from '#/net/index.ts';
import { Child, type LifeSlot, type Proof, type Pulse, RESTART_DEFAULTS, watch } from '#/steward/index.ts';
import { type Group, groupsOf } from './groups.ts';
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
  const children = groupsOf(settings).map((group) => ({
    group,
    child: startChild(group, options, bound, parts, pulses),
  }));
  const watching = children.map(({ child }) => watch(child, parts));
  const reload = (): void => void reloadSettings(options, children, parts);
  process.on('SIGHUP', reload);
  meterChildren(children, parts);
  return {
    proofs: proofsOf(children, settings, bound),
    metrics: () => Promise.all(children.map(({ child }) => metricsOf(settings.data, child))),
    [Symbol.asyncDispose]: async () => {
      process.off('SIGHUP', reload);
      await Promise.all(watching.map((one) => one[Symbol.asyncDispose]()));
      // Who writes custody goes last: the others write down by it what became of their mail.
      await Promise.all(children.filter(({ group }) => !group.owner).map(({ child }) => child.stop()));
      await Promise.all(children.map(({ child }) => child.stop()));
      await pulses[Symbol.asyncDispose]();
    },
  };
}

type Supervised = { readonly group: Group; readonly child: Child };

function startChild(
  { name, roles }: Group,
  options: RunOptions,
  bound: readonly Bound[],
  parts: ProcessParts,
  pulses: Pulses,
): Child {
  const kinds = roles.flatMap((role) => KINDS_OF_ROLE[role] ?? []);
  const sockets = bound.filter(({ kind }) => kinds.includes(kind));
  const program = fileURLToPath(new URL(`./child.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url));
  const settings = {
    role: name,
    command: [process.execPath, ...NODE_FLAGS, program],
    // What systemd gave is ours: a child gets its share of it by place.
    env: { ...THREADS, ...describeRun(options), ...describeSockets(sockets), LISTEN_FDS: '', LISTEN_PID: '' },
    sockets: sockets.map(({ fd }) => fd),
    drainMs: DRAIN_MS,
    stuckDrainMs: STUCK_DRAIN_MS,
    successorMs: SUCCESSOR_MS,
    restart: RESTART_DEFAULTS,
  };
  return new Child(settings, { ...parts, ask: (slot, ms) => pulses.ask(name, slot, ms) });
}

function proofsOf(
  children: readonly Supervised[],
  settings: Settings,
  bound: readonly Bound[],
): ReadonlyMap<string, Proof> {
  const proofs = new Map<string, Proof>();
  for (const { group, child } of children) {
    for (const role of group.roles) {
      const inside = provesRole(role, settings.data, () => healthSocket(group.name, child.slot));
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

function meterChildren(children: readonly Supervised[], { meter }: ProcessParts): void {
  const restarts = meter.gauge('holdfast_steward_restarts', 'How often a process was started again.');
  const stuck = meter.gauge('holdfast_steward_stuck', 'How often a process was ended because it was alive but stuck.');
  meter.beforeExposition(() => {
    for (const { child } of children) {
      restarts.set(child.restarts, { child: child.role });
      stuck.set(child.stuck, { child: child.role });
    }
  });
}

async function metricsOf(data: string, { role, slot }: Child) {
  const labels = { process: role };
  try {
    await using client = await connectLocal(join(data, healthSocket(role, slot)));
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
    const place = join(this.#data, healthSocket(name, slot));
    let client = this.#clients.get(place);
    if (client === undefined) {
      client = await connectLocal(place);
      this.#clients.set(place, client);
    }
    // Our own program answers, of this release or its neighbour's.
    return (await client.call('pulse', {}, within(withinMs))) as Pulse;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#clients.values()) await client[Symbol.asyncDispose]();
  }
}
