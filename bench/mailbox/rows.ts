/** The rows: what is measured beside which Dovecot, and the bars that we have set ourselves (docs/benchmarks.md). */

import type { DovecotMail } from '../../test/support/dovecot-settings.ts';
import type { Judged, RatioLine } from '../lib/ratios.ts';
import { median, quantile } from '../lib/report.ts';
import { type Emptying, empty } from './emptying.ts';
import { append, deliver } from './incoming.ts';
import { fillInbox, type Reading, read } from './reading.ts';
import type { MailServer } from './servers.ts';

export interface Effort {
  readonly rounds: number;
  /** Letters of a round that come in. */
  readonly letters: number;
  /** Messages of the large mailbox. */
  readonly large: number;
  readonly say: (line: string) => void;
}

export interface Row {
  readonly name: string;
  readonly peers: readonly DovecotMail[];
  run(ours: MailServer, peers: readonly MailServer[], effort: Effort): Promise<readonly RatioLine[]>;
}

export const ROWS: readonly Row[] = [
  {
    name: 'lmtp-one',
    peers: ['sdbox'],
    run: (ours, peers, effort) =>
      compare(ours, peers, effort, {
        work: 'LMTP into one mailbox, 4 KiB of text, 20 connections',
        measure: (server) => deliver(server, ['one'], effort.letters),
        first: 2,
        goal: 4,
      }),
  },
  {
    name: 'lmtp-four',
    peers: ['sdbox'],
    run: (ours, peers, effort) =>
      compare(ours, peers, effort, {
        work: 'LMTP into four mailboxes, 4 KiB of text, 20 connections',
        measure: (server) => deliver(server, ['four0', 'four1', 'four2', 'four3'], effort.letters),
        first: 2,
        goal: 4,
      }),
  },
  {
    name: 'append',
    peers: ['sdbox'],
    run: (ours, peers, effort) =>
      compare(ours, peers, effort, {
        work: 'IMAP APPEND, 4 KiB of text, 8 connections, one mailbox',
        measure: (server) => append(server, 'append', effort.letters),
        first: 1,
        goal: 2,
      }),
  },
  { name: 'large', peers: ['maildir', 'mdbox'], run: onLarge },
];

/** Rows whose names begin with one of these; all where none is given. */
export function rowsNamed(names: readonly string[]): readonly Row[] {
  return names.length === 0 ? ROWS : ROWS.filter(({ name }) => names.some((one) => name.startsWith(one)));
}

interface Compared {
  readonly work: string;
  readonly measure: (server: MailServer) => Promise<number>;
  readonly first: number;
  readonly goal: number;
}

/** In turn, a round each, one before that does not count. */
async function compare(
  ours: MailServer,
  peers: readonly MailServer[],
  { rounds, say }: Effort,
  { work, measure, first, goal }: Compared,
): Promise<readonly RatioLine[]> {
  const figures = new Map<MailServer, number[]>([ours, ...peers].map((server) => [server, []]));
  for (let round = 0; round <= rounds; round++) {
    const turn = [...figures.keys()];
    for (const server of round % 2 === 0 ? turn : turn.toReversed()) {
      const perSecond = await measure(server);
      if (round > 0) figures.get(server)?.push(perSecond);
      say(`${work}: ${server.name} ${perSecond.toFixed(0)}/s`);
    }
  }
  const mine = figures.get(ours) ?? [];
  return peers.map((peer) => {
    const theirs = figures.get(peer) ?? [];
    const ratios = mine.map((one, i) => one / (theirs[i] ?? Number.NaN));
    return {
      work,
      peer: `${peer.name} ${median(theirs).toFixed(0)}/s`,
      ours: `${median(mine).toFixed(0)}/s`,
      ratio: `${median(ratios).toFixed(1)} × (${Math.min(...ratios).toFixed(1)}–${Math.max(...ratios).toFixed(1)})`,
      first: atLeast(median(ratios), first),
      goal: atLeast(median(ratios), goal),
    };
  });
}

async function onLarge(
  ours: MailServer,
  peers: readonly MailServer[],
  { rounds, large, say }: Effort,
): Promise<readonly RatioLine[]> {
  const readings = new Map<MailServer, Reading[]>();
  const emptyings = new Map<MailServer, Emptying[]>();
  for (const server of [ours, ...peers]) {
    await fillInbox(server, 'big', large);
    readings.set(server, []);
    emptyings.set(server, []);
    say(`${server.name}: ${large} messages lie in one mailbox`);
  }
  for (let round = 0; round < Math.min(rounds, Math.floor(large / 10_000)); round++) {
    for (const [server, all] of readings) {
      const reading = await read(server, large, round);
      all.push(reading);
      say(`${server.name}: ${figuresOf(reading)}`);
    }
  }
  for (let round = 0; round < rounds; round++) {
    for (const [server, all] of emptyings) {
      const emptied = await empty(server, large / 2);
      all.push(emptied);
      say(
        `${server.name}: \\Deleted ${ms(emptied.flagMs)}, EXPUNGE ${ms(emptied.expungeMs)}; others' p95 ${besideOf([emptied.others]).text}; same user's ${besideOf([emptied.same]).text}`,
      );
    }
  }
  return [...linesOfReading(ours, peers, readings), ...linesOfEmptying(ours, peers, emptyings, large / 2)];
}

