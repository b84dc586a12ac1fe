/** Two servers that meet, with what lies behind them. */
import { findPeer, type Peer } from '../../test/support/peers.ts';
import { startPostgres } from '../../test/support/postgres.ts';
import { type CountedSink, startCountedSink } from '../lib/counted-sink.ts';
import { startHarakaRacer } from './haraka.ts';
import { type HoldfastChoice, type HoldfastRacer, startHoldfastRacer } from './holdfast.ts';
import { startPostfixRacer } from './postfix.ts';
import type { Duty, Racer } from './racer.ts';
import type { StageName } from './rows.ts';
import { makeSlowFlush } from './slow-flush.ts';

export interface Stage extends AsyncDisposable {
  /** Null where Holdfast runs alone. */
  readonly peer: Racer | null;
  readonly ours: HoldfastRacer;
  /** Where both relay to; null where they keep what they accept. */
  readonly sink: CountedSink | null;
}

export interface StageOptions {
  /** Without its peer, for a profile. */
  readonly alone: boolean;
  /** For Holdfast only. */
  readonly env: NodeJS.ProcessEnv;
}

type Missing = { readonly missing: string };
type Parts = Omit<Stage, keyof AsyncDisposable>;

/** What a stage is made with: the programs of Postfix, and where to put what must be closed. */
interface Making extends StageOptions {
  readonly programs: Peer;
  readonly opening: AsyncDisposableStack;
}

/** Name of the database that Holdfast is given in the row on PostgreSQL. */
const DATABASE = 'race';

const STAGES: Readonly<Record<StageName, (making: Making) => Promise<Parts | Missing>>> = {
  relay: relaying,
  drain: relaying,
  accept: accepting,
  slow: acceptingSlowly,
  postgres: relayingOnPostgres,
  haraka: relayingBesideHaraka,
};

const open = new Set<AsyncDisposableStack>();

/** Starts both; `missing` says which program there is not. */
export async function openStage(name: StageName, options: StageOptions): Promise<Stage | Missing> {
  const programs = await findPeer('postfix');
  if ('missing' in programs) return programs;
  const opening = new AsyncDisposableStack();
  open.add(opening);
  const close = (): Promise<void> => opening.disposeAsync().finally(() => open.delete(opening));
  try {
    const parts = await STAGES[name]({ ...options, programs, opening });
    if (!('missing' in parts)) return { ...parts, [Symbol.asyncDispose]: close };
    await close();
    return parts;
  } catch (error) {
    await close();
    throw error;
  }
}

/** Ends the servers of a race that is given up: they would outlive it. */
export async function closeStages(): Promise<void> {
  await Promise.allSettled([...open].map((stage) => stage.disposeAsync()));
}

async function relaying(making: Making): Promise<Parts> {
  const sink = making.opening.use(await startCountedSink(making.programs));
  const duty = { relayTo: sink.port };
  return { sink, peer: await postfix(making, duty), ours: await holdfast(making, duty) };
}

async function accepting(making: Making): Promise<Parts> {
  const duty = { relayTo: null };
  return { sink: null, peer: await postfix(making, duty), ours: await holdfast(making, duty) };
}

async function acceptingSlowly(making: Making): Promise<Parts | Missing> {
  const slow = await makeSlowFlush();
  if ('missing' in slow) return slow;
  making.opening.use(slow);
  const peer = await postfix(making, { relayTo: null, env: slow.env('peer') });
  const ours = await holdfast(making, { relayTo: null, env: slow.env('ours') });
  return {
    sink: null,
    peer: peer === null ? null : { ...peer, flushes: () => slow.count('peer') },
    ours: { ...ours, flushes: () => slow.count('ours') },
  };
}

async function relayingOnPostgres(making: Making): Promise<Parts | Missing> {
  const postgres = await startPostgres({ version: 18 });
  if ('missing' in postgres) return postgres;
  making.opening.use(postgres);
  const sink = making.opening.use(await startCountedSink(making.programs));
  const duty = { relayTo: sink.port };
  const ours = await holdfast(making, duty, { store: await postgres.createDatabase(DATABASE) });
  const tables = await postgres.query("SELECT 1 FROM pg_tables WHERE schemaname NOT LIKE 'pg\\_%' LIMIT 2", DATABASE);
  if (tables.length < 2) return { missing: 'this Holdfast does not keep its mail in the database that it was given' };
  const roots = (): readonly number[] => [...ours.roots(), ...(postgres.pid === null ? [] : [postgres.pid])];
  return { sink, peer: await postfix(making, duty), ours: { ...ours, roots } };
}

async function relayingBesideHaraka(making: Making): Promise<Parts | Missing> {
  const sink = making.opening.use(await startCountedSink(making.programs));
  const ours = await holdfast(making, { relayTo: sink.port });
  if (making.alone) return { sink, peer: null, ours };
  const peer = await startHarakaRacer(sink.port);
  return 'missing' in peer ? peer : { sink, peer: making.opening.use(peer), ours };
}

async function postfix({ alone, opening }: Making, duty: Duty): Promise<Racer | null> {
  return alone ? null : opening.use(await startPostfixRacer(duty));
}

async function holdfast({ env, opening }: Making, duty: Duty, choice: HoldfastChoice = {}): Promise<HoldfastRacer> {
  return opening.use(await startHoldfastRacer(duty, { ...choice, env }));
}
