/** What is measured of inspection, each with the bar that we have set ourselves. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { findPeer } from '../../test/support/peers.ts';
import { startCountedSink } from '../lib/counted-sink.ts';
import { median, quantile } from '../lib/report.ts';
import { contend } from '../race/contest.ts';
import { startHoldfastRacer } from '../race/holdfast.ts';
import { paceSessions } from '../race/pace.ts';
import { startPostfixRacer } from '../race/postfix.ts';
import { startJudges } from './judges.ts';

export interface Line {
  readonly work: string;
  readonly found: string;
  readonly bar: string;
  readonly met: boolean;
}

export interface Effort {
  readonly letters: number;
  readonly rounds: number;
  readonly pacedMs: number;
  readonly relayed: number;
  readonly say: (line: string) => void;
}

export type Row = { readonly name: string; readonly run: (effort: Effort) => Promise<readonly Line[]> };

const CORES = 2;
/** As many mails as a worker has in its fast lane. */
const PLACES = 16;
const LETTERS_MIN = 2_000;
const LARGE_MS_MAX = 2_000;
const OTHERS_MAX = 1.5;
const WAIT_MS = 50;
const FOUR_MIN = 3.5;
const ADDED_MS_MAX = 20;
const PER_SECOND = 100;

export const ROWS: readonly Row[] = [
  { name: 'letters', run: letters },
  { name: 'large', run: large },
  { name: 'waiting', run: waiting },
  { name: 'added', run: added },
  { name: 'relay', run: relay },
];

async function letters({ letters: count, rounds, say }: Effort): Promise<readonly Line[]> {
  await using judges = await startJudges(CORES);
  await judges.ask({ kind: 'letters', count: Math.ceil(count / 3), atOnce: PLACES });
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const done = await judges.ask({ kind: 'letters', count, atOnce: PLACES });
    rates.push((CORES * count * 1_000) / Math.max(...done.map(({ ms }) => ms)));
    say(`letters: ${rates.at(-1)?.toFixed(0)}/s`);
  }
  const rate = median(rates);
  const work = 'letters of 4 KiB by 20 rules, 5 detectors, 3 patterns; 2 processes, no relay beside';
  return [{ work, found: `${rate.toFixed(0)}/s`, bar: `≥ ${LETTERS_MIN}/s`, met: rate >= LETTERS_MIN }];
}

async function large({ rounds, pacedMs, say }: Effort): Promise<readonly Line[]> {
  await using judges = await startJudges(1);
  const [first] = await judges.ask({ kind: 'large', count: 1 });
  const [own] = await judges.ask({ kind: 'large', count: rounds });
  const ms = median(own?.large ?? []);
  say(`large: the first ${first?.large[0]?.toFixed(0)} ms, then ${ms.toFixed(0)} ms`);
  await judges.ask({ kind: 'paced', perSecond: PER_SECOND, forMs: pacedMs / 3, large: false });
  const p95 = async (beside: boolean): Promise<number> => {
    const [done] = await judges.ask({ kind: 'paced', perSecond: PER_SECOND, forMs: pacedMs, large: beside });
    return quantile(done?.letters ?? [], 0.95);
  };
  const [alone, beside] = [await p95(false), await p95(true)];
  say(`large: others' p95 ${alone.toFixed(1)} ms alone, ${beside.toFixed(1)} ms beside`);
  const ratio = beside / alone;
  return [
    {
      work: '10 MB with a PDF of 100 pages, a sheet of 20,000 rows and a nested ZIP, to its verdict',
      found: `${ms.toFixed(0)} ms (the first in a process ${first?.large[0]?.toFixed(0)} ms)`,
      bar: `≤ ${LARGE_MS_MAX} ms`,
      met: ms <= LARGE_MS_MAX,
    },
    {
      work: `p95 of ${PER_SECOND} letters a second in the same worker, such mails one behind the other beside them`,
      found: `${beside.toFixed(1)} ms; ${alone.toFixed(1)} ms without (${ratio.toFixed(2)} ×)`,
      bar: `≤ ${OTHERS_MAX} ×`,
      met: ratio <= OTHERS_MAX,
    },
  ];
}

