/** Sets of messages: what a client named, laid over the messages that its mailbox has; and how we name them (RFC 9051 §9, sequence-set). */
import type { Uid } from '#/model/index.ts';
import type { SequenceSet, SetRange } from './command.ts';

/** A run of messages of a view: the indexes from `from` up to, not including, `to`. Their numbers are one higher. */
export type Span = readonly [from: number, to: number];

/**
 * The messages of a view that a set names: runs that rise and neither touch nor overlap. What isn't there is left out, however large the ranges
 * are. `uids` are the view's, rising; `saved` is what `$` stands for (RFC 9051 §6.4.4.1), rising UIDs.
 *
 * RFC 9051 §9: `*` is the last message, and `9:*` names it even where 9 is beyond it. In an empty mailbox it names none.
 */
export function spansOf(set: SequenceSet, by: 'number' | 'uid', uids: Uint32Array, saved: Uint32Array): Span[] {
  if (uids.length === 0) return [];
  if (set === '$') return merge(Array.from(saved, (uid) => spanOfUids(uid, uid, uids)));
  const last = by === 'uid' ? (uids.at(-1) ?? 0) : uids.length;
  const spans = set.map((range) => {
    const [low, high] = bounds(range, last);
    return by === 'uid' ? spanOfUids(low, high, uids) : ([low - 1, Math.min(high, uids.length)] as const);
  });
  return merge(spans);
}

/** Whether a set of numbers names one that no message has. RFC 9051 §9 makes it an error; of UIDs it is none. */
export function namesAbsent(set: SequenceSet, exists: number): boolean {
  return set !== '$' && set.some(([from, to]) => Math.max(from ?? exists, to ?? exists) > exists || exists === 0);
}

export function countOf(spans: readonly Span[]): number {
  return spans.reduce((count, [from, to]) => count + to - from, 0);
}

/** The UIDs in these runs, rising. */
export function uidsOf(spans: readonly Span[], uids: Uint32Array): Uint32Array {
  const [only] = spans;
  if (only !== undefined && spans.length === 1) return uids.subarray(...only);
  const found = new Uint32Array(countOf(spans));
  let at = 0;
  for (const [from, to] of spans) {
    found.set(uids.subarray(from, to), at);
    at += to - from;
  }
  return found;
}

/** The number of a UID in its view, from 1; 0 where it isn't there. */
export function numberOf(uid: Uid, uids: Uint32Array): number {
  const index = lowerBound(uids, uid);
  return uids[index] === uid ? index + 1 : 0;
}

/** UIDs or numbers as a set, in the order that they have: each that follows its neighbour joins its range. Empty where there are none. */
export function formatUids(uids: Uint32Array | readonly number[]): string {
  const ranges: string[] = [];
  for (let at = 0; at < uids.length; ) {
    const first = uids[at] ?? 0;
    let length = 1;
    while (uids[at + length] === first + length) length++;
    ranges.push(length === 1 ? String(first) : `${first}:${first + length - 1}`);
    at += length;
  }
  return ranges.join(',');
}

function bounds([from, to]: SetRange, last: number): readonly [low: number, high: number] {
  const [a, b] = [from ?? last, to ?? last];
  return a <= b ? [a, b] : [b, a];
}

function spanOfUids(low: number, high: number, uids: Uint32Array): Span {
  return [lowerBound(uids, low), lowerBound(uids, high + 1)];
}

/** The first index whose UID is this or more. */
function lowerBound(uids: Uint32Array, uid: number): number {
  let [from, to] = [0, uids.length];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((uids[middle] ?? 0) < uid) from = middle + 1;
    else to = middle;
  }
  return from;
}

function merge(spans: readonly Span[]): Span[] {
  const merged: [number, number][] = [];
  const rising = spans.filter(([from, to]) => from < to).sort((a, b) => a[0] - b[0]);
  for (const [from, to] of rising) {
    const before = merged.at(-1);
    if (before !== undefined && from <= before[1]) before[1] = Math.max(before[1], to);
    else merged.push([from, to]);
  }
  return merged;
}
