/** The rows of the race: what is done, who does it, and what we want of the ratio to the peer. */
import type { Load } from './phase.ts';

/** Servers that meet: each stage starts its two, and rows that share a stage share them. */
export type StageName = 'relay' | 'accept' | 'slow' | 'postgres' | 'haraka' | 'drain';

/** Ratios, ours to the peer's; greater is better. */
export interface Bar {
  readonly first: number;
  readonly goal: number;
}

export interface Row {
  readonly name: string;
  readonly title: string;
  readonly stage: StageName;
  /** Null for the drain, which is a course of its own. */
  readonly load: Load | null;
  /** Of messages a second; null where we have set ourselves nothing. */
  readonly rate: Bar | null;
  /** Of CPU a message, the peer's to ours. */
  readonly cpu: Bar | null;
}

const KIB = 1024;
const CPU: Bar = { first: 5, goal: 10 };
const oneEach: Load = { connections: 20, keepOpen: false, bytes: 4 * KIB, share: 1 };
const kept20: Load = { connections: 20, keepOpen: true, bytes: 4 * KIB, share: 1 };
const kept100: Load = { ...kept20, connections: 100 };
const bar = (first: number, goal: number): Bar => ({ first, goal });

/** In the order in which they run. */
export const ROWS: readonly Row[] = [
  row('relay-new', 'relay 4 KiB, one message per connection', 'relay', oneEach, bar(3, 4), CPU),
  row('relay-20', 'relay 4 KiB, 20 kept connections', 'relay', kept20, bar(5, 8), CPU),
  row('relay-100', 'relay 4 KiB, 100 kept connections', 'relay', kept100, bar(7, 11), CPU),
  row(
    'relay-64k',
    'relay 64 KiB, 20 kept connections',
    'relay',
    { ...kept20, bytes: 64 * KIB, share: 0.5 },
    bar(2.5, 3.5),
  ),
  row(
    'relay-1m',
    'relay 1 MiB, 20 kept connections',
    'relay',
    { ...kept20, bytes: KIB * KIB, share: 0.06 },
    bar(1.2, 1.5),
  ),
  row('accept-new', 'accept 4 KiB, one message per connection', 'accept', oneEach, bar(1.8, 2.3)),
  row('accept-20', 'accept 4 KiB, 20 kept connections', 'accept', kept20, bar(4, 6)),
  row('accept-100', 'accept 4 KiB, 100 kept connections', 'accept', kept100, bar(6, 9)),
  row('accept-pipe-20', 'accept 4 KiB, 20 connections that pipeline', 'accept', { ...kept20, pipelined: true }),
  row('accept-pipe-100', 'accept 4 KiB, 100 connections that pipeline', 'accept', { ...kept100, pipelined: true }),
  row('slow-20', 'accept 4 KiB, 2 ms more per flush, 20 kept connections', 'slow', kept20, bar(2, 4)),
  row('slow-100', 'accept 4 KiB, 2 ms more per flush, 100 kept connections', 'slow', kept100, bar(4, 6)),
  row('postgres-20', 'relay 4 KiB on PostgreSQL, 20 kept connections', 'postgres', kept20, bar(2.5, 4)),
  row('haraka-new', 'relay 4 KiB beside Haraka, one message per connection', 'haraka', oneEach),
  row('haraka-20', 'relay 4 KiB beside Haraka, 20 kept connections', 'haraka', kept20),
  row('drain', 'drain of 20,000 deferred', 'drain', null, bar(3, 5)),
];

/** Those whose name is one of `words`, or begins with one and a dash; all without words. */
export function rowsNamed(words: readonly string[]): readonly Row[] {
  const isMeant = (name: string, word: string): boolean => name === word || name.startsWith(`${word}-`);
  return words.length === 0 ? ROWS : ROWS.filter(({ name }) => words.some((word) => isMeant(name, word)));
}

function row(
  name: string,
  title: string,
  stage: StageName,
  load: Load | null,
  rate: Bar | null = null,
  cpu: Bar | null = null,
): Row {
  return { name, title, stage, load, rate, cpu };
}