async function waiting({ rounds, say }: Effort): Promise<readonly Line[]> {
  const server = createServer((request, response) => {
    request.resume().on('end', () => setTimeout(() => response.end('{"verdict":"clean"}'), WAIT_MS));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const rateOf = async (workers: number): Promise<number> => {
    await using judges = await startJudges(workers, port);
    await judges.ask({ kind: 'letters', count: 200, atOnce: PLACES });
    const rates: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const count = 600;
      const done = await judges.ask({ kind: 'letters', count, atOnce: PLACES });
      rates.push((workers * count * 1_000) / Math.max(...done.map(({ ms }) => ms)));
    }
    say(`waiting: ${workers} workers ${median(rates).toFixed(0)}/s`);
    return median(rates);
  };
  const [one, four] = [await rateOf(1), await rateOf(4)];
  server.closeAllConnections();
  server.close();
  const ratio = four / one;
  return [
    {
      work: `a program by HTTP that waits ${WAIT_MS} ms: four workers beside one`,
      found: `${four.toFixed(0)}/s; ${one.toFixed(0)}/s (${ratio.toFixed(1)} ×)`,
      bar: `≥ ${FOUR_MIN} ×`,
      met: ratio >= FOUR_MIN,
    },
  ];
}

/** The contract's rules; what the race sends passes them. */
const POLICIES = [
  '{ name: bulk leak, when: { direction: outbound, externalDomains: { min: 10 } }, action: { reject: "Too many" } }',
  '{ name: many external domains, when: { direction: outbound, externalDomains: { min: 3 } }, action: { hold: 15m } }',
  '{ name: card numbers, when: { direction: outbound, detects: { creditCard: { min: 1 } } }, action: { hold: 10d } }',
];

interface TracedMail {
  readonly events: readonly { readonly at: string; readonly kind: string }[];
}

async function added({ say }: Effort): Promise<readonly Line[]> {
  const programs = await findPeer('postfix');
  if ('missing' in programs) throw new Error(programs.missing);
  const p50 = async (policies: readonly string[]): Promise<number> => {
    await using sink = await startCountedSink(programs);
    await using racer = await startHoldfastRacer({ relayTo: sink.port }, { policies });
    const pace = { perSecond: 50, sessions: 250 };
    const before = sink.count();
    await paceSessions(racer.port, pace);
    const since = new Date().toISOString();
    await paceSessions(racer.port, { ...pace, sessions: 500 });
    await sink.reaches(before + 750);
    await sleep(1_000);
    const mails = await racer.installation.json<TracedMail[]>('trace', `since:${since}`, '--limit', '10000');
    const took = mails.flatMap(({ events }) => {
      const at = (kind: string): number => Date.parse(events.find((event) => event.kind === kind)?.at ?? '');
      const ms = at('delivered') - at('accepted');
      return Number.isNaN(ms) ? [] : [ms];
    });
    say(`added: p50 ${median(took)} ms with ${policies.length} rules, of ${took.length} mails`);
    return median(took);
  };
  const [without, ruled] = [await p50([]), await p50(POLICIES)];
  return [
    {
      work: 'from acceptance to delivery at 50 mails a second, p50, with the contract’s rules and without',
      found: `${ruled} ms; ${without} ms`,
      bar: `≤ ${ADDED_MS_MAX} ms more`,
      met: ruled - without <= ADDED_MS_MAX,
    },
  ];
}

async function relay({ relayed, rounds, say }: Effort): Promise<readonly Line[]> {
  const programs = await findPeer('postfix');
  if ('missing' in programs) throw new Error(programs.missing);
  await using sink = await startCountedSink(programs);
  await using peer = await startPostfixRacer({ relayTo: sink.port });
  await using ours = await startHoldfastRacer({ relayTo: sink.port }, { policies: POLICIES });
  const stage = { sink, peer, ours, [Symbol.asyncDispose]: async () => {} };
  const load = { connections: 20, keepOpen: true, bytes: 4_096, share: 1 };
  const { rates, ours: mine, peer: theirs } = await contend('relay', stage, load, { rounds, messages: relayed, say });
  const ratio = median(rates);
  return [
    {
      work: 'relay of 4 KiB over 20 kept connections with the contract’s rules, beside Postfix without any',
      found: `${mine.perSecond.toFixed(0)}/s; Postfix ${theirs?.perSecond.toFixed(0)}/s (${ratio.toFixed(1)} ×)`,
      bar: '≥ 1 ×',
      met: ratio >= 1,
    },
  ];
}
