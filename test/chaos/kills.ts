/**
 * The kill drill: mail of two tenants, often to several recipients, goes in by several connections and out to a server that refuses
 * softly, refuses for good and hangs up, while processes are killed at random. Afterwards the server is gentle, everything drains, and
 * every recipient that had its 250 is accounted for.
 */

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
import { type MailId, within } from '#/model/index.ts';
import { openSqliteReader } from '#/store/index.ts';
import { eventually, Holdfast, kill, pause } from '../support/holdfast.ts';

export interface KillPlan {
  readonly kills: number;
  readonly seed: number;
  readonly connections: number;
  /** Pause between kills, ms, at least and at most. */
  readonly everyMs: readonly [number, number];
  readonly progress?: (line: string) => void;
}

export interface KillReport {
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

/** Runs the drill; throws only when it can't be run. */
export async function runKills(plan: KillPlan): Promise<KillReport> {
  const roll = die(plan.seed);
  await using sink = await startHop(roll);
  sink.temper = { softRefusal: 0.05, hardRefusal: 0.03, disconnect: 0.004, silentTake: 0.002 };
  await using holdfast = await Holdfast.start({ settings: settingsFor(sink.port), resources: RESOURCES });
  const { connections } = plan;
  await using load = new SteadyLoad({ port: holdfast.ports.smtp, connections, roll, pauseMs: 20, large: 0.01 });
  const kills = await killAtRandom(holdfast, plan, roll);
  const answered = await load.stop();
  sink.temper = { ...GENTLE };
  await holdfast.ready();
  await drained(holdfast);
  return await report(holdfast, sink, answered, kills);
}

async function killAtRandom(holdfast: Holdfast, plan: KillPlan, roll: () => number): Promise<Record<string, number>> {
  const kills: Record<string, number> = {};
  for (let done = 0; done < plan.kills; ) {
    await pause(plan.everyMs[0] + roll() * (plan.everyMs[1] - plan.everyMs[0]));
    const target = roll() < 0.1 ? 'steward' : roll() < 0.25 ? 'janitor' : 'gate+deliver';
    const pid = target === 'steward' ? holdfast.pid : (await holdfast.pids()).get(target);
    if (pid === undefined || !kill(pid)) continue;
    kills[target] = (kills[target] ?? 0) + 1;
    done++;
    if (target === 'steward') await holdfast.launch();
    if (done % 20 === 0) plan.progress?.(`${done} of ${plan.kills} kills`);
  }
  return kills;
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

async function report(
  holdfast: Holdfast,
  sink: ScriptedHop,
  answered: readonly Sent[],
  kills: Record<string, number>,
): Promise<KillReport> {
  await using journal = await openSqliteReader(holdfast.data);
  const marked = new Set<string>();
  const missing: string[] = [];
  let [accepted, delivered, bounced] = [0, 0, 0];
  for (const { mail, queueId, taken } of answered) {
    if (queueId === null) continue;
    const [traced] = await journal.trace({ ids: [queueId as MailId] }, 1, within(10_000));
    for (const address of taken) {
      accepted++;
      const found = traced?.recipients.find((recipient) => recipient.address === address);
      if (found?.possiblyDuplicate) marked.add(address);
      if (found?.state === 'delivered' && sink.taken.has(`${mail.id} ${address}`)) delivered++;
      else if (found?.state === 'bounced' && sink.refused.has(address)) bounced++;
      else missing.push(`${queueId} ${address} ${found?.state ?? 'unknown'}`);
    }
  }
  const twice = [...sink.taken].filter(([, times]) => times > 1).map(([key]) => key);
  const unexplained = twice.filter((key) => !marked.has(key.split(' ')[1] ?? ''));
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
