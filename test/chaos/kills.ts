/**
 * The kill drill: mail of two tenants, often to several recipients, goes in by several connections and out to a server that refuses
 * softly, refuses for good and hangs up, while processes are killed at random. Afterwards the server is gentle, everything drains, and
 * every recipient that had its 250 is accounted for.
 */

import { type MailId, within } from '#/model/index.ts';
import { openSqliteReader } from '#/store/index.ts';
import { die } from '../power/recording.ts';
import { eventually, Holdfast, kill, pause } from '../support/holdfast.ts';
import { type Answered, TestClient, type TestMail } from '../support/load.ts';
import { GENTLE, type Sink, startSink } from '../support/sink.ts';

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

const TENANTS = [
  { id: 'acme', from: '127.0.0.2' },
  { id: 'bolt', from: '127.0.0.3' },
] as const;

export const RESOURCES: string = `tenants:\n${TENANTS.map(
  ({ id, from }) =>
    `  - id: ${id}\n    name: ${id}\n    domains: [${id}.test]\n    relays:\n      - { name: server, kind: server, networks: [${from}/32], senders: ["*@${id}.test"] }\n`,
).join('')}`;

/** Settings that retry within seconds and send everything to one port of the loopback, DSNs to our own tenants included. */
export function settingsFor(sinkPort: number): string {
  return [
    'outbound: on',
    'retry: { first: 1s, factor: 2, max: 3s, delayNotice: 4h, expire: 5d }',
    'routes:',
    `  - { domains: ["*"], host: 127.0.0.1, port: ${sinkPort}, tls: none }`,
  ].join('\n');
}

/** Runs the drill; throws only when it can't be run. */
export async function runKills(plan: KillPlan): Promise<KillReport> {
  const roll = die(plan.seed);
  await using sink = await startSink(roll);
  sink.temper = { softRefusal: 0.05, hardRefusal: 0.03, disconnect: 0.004, silentTake: 0.002 };
  await using holdfast = await Holdfast.start({ settings: settingsFor(sink.port), resources: RESOURCES });
  const load = new Load(holdfast.ports.smtp, plan.connections, roll);
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

/** Connections that send until they are told to stop; each reconnects when it is cut off. */
class Load {
  readonly #answered: Answered[] = [];
  readonly #workers: Promise<void>[] = [];
  #stopping = false;
  #count = 0;

  constructor(port: number, connections: number, roll: () => number) {
    for (let i = 0; i < connections; i++) this.#workers.push(this.#work(port, TENANTS[i % 2] ?? TENANTS[0], roll));
  }

  async stop(): Promise<readonly Answered[]> {
    this.#stopping = true;
    await Promise.all(this.#workers);
    return this.#answered;
  }

  async #work(port: number, tenant: (typeof TENANTS)[number], roll: () => number): Promise<void> {
    while (!this.#stopping) {
      const client = await TestClient.open(port, tenant.from, 15_000);
      if (client === null) {
        await pause(50);
        continue;
      }
      for (let i = 0; i < 200 && !this.#stopping && !client.gone; i++) {
        this.#answered.push(await client.send(this.#mail(tenant.id, roll)));
        await pause(roll() * 20);
      }
      client.close();
    }
  }

  #mail(tenant: string, roll: () => number): TestMail {
    const id = `${tenant}-${++this.#count}`;
    const to = Array.from(
      { length: 1 + Math.floor(roll() * 4) },
      (_, i) => `${id}-${i}@${i % 2 ? 'one' : 'two'}.example`,
    );
    const large = roll() < 0.01;
    return { id, from: `sender@${tenant}.test`, to, bodyBytes: large ? 1_500_000 : 500 + Math.floor(roll() * 6000) };
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

async function report(
  holdfast: Holdfast,
  sink: Sink,
  answered: readonly Answered[],
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
