/**
 * The drain: a route is down until thousands of messages wait for it, then it is back. How fast do they leave, and what do people who send
 * meanwhile see? Both servers in turn, each with the same sink, port and pace.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { runSmtpSource } from '../../test/support/smtp-sink.ts';
import type { CountedSink } from '../lib/counted-sink.ts';
import { nowMicros, type TimeWindow } from '../lib/profile.ts';
import { type Paced, paceSessions } from './pace.ts';
import { type Racer, RECIPIENT, SENDER } from './racer.ts';

export interface DrainEffort {
  readonly rounds: number;
  readonly messages: number;
  /** Sessions without a backlog, in all rounds together. */
  readonly idleSessions: number;
  readonly say: (line: string) => void;
}

/** One drain. */
export interface Drained {
  /** From the route's return until nothing waits. */
  readonly perSecond: number;
  /** From the route's return to the first message. */
  readonly firstMs: number;
  readonly idle: readonly number[];
  readonly meanwhile: readonly number[];
  readonly window: TimeWindow;
}

const PACE_PER_SECOND = 50;
const FILL_MS = 300_000;
const DEFERRED_MS = 180_000;
const DRAINED_MS = 180_000;
const LOOK_MS = 5;
const SLOW_LOOK_MS = 500;
/** Both have time to come to rest. */
const REST_MS = 1_000;

/** As many drains of each as there are rounds, in turn. */
export async function drainInTurn(
  racers: readonly Racer[],
  sink: CountedSink,
  effort: DrainEffort,
): Promise<ReadonlyMap<string, readonly Drained[]>> {
  const all = new Map(racers.map(({ name }) => [name, [] as Drained[]]));
  for (let round = 0; round < effort.rounds; round++) {
    for (const racer of round % 2 === 0 ? racers : racers.toReversed()) {
      const drained = await drainOnce(racer, sink, effort);
      all.get(racer.name)?.push(drained);
      effort.say(
        `drain: ${racer.name} ${drained.perSecond.toFixed(0)}/s, first after ${drained.firstMs.toFixed(0)} ms, ${drained.meanwhile.length} sessions meanwhile`,
      );
    }
  }
  return all;
}

async function drainOnce(racer: Racer, sink: CountedSink, effort: DrainEffort): Promise<Drained> {
  const before = sink.count();
  const sessions = Math.ceil(effort.idleSessions / effort.rounds);
  const idle = await paceSessions(racer.port, { perSecond: PACE_PER_SECOND, sessions });
  await sink.reaches(before + sessions);
  await sink.down();
  await fill(racer, effort.messages);
  await sink.up();
  const drained = await watch(racer, sink, effort.messages);
  return { ...drained, idle: idle.latencies };
}

async function fill(racer: Racer, messages: number): Promise<void> {
  const load = { port: racer.port, messages, connections: 20, keepOpen: true, bytes: 4096 };
  const sent = await runSmtpSource({ ...load, from: SENDER, to: RECIPIENT }, FILL_MS);
  if ('missing' in sent) throw new Error(sent.missing);
  for (const until = performance.now() + DEFERRED_MS; ; await sleep(SLOW_LOOK_MS)) {
    const deferred = await racer.deferred();
    if (deferred >= messages) break;
    if (performance.now() > until) throw new Error(`${racer.name}: ${deferred} of ${messages} messages wait`);
  }
  await sleep(REST_MS);
}

/** From the route's return on, with people who send. */
async function watch(racer: Racer, sink: CountedSink, messages: number): Promise<Omit<Drained, 'idle'>> {
  const before = sink.count();
  const over = new AbortController();
  let accepted = 0;
  const began = nowMicros();
  const pacing = pace(racer, over, () => void accepted++);
  const arrived = (): number => sink.count() - before;
  try {
    await racer.flush();
    const first = await reached(() => arrived() > 0, over.signal);
    const done = await reached(() => arrived() >= messages + accepted, over.signal);
    over.abort();
    const { latencies } = await pacing;
    await sink.reaches(before + messages + accepted);
    await sleep(REST_MS);
    check(racer, messages + accepted, arrived());
    const perSecond = (messages / (done - began)) * 1e6;
    return { perSecond, firstMs: (first - began) / 1000, meanwhile: latencies, window: [began, done] };
  } finally {
    over.abort();
    // What keeps people from sending is told before what follows from it.
    await pacing;
  }
}

function pace({ port }: Racer, over: AbortController, onAccepted: () => void): Promise<Paced> {
  const stop = over.signal;
  const pacing = paceSessions(port, {
    perSecond: PACE_PER_SECOND,
    sessions: Number.POSITIVE_INFINITY,
    stop,
    onAccepted,
  });
  pacing.catch(() => over.abort());
  return pacing;
}

async function reached(isSo: () => boolean, over: AbortSignal): Promise<number> {
  for (const until = performance.now() + DRAINED_MS; !isSo(); await sleep(LOOK_MS))
    if (over.aborted || performance.now() > until) throw new Error('the backlog does not drain');
  return nowMicros();
}

function check({ name }: Racer, given: number, arrived: number): void {
  if (arrived !== given) throw new Error(`${name} was given ${given} messages, and ${arrived} are at the sink`);
}
