/** One phase of the race: one server takes one load, and what that cost; nothing may be lost, and nothing come twice. */
import { setTimeout as sleep } from 'node:timers/promises';
import { runSmtpSource } from '../../test/support/smtp-sink.ts';
import type { CountedSink } from '../lib/counted-sink.ts';
import { cpuSecondsOf, memoryMiBOf } from '../lib/process-cost.ts';
import { nowMicros, type TimeWindow } from '../lib/profile.ts';
import { threadCosts, threadTimesOf } from '../lib/thread-cost.ts';
import { sendPipelined } from './pipelined.ts';
import { type Racer, RECIPIENT, SENDER } from './racer.ts';

/** What is sent, and how. */
export interface Load {
  readonly connections: number;
  /** Kept: as many messages as there are go over each connection; else one each. */
  readonly keepOpen: boolean;
  readonly bytes: number;
  /** Share of the messages of a round. */
  readonly share: number;
  /** The client writes its envelope at once, and the next one behind its content; ours, since smtp-source waits for each reply. */
  readonly pipelined?: boolean;
}

/** Figures of one phase. */
export interface Measured {
  readonly messages: number;
  readonly perSecond: number;
  /** User and system time of all processes of the server, ms a message. */
  readonly cpuMs: number;
  readonly memoryMiB: number;
  /** Ms a message by process and thread; the costliest first. */
  readonly threads: ReadonlyMap<string, number>;
  /** A message; null where they are not counted. */
  readonly flushes: number | null;
  readonly window: TimeWindow;
}

const PHASE_MS = 300_000;
/** After the last message nothing more may come, and what belongs to it is written in this time: it counts as its cost. */
const LATER_MS = 300;
const SETTLE_MS = 250;

/** Timed from the first connection until the sink has taken the last message; without a sink, until the last 250. */
export async function runPhase(
  racer: Racer,
  load: Load,
  messages: number,
  sink: CountedSink | null,
): Promise<Measured> {
  const arrived = async (): Promise<number> => sink?.count() ?? (await racer.taken());
  const before = await arrived();
  const costsOf = startCosts(racer);
  const flushesBefore = (await racer.flushes?.()) ?? 0;
  const from = nowMicros();
  await send(racer.port, load, messages);
  await sink?.reaches(before + messages);
  const until = nowMicros();
  await sleep(LATER_MS);
  const costs = costsOf(messages);
  const flushes = racer.flushes === undefined ? null : ((await racer.flushes()) - flushesBefore) / messages;
  if (flushes === 0) throw new Error(`${racer.name} flushed nothing that could be seen`);
  check(racer, messages, (await arrived()) - before);
  await racer.tidy();
  await sleep(SETTLE_MS);
  return { messages, perSecond: (messages / (until - from)) * 1e6, flushes, ...costs, window: [from, until] };
}

async function send(port: number, load: Load, messages: number): Promise<void> {
  if (load.pipelined === true) return sendPipelined({ port, messages, ...load }, PHASE_MS);
  const sent = await runSmtpSource({ ...load, port, messages, from: SENDER, to: RECIPIENT }, PHASE_MS);
  if ('missing' in sent) throw new Error(sent.missing);
}

function startCosts(racer: Racer): (messages: number) => Pick<Measured, 'cpuMs' | 'memoryMiB' | 'threads'> {
  const before = { cpu: cpuSecondsOf(...racer.roots()), threads: threadTimesOf(...racer.roots()) };
  return (messages) => {
    const cpuMs = ((cpuSecondsOf(...racer.roots()) - before.cpu) * 1000) / messages;
    const costs = threadCosts(before.threads, threadTimesOf(...racer.roots()));
    const threads = new Map([...costs].map(([name, seconds]) => [name, (seconds * 1000) / messages]));
    return { cpuMs, memoryMiB: memoryMiBOf(...racer.roots()), threads };
  };
}

function check(racer: Racer, given: number, arrived: number): void {
  if (arrived !== given)
    throw new Error(`${racer.name} was given ${given} messages, and has passed on or kept ${arrived}`);
}
