/** A row that two servers run in turn, a round each; the ratio is that of the two phases of one round, and the middle one counts. */
import { median } from '../lib/report.ts';
import { type Load, type Measured, runPhase } from './phase.ts';
import type { Racer } from './racer.ts';
import type { Stage } from './stage.ts';

/** What a server showed in all rounds, as medians. */
export interface Showing {
  readonly perSecond: number;
  readonly cpuMs: number;
  readonly memoryMiB: number;
  readonly threads: ReadonlyMap<string, number>;
  readonly flushes: number | null;
}

export interface Contest {
  readonly ours: Showing;
  readonly peer: Showing | null;
  readonly rounds: readonly Measured[];
  /** Ours to the peer's, per round. */
  readonly rates: readonly number[];
  /** The peer's to ours, per round. */
  readonly cpus: readonly number[];
}

export interface Effort {
  readonly rounds: number;
  /** Of a round at full share. */
  readonly messages: number;
  readonly say: (line: string) => void;
}

/** A shorter round of each before, which does not count. */
const WARMING_SHARE = 0.3;

/** Runs all rounds; rejects when a message is lost, or comes twice. */
export async function contend(
  title: string,
  { peer, ours, sink }: Stage,
  load: Load,
  effort: Effort,
): Promise<Contest> {
  const all = new Map<Racer, Measured[]>([[ours, []]]);
  if (peer !== null) all.set(peer, []);
  for (let round = 0; round <= effort.rounds; round++) {
    const turn = [...all.keys()];
    for (const racer of round % 2 === 0 ? turn : turn.toReversed()) {
      const share = round === 0 ? load.share * WARMING_SHARE : load.share;
      const messages = Math.max(load.connections, Math.round(effort.messages * share));
      const measured = await runPhase(racer, load, messages, sink);
      if (round > 0) all.get(racer)?.push(measured);
      effort.say(
        `${title}: ${racer.name} ${measured.perSecond.toFixed(0)}/s, ${measured.cpuMs.toFixed(3)} ms CPU a message`,
      );
    }
  }
  const mine = all.get(ours) ?? [];
  const theirs = peer === null ? [] : (all.get(peer) ?? []);
  return {
    ours: showing(mine),
    peer: peer === null ? null : showing(theirs),
    rounds: mine,
    rates: pairs(mine, theirs, (our, their) => our.perSecond / their.perSecond),
    cpus: pairs(mine, theirs, (our, their) => their.cpuMs / our.cpuMs),
  };
}

function pairs(
  ours: readonly Measured[],
  theirs: readonly Measured[],
  ratio: (our: Measured, their: Measured) => number,
): readonly number[] {
  return ours.flatMap((our, round) => {
    const their = theirs[round];
    return their === undefined ? [] : [ratio(our, their)];
  });
}

function showing(rounds: readonly Measured[]): Showing {
  const flushes = rounds.flatMap(({ flushes: counted }) => (counted === null ? [] : [counted]));
  const names = new Set(rounds.flatMap(({ threads }) => [...threads.keys()]));
  const threads = [...names].map((name) => [name, median(rounds.map((one) => one.threads.get(name) ?? 0))] as const);
  return {
    perSecond: median(rounds.map(({ perSecond }) => perSecond)),
    cpuMs: median(rounds.map(({ cpuMs }) => cpuMs)),
    memoryMiB: Math.max(...rounds.map(({ memoryMiB }) => memoryMiB)),
    threads: new Map(threads.toSorted(([, a], [, b]) => b - a)),
    flushes: flushes.length === 0 ? null : median(flushes),
  };
}