function linesOfReading(
  ours: MailServer,
  peers: readonly MailServer[],
  readings: ReadonlyMap<MailServer, readonly Reading[]>,
): RatioLine[] {
  const of = (server: MailServer | undefined, pick: (reading: Reading) => number): number =>
    median((server === undefined ? [] : (readings.get(server) ?? [])).map(pick));
  const both = (pick: (reading: Reading) => number, text: (value: number) => string): string =>
    peers.map((peer) => `${peer.name} ${text(of(peer, pick))}`).join(', ');
  const [maildir, mdbox] = peers;
  const cold = of(ours, ({ coldMs }) => coldMs);
  const warm = of(ours, ({ warmMs }) => warmMs);
  const first = of(ours, ({ firstPerSecond }) => firstPerSecond);
  const again = of(ours, ({ againPerSecond }) => againPerSecond);
  const firstTo = (server: MailServer | undefined): number =>
    first / of(server, ({ firstPerSecond }) => firstPerSecond);
  const againTo = again / of(maildir, ({ againPerSecond }) => againPerSecond);
  const times = (value: number): string => `${value.toFixed(2)} ×`;
  const perSecond = (value: number): string => `${value.toFixed(0)}/s`;
  const signIn = (work: string, pick: (reading: Reading) => readonly number[]): RatioLine => {
    const middle = (server: MailServer): number => median((readings.get(server) ?? []).flatMap(pick));
    const peer = peers.map((one) => `${one.name} ${ms(middle(one))}`).join(', ');
    return { work, peer, ours: ms(middle(ours)), ratio: '–', first: null, goal: null };
  };
  return [
    signIn('sign-in with TLS, a person’s first after a restart', ({ signIns }) => signIns),
    signIn('the same, again', ({ signInsAgain }) => signInsAgain),
    {
      work: 'SELECT of 100,000 and flags of the last 50, first after a restart',
      peer: both(({ coldMs }) => coldMs, ms),
      ours: ms(cold),
      ratio: '–',
      first: atMost(cold, 150, 'ms'),
      goal: atMost(cold, 20, 'ms'),
    },
    {
      work: 'the same, again',
      peer: both(({ warmMs }) => warmMs, ms),
      ours: ms(warm),
      ratio: '–',
      first: atMost(warm, 15, 'ms'),
      goal: atMost(warm, 3, 'ms'),
    },
    {
      work: 'FETCH of header fields of 10,000, first',
      peer: both(({ firstPerSecond }) => firstPerSecond, perSecond),
      ours: perSecond(first),
      ratio: `${times(firstTo(maildir))}, ${times(firstTo(mdbox))}`,
      first: { text: '≥ 3 × maildir', met: firstTo(maildir) >= 3 },
      goal: { text: '≥ mdbox', met: firstTo(mdbox) >= 1 },
    },
    {
      work: 'the same, again',
      peer: both(({ againPerSecond }) => againPerSecond, perSecond),
      ours: perSecond(again),
      ratio: times(againTo),
      first: { text: '≥ 0.2 ×', met: againTo >= 0.2 },
      goal: { text: '≥ 0.5 ×', met: againTo >= 0.5 },
    },
  ];
}

function linesOfEmptying(
  ours: MailServer,
  peers: readonly MailServer[],
  emptyings: ReadonlyMap<MailServer, readonly Emptying[]>,
  count: number,
): RatioLine[] {
  const all = (server: MailServer): readonly Emptying[] => emptyings.get(server) ?? [];
  const expunge = (server: MailServer): number => median(all(server).map(({ expungeMs }) => expungeMs));
  const flag = (server: MailServer): number => median(all(server).map(({ flagMs }) => flagMs));
  const beside = (server: MailServer, whose: 'others' | 'same') => besideOf(all(server).map((one) => one[whose]));
  const text = (server: MailServer, whose: 'others' | 'same'): string => `${server.name} ${beside(server, whose).text}`;
  const line = (whose: 'others' | 'same', first: number, goal: number): RatioLine => {
    const mine = beside(ours, whose);
    return {
      work: `sign-in and SELECT of ${whose === 'same' ? 'the same user' : 'others'} meanwhile, p95`,
      peer: peers.map((peer) => text(peer, whose)).join(', '),
      ours: mine.text,
      ratio: `${mine.ratio.toFixed(2)} × quiet`,
      first: atMost(mine.ratio, first, '×'),
      goal: atMost(mine.ratio, goal, '×'),
    };
  };
  return [
    {
      work: `EXPUNGE of ${count.toLocaleString('en')} (and \\Deleted before it)`,
      peer: peers.map((peer) => `${peer.name} ${ms(expunge(peer))} (${ms(flag(peer))})`).join(', '),
      ours: `${ms(expunge(ours))} (${ms(flag(ours))})`,
      ratio: '–',
      first: atMost(expunge(ours), 500, 'ms'),
      goal: atMost(expunge(ours), 200, 'ms'),
    },
    line('others', 1.5, 1.2),
    line('same', 2, 1.5),
  ];
}

function besideOf(all: readonly Emptying['others'][]): { readonly ratio: number; readonly text: string } {
  const quiet = quantile(
    all.flatMap((one) => one.quiet),
    0.95,
  );
  const during = all.flatMap((one) => one.meanwhile);
  const meanwhile = quantile(during, 0.95);
  return { ratio: meanwhile / quiet, text: `${ms(quiet)} → ${ms(meanwhile)} (n=${during.length})` };
}

function figuresOf({ coldMs, warmMs, firstPerSecond, againPerSecond }: Reading): string {
  return `SELECT ${ms(coldMs)}, again ${ms(warmMs)}; headers ${firstPerSecond.toFixed(0)}/s, again ${againPerSecond.toFixed(0)}/s`;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function atLeast(ratio: number, wanted: number): Judged {
  return { text: `≥ ${wanted} ×`, met: ratio >= wanted };
}

function atMost(value: number, wanted: number, unit: string): Judged {
  return { text: `≤ ${wanted} ${unit}`, met: value <= wanted };
}
