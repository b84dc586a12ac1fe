/** Sets of UIDs as runs of neighbours: how clients name them, how they are read in one sweep, and how they are kept small. */
import type { Uid } from '#/model/index.ts';

export type Run = readonly [from: Uid, to: Uid];

/** UIDs in any order, each once, as runs that rise. What can be no UID is left out. */
export function runsOf(uids: ArrayLike<Uid>): Run[] {
  const sorted = isRising(uids) ? uids : Float64Array.from(uids).sort();
  const runs: Run[] = [];
  let from = 0;
  let to = -1;
  for (let i = 0; i < sorted.length; i++) {
    const uid = sorted[i] as Uid;
    if (!Number.isInteger(uid)) continue;
    if (uid === to + 1 || uid === to) to = uid;
    else {
      if (to >= 0) runs.push([from, to]);
      from = to = uid;
    }
  }
  if (to >= 0) runs.push([from, to]);
  return runs;
}

/** Gaps and lengths, seven bits an octet: a run of any length costs a few octets. */
export function packRuns(runs: readonly Run[]): Uint8Array {
  const octets: number[] = [];
  let last = 0;
  for (const [from, to] of runs) {
    pushNumber(octets, from - last);
    pushNumber(octets, to - from);
    last = to;
  }
  return Uint8Array.from(octets);
}

export function unpackRuns(octets: Uint8Array): Run[] {
  const runs: Run[] = [];
  let at = 0;
  let last = 0;
  const number = (): number => {
    let value = 0;
    for (let unit = 1; ; unit *= 128) {
      const octet = octets[at++] ?? 0;
      value += (octet & 127) * unit;
      if (octet < 128) return value;
    }
  };
  while (at < octets.length) {
    const from = last + number();
    last = from + number();
    runs.push([from, last]);
  }
  return runs;
}

function pushNumber(octets: number[], value: number): void {
  let rest = value;
  while (rest >= 128) {
    octets.push((rest % 128) + 128);
    rest = Math.floor(rest / 128);
  }
  octets.push(rest);
}

function isRising(uids: ArrayLike<Uid>): boolean {
  for (let i = 1; i < uids.length; i++) if ((uids[i] as Uid) < (uids[i - 1] as Uid)) return false;
  return true;
}
