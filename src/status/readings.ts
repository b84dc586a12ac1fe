/**
 * Figures of the processes over the last minutes, from what they tell as Prometheus text. Counters begin anew with their process; what one counted
 * before it was first heard is not of the last minutes. Bounded: readings older than the longest window go, and names that nobody asks for are not kept.
 */
import type { MetricsPart } from './observer.ts';

/** Sum of a counter's series, or all of a gauge's: those whose labels hold all of these. */
export type LabelTexts = readonly string[];

interface Reading {
  readonly at: number;
  readonly processes: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, number>;
}

const SAMPLE = /^([a-z][a-z0-9_]*)(?:\{(.*)\})? (\S+)$/;

export class Readings {
  readonly #names: RegExp;
  readonly #keepMs: number;
  readonly #all: Reading[] = [];

  /** Keeps figures whose names match, for `keepMs`. */
  constructor(names: RegExp, keepMs: number) {
    this.#names = names;
    this.#keepMs = keepMs;
  }

  /** What all processes said at a monotonic ms; one that did not answer says nothing. */
  add(at: number, parts: readonly MetricsPart[]): void {
    const values = new Map<string, number>();
    const processes = new Set<string>();
    for (const { process, text } of parts) {
      if (text !== '') processes.add(process);
      for (const line of text.split('\n')) {
        const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
        if (name !== '' && this.#names.test(name)) values.set(`${process} ${name}{${labels}}`, Number(value));
      }
    }
    this.#all.push({ at, processes, values });
    while (this.#all.length > 2 && at - (this.#all[1]?.at ?? at) > this.#keepMs) this.#all.shift();
  }

  /** By how much a counter, or a gauge that only rises, has risen in the last `ms`. */
  risen(name: string, ms: number, ...labels: LabelTexts): number {
    let sum = 0;
    for (const { risen } of this.#rises(name, ms, labels)) sum += risen;
    return sum;
  }

  /** A gauge's values now, one for each series. */
  now(name: string, ...labels: LabelTexts): readonly number[] {
    const last = this.#all.at(-1);
    if (last === undefined) return [];
    return [...last.values].flatMap(([key, value]) => (isSeriesOf(key, name, labels) ? [value] : []));
  }

  /** What a histogram was given in the last `ms`: how many at or below each bound, rising. */
  buckets(name: string, ms: number): readonly Bucket[] {
    const byBound = new Map<number, number>();
    for (const { key, risen } of this.#rises(`${name}_bucket`, ms, [])) {
      const text = /le="([^"]+)"/.exec(key)?.[1] ?? '';
      const bound = text === '+Inf' ? Number.POSITIVE_INFINITY : Number(text);
      byBound.set(bound, (byBound.get(bound) ?? 0) + risen);
    }
    return [...byBound].map(([bound, count]) => ({ bound, count })).toSorted((a, b) => a.bound - b.bound);
  }

  *#rises(name: string, ms: number, labels: LabelTexts): Generator<{ readonly key: string; readonly risen: number }> {
    const last = this.#all.at(-1);
    if (last === undefined) return;
    const first = this.#all.find(({ at }) => last.at - at <= ms);
    if (first === undefined || first === last) return;
    for (const [key, value] of last.values) {
      if (!isSeriesOf(key, name, labels)) continue;
      if (!first.processes.has(key.slice(0, key.indexOf(' ')))) continue;
      const before = first.values.get(key) ?? 0;
      yield { key, risen: value >= before ? value - before : value };
    }
  }
}

export interface Bucket {
  readonly bound: number;
  /** At or below the bound. */
  readonly count: number;
}

function isSeriesOf(key: string, name: string, labels: LabelTexts): boolean {
  const at = key.indexOf(' ') + 1;
  return key.startsWith(`${name}{`, at) && labels.every((label) => key.includes(label, at));
}

/** The value below which a share of what a histogram was given lies, by straight lines between its bounds; 0 where it was given nothing. */
export function quantileOf(buckets: readonly Bucket[], share: number): number {
  const total = buckets.at(-1)?.count ?? 0;
  if (total === 0) return 0;
  const wanted = total * share;
  let low = { bound: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= wanted) {
      // Beyond the last bound nothing is known but that it is beyond.
      if (bucket.bound === Number.POSITIVE_INFINITY) return low.bound;
      const part = (wanted - low.count) / Math.max(1e-9, bucket.count - low.count);
      return low.bound + (bucket.bound - low.bound) * part;
    }
    low = bucket;
  }
  return low.bound;
}
