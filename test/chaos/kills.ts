/**
 * The kill drill: mail of two tenants, often to several recipients, goes in by several connections and out to a server that refuses
 * softly, refuses for good and hangs up, while processes are harmed at random: killed, stopped, or their event loop blocked for ever.
 * Afterwards the server is gentle, everything drains, and every recipient that had its 250 is accounted for.
 */

import { join } from 'node:path';
import {
  die,
  GENTLE,
  RESOURCES,
  type ScriptedHop,
  type Sent,
  SteadyLoad,
  settingsFor,
  startHop,
} from '#/drills/kit/index.ts';
import { within } from '#/model/index.ts';
import { connectLocal, type LocalClient } from '#/net/index.ts';
import { eventually, Holdfast, kill, pause } from '../support/holdfast.ts';

export interface KillPlan {
  readonly kills: number;
  readonly seed: number;
  readonly connections: number;
  /** Pause between kills, ms, at least and at most. */
  readonly everyMs: readonly [number, number];
  /** Lines of holdfast.yaml: the store, how roles are grouped. */
  readonly settings?: string;
  /** Chance that a process is not killed, but stopped or blocked, and the steward has to find out. */
  readonly stuck: number;
  readonly progress?: (line: string) => void;
}

export interface KillReport {
  /** By what was done to whom. */
  readonly kills: Readonly<Record<string, number>>;
  readonly accepted: number;
  readonly delivered: number;
  readonly bounced: number;
  /** Taken more than once without a mark in the trace: must be empty. */
  readonly unexplained: readonly string[];
  readonly duplicates: number;
  /** Had a 250 and can't be accounted for: must be empty. */
  readonly missing: readonly string[];
  readonly balanced: boolean;
  readonly orphans: readonly unknown[];
}

const STEWARD = 'steward';
const STEWARD_CHANCE = 0.1;
const JANITOR_CHANCE = 0.15;
const NOTICED_MS = 120_000;

/** Runs the drill; throws only when it can't be run. */
export async function runKills(plan: KillPlan): Promise<KillReport> {
  const roll = die(plan.seed);
  await using sink = await startHop(roll);
  sink.temper = { softRefusal: 0.05, hardRefusal: 0.03, disconnect: 0.004, silentTake: 0.002 };
  const settings = `${settingsFor(sink.port)}\n${plan.settings ?? ''}`;
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES, env: { HOLDFAST_CHAOS: '1' } });
  const { connections } = plan;
  await using load = new SteadyLoad({ port: holdfast.ports.smtp, connections, roll, pauseMs: 20, large: 0.01 });
  const kills = await harmAtRandom(holdfast, plan, roll);
  const answered = await load.stop();
  sink.temper = { ...GENTLE };
  await holdfast.ready();
  await drained(holdfast);
  return await report(holdfast, sink, answered, kills);
}

async function harmAtRandom(holdfast: Holdfast, plan: KillPlan, roll: () => number): Promise<Record<string, number>> {
  const kills: Record<string, number> = {};
  for (let done = 0; done < plan.kills; ) {
    await pause(plan.everyMs[0] + roll() * (plan.everyMs[1] - plan.everyMs[0]));
    const harm = await harmOne(holdfast, plan, roll);
    if (harm === null) continue;
    kills[harm] = (kills[harm] ?? 0) + 1;
    done++;
    if (done % 20 === 0) plan.progress?.(`${done} of ${plan.kills} kills`);
  }
  return kills;
}

/** What was done; null where there was nobody to do it to. */
async function harmOne(holdfast: Holdfast, plan: KillPlan, roll: () => number): Promise<string | null> {
  if (roll() < STEWARD_CHANCE) {
    if (!kill(holdfast.pid)) return null;
    await holdfast.launch();
    return `${STEWARD} killed`;
  }
  const pids = await holdfast.pids();
  const workers = [...pids.keys()].filter((role) => role !== 'janitor').sort();
  const role = roll() < JANITOR_CHANCE ? 'janitor' : (workers[Math.floor(roll() * workers.length)] ?? 'janitor');
  const pid = pids.get(role);
  if (pid === undefined) return null;
  if (roll() >= plan.stuck) return kill(pid) ? `${role} killed` : null;
  const [how, signal] = roll() < 0.5 ? (['stopped', 'SIGSTOP'] as const) : (['blocked', 'SIGUSR2'] as const);
  // A process that is just starting dies of SIGUSR2: a death like any other.
  process.kill(pid, signal);
  await eventually(`${role}, ${how}, is found and ended`, () => !lives(pid), NOTICED_MS);
  return `${role} ${how}`;
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function drained(holdfast: Holdfast): Promise<void> {
  await eventually(
    'the queue is empty',
    async () => {
      const audit = await holdfast.json<{ tenants: { queued: number }[] }>('audit');
      return audit.tenants.every((tenant) => tenant.queued === 0);
    },
    240_000,
  );
}

interface Traced {
  readonly recipients: readonly {
    readonly address: string;
    readonly state: string;
    readonly possiblyDuplicate: boolean;
  }[];
}

async function report(
  holdfast: Holdfast,
  sink: ScriptedHop,
  answered: readonly Sent[],
  kills: Record<string, number>,
): Promise<KillReport> {
  await using server = await connectLocal(join(holdfast.data, 'holdfast.sock'));
  const marked = new Set<string>();
  const missing: string[] = [];
  let [accepted, delivered, bounced] = [0, 0, 0];
  for (const { mail, queueId, taken } of answered) {
    if (queueId === null) continue;
    const traced = await trace(server, queueId);
    for (const address of taken) {
      accepted++;
      const found = traced?.recipients.find((recipient) => recipient.address === address);
      if (isMarked(traced, address)) marked.add(address);
      if (found?.state === 'delivered' && sink.taken.has(`${mail.id} ${address}`)) delivered++;
      else if (found?.state === 'bounced' && sink.refused.has(address)) bounced++;
      else missing.push(`${queueId} ${address} ${found?.state ?? 'unknown'}`);
    }
  }
  const twice = [...sink.taken].filter(([, times]) => times > 1).map(([key]) => key);
  const unexplained: string[] = [];
  for (const key of twice) {
    const address = key.split(' ')[1] ?? '';
    // One whose 250 was lost with its process is known by its address alone.
    if (!marked.has(address) && !isMarked(await trace(server, address), address)) unexplained.push(key);
  }
  const audit = await holdfast.json<{ balanced: boolean; orphans: unknown[] }>('audit', '--full');
  return {
    kills,
    accepted,
    delivered,
    bounced,
    unexplained,
    duplicates: twice.length,
    missing,
    balanced: audit.balanced,
    orphans: audit.orphans,
  };
}

function isMarked(traced: Traced | undefined, address: string): boolean {
  return traced?.recipients.some((one) => one.address === address && one.possiblyDuplicate) === true;
}

async function trace(server: LocalClient, query: string): Promise<Traced | undefined> {
  const question = { name: 'trace.find', input: { query, limit: 1 }, by: 'cli:drill' };
  const [found] = (await server.call('operation', question, within(30_000))) as readonly Traced[];
  return found;
}
