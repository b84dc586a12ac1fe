/** From figures to what the tables say: ratios beside their bars, and the costs. */
import type { Judged, RatioLine } from '../lib/ratios.ts';
import { median, quantile } from '../lib/report.ts';
import type { Contest, Showing } from './contest.ts';
import type { Drained } from './drain.ts';
import type { Bar, Row } from './rows.ts';

/** One line of the table of costs. */
export interface CostLine {
  readonly work: string;
  readonly peer: Showing;
  readonly ours: Showing;
}

const IDLE_TIMES = 1.5;

/** Messages a second, and CPU where the row has a bar for it. */
export function linesOfContest(row: Row, peerName: string, { peer, ours, rates, cpus }: Contest): RatioLine[] {
  if (peer === null) return [];
  const rate: RatioLine = {
    work: row.title,
    peer: `${peerName} ${perSecond(peer.perSecond)}`,
    ours: perSecond(ours.perSecond),
    ratio: spread(rates),
    ...judge(median(rates), row.rate),
  };
  if (row.cpu === null) return [rate];
  const cpu: RatioLine = {
    work: `CPU a message: ${row.title}`,
    peer: `${peerName} ${peer.cpuMs.toFixed(2)} ms`,
    ours: `${ours.cpuMs.toFixed(3)} ms`,
    ratio: `1/${median(cpus).toFixed(1)}`,
    ...judge(median(cpus), row.cpu, (wanted) => `≤ 1/${wanted}`),
  };
  return [rate, cpu];
}

/** The rate of the drain, and what those see who send meanwhile. */
export function linesOfDrain(
  row: Row,
  messages: number,
  theirs: readonly Drained[],
  ours: readonly Drained[],
): RatioLine[] {
  const rates = ours.map(({ perSecond: rate }, round) => rate / (theirs[round]?.perSecond ?? Number.NaN));
  const [peer, mine] = [summarize(theirs), summarize(ours)];
  const drain: RatioLine = {
    work: `drain of ${messages.toLocaleString('en')} deferred`,
    peer: `Postfix ${perSecond(peer.perSecond)}`,
    ours: perSecond(mine.perSecond),
    ratio: spread(rates),
    ...judge(median(rates), row.rate),
  };
  const [toPeer, toIdle] = [mine.p99 / peer.p99, mine.p99 / mine.idleP99];
  const wait: RatioLine = {
    work: 'session meanwhile, p99',
    peer: `Postfix ${milliseconds(peer.p99)} (idle ${milliseconds(peer.idleP99)})`,
    ours: `${milliseconds(mine.p99)} (idle ${milliseconds(mine.idleP99)})`,
    ratio: `${toPeer.toFixed(2)} ×; ${toIdle.toFixed(2)} × idle`,
    first: { text: "≤ Postfix's", met: toPeer <= 1 },
    goal: { text: `≤ ${IDLE_TIMES} × idle`, met: toIdle <= IDLE_TIMES },
  };
  const middle: RatioLine = {
    ...wait,
    work: 'session meanwhile, p50',
    peer: `Postfix ${milliseconds(peer.p50)} (idle ${milliseconds(peer.idleP50)})`,
    ours: `${milliseconds(mine.p50)} (idle ${milliseconds(mine.idleP50)})`,
    ratio: `${(mine.p50 / peer.p50).toFixed(2)} ×; ${(mine.p50 / mine.idleP50).toFixed(2)} × idle`,
    first: null,
    goal: null,
  };
  return [drain, middle, wait];
}

/** How many samples stand behind the drain's quantiles, and the first message after the route's return. */
export function noteOfDrain(theirs: readonly Drained[], ours: readonly Drained[]): string {
  const of = (all: readonly Drained[], pick: (one: Drained) => number): string =>
    all.reduce((sum, one) => sum + pick(one), 0).toLocaleString('en');
  const first = (all: readonly Drained[]): string => median(all.map(({ firstMs }) => firstMs)).toFixed(0);
  const samples = (all: readonly Drained[]): string =>
    `${of(all, ({ meanwhile }) => meanwhile.length)} meanwhile and ${of(all, ({ idle }) => idle.length)} idle`;
  return `Drain: ${ours.length} of each in turn; sessions of one message at 50 a second, a new connection each: Postfix ${samples(theirs)}, Holdfast ${samples(ours)}. First message after the route's return: Postfix (told to flush) ${first(theirs)} ms, Holdfast (by itself) ${first(ours)} ms.`;
}

interface Summary {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  readonly idleP50: number;
  readonly idleP99: number;
}

function summarize(all: readonly Drained[]): Summary {
  const [meanwhile, idle] = [all.flatMap((one) => one.meanwhile), all.flatMap((one) => one.idle)];
  return {
    perSecond: median(all.map((one) => one.perSecond)),
    p50: quantile(meanwhile, 0.5),
    p99: quantile(meanwhile, 0.99),
    idleP50: quantile(idle, 0.5),
    idleP99: quantile(idle, 0.99),
  };
}

function judge(
  ratio: number,
  bar: Bar | null,
  text: (wanted: number) => string = (wanted) => `≥ ${wanted} ×`,
): Pick<RatioLine, 'first' | 'goal'> {
  if (bar === null) return { first: null, goal: null };
  const judged = (wanted: number): Judged => ({ text: text(wanted), met: ratio >= wanted });
  return { first: judged(bar.first), goal: judged(bar.goal) };
}

function spread(ratios: readonly number[]): string {
  return `${median(ratios).toFixed(1)} × (${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)})`;
}

function perSecond(rate: number): string {
  return `${rate.toFixed(0)}/s`;
}

function milliseconds(ms: number): string {
  return `${ms.toFixed(1)} ms`;
}
