/** Counters, gauges and histograms in memory, and their text for Prometheus (exposition format 0.0.4). */
import type { Counter, Gauge, Histogram, Labels, Meter } from '#/ports/index.ts';

export interface ProcessMeter extends Meter {
  /** All figures now. */
  exposition(): string;
  /** Runs before each exposition: for gauges that are read only when somebody looks. */
  beforeExposition(measure: () => void): void;
}

const NAME = /^[a-z][a-z0-9_]*$/;
/** Label combinations of one name; beyond, they are counted together under `label="other"`, so that memory is bounded. */
const SERIES_MAX = 2_000;

type Kind = 'counter' | 'gauge' | 'histogram';

/** The meter of a process. Asking again for a name gives the same figures; the same name of another kind is a mistake of ours. */
export function createMeter(): ProcessMeter {
  const families = new Map<string, Family>();
  const measures: (() => void)[] = [];
  const family = (kind: Kind, name: string, help: string, buckets: readonly number[] = []): Family => {
    checkName(kind, name);
    const known = families.getOrInsertComputed(name, () => new Family(kind, name, help, buckets));
    if (known.kind !== kind) throw new TypeError(`The meter ${name} is a ${known.kind} already.`);
    return known;
  };
  return {
    counter: (name, help): Counter => {
      const counter = family('counter', name, help);
      return { add: (amount = 1, labels = {}) => counter.add(amount, labels) };
    },
    gauge: (name, help): Gauge => {
      const gauge = family('gauge', name, help);
      return { set: (value, labels = {}) => gauge.set(value, labels) };
    },
    histogram: (name, help, buckets): Histogram => {
      const histogram = family('histogram', name, help, buckets);
      return { observe: (value, labels = {}) => histogram.observe(value, labels) };
    },
    exposition: () => {
      for (const measure of measures) measure();
      return [...families.values()].map((one) => one.format()).join('');
    },
    beforeExposition: (measure) => {
      measures.push(measure);
    },
  };
}

type Series = { readonly labels: string; value: number; sum: number; readonly counts: number[] };

class Family {
  readonly kind: Kind;
  readonly #name: string;
  readonly #help: string;
  readonly #buckets: readonly number[];
  readonly #series = new Map<string, Series>();

  constructor(kind: Kind, name: string, help: string, buckets: readonly number[]) {
    if (buckets.some((bound, i) => i > 0 && bound <= (buckets[i - 1] ?? bound)))
      throw new TypeError(`The buckets of ${name} do not ascend.`);
    this.kind = kind;
    this.#name = name;
    this.#help = help;
    this.#buckets = buckets;
  }

  add(amount: number, labels: Labels): void {
    if (!(amount >= 0)) throw new TypeError(`The counter ${this.#name} can't go back.`);
    this.#at(labels).value += amount;
  }

  set(value: number, labels: Labels): void {
    this.#at(labels).value = value;
  }

  observe(value: number, labels: Labels): void {
    const series = this.#at(labels);
    const bucket = this.#buckets.findIndex((bound) => value <= bound);
    const slot = bucket === -1 ? this.#buckets.length : bucket;
    series.counts[slot] = (series.counts[slot] ?? 0) + 1;
    series.value += 1;
    series.sum += value;
  }

  format(): string {
    const lines = [`# HELP ${this.#name} ${escapeText(this.#help)}`, `# TYPE ${this.#name} ${this.kind}`];
    for (const series of this.#series.values()) {
      if (this.kind === 'histogram') lines.push(...this.#histogramLines(series));
      else lines.push(`${this.#name}${braces(series.labels)} ${formatValue(series.value)}`);
    }
    return `${lines.join('\n')}\n`;
  }

  #at(labels: Labels): Series {
    const key = labelText(labels);
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    if (this.#series.size >= SERIES_MAX && key !== OTHER) return this.#at({ label: 'other' });
    const series = { labels: key, value: 0, sum: 0, counts: [] };
    this.#series.set(key, series);
    return series;
  }

  #histogramLines({ labels, value, sum, counts }: Series): string[] {
    let below = 0;
    const lines = this.#buckets.map((bound, i) => {
      below += counts[i] ?? 0;
      return `${this.#name}_bucket${braces(join(labels, `le="${formatValue(bound)}"`))} ${below}`;
    });
    const infinite = `${this.#name}_bucket${braces(join(labels, 'le="+Inf"'))} ${value}`;
    const name = this.#name;
    return [
      ...lines,
      infinite,
      `${name}_sum${braces(labels)} ${formatValue(sum)}`,
      `${name}_count${braces(labels)} ${value}`,
    ];
  }
}

const OTHER = 'label="other"';

function checkName(kind: Kind, name: string): void {
  const fits = NAME.test(name) && (kind === 'counter') === name.endsWith('_total');
  if (!fits) throw new TypeError(`${name} is no name for a ${kind}: lower case, and _total for counters alone.`);
}

function labelText(labels: Labels): string {
  let text = '';
  for (const name in labels) {
    if (!NAME.test(name)) throw new TypeError(`${name} is no name for a label.`);
    text = join(text, `${name}="${escapeText(labels[name] ?? '').replaceAll('"', '\\"')}"`);
  }
  return text;
}

function join(left: string, right: string): string {
  return left === '' ? right : `${left},${right}`;
}

function braces(labels: string): string {
  return labels === '' ? '' : `{${labels}}`;
}

function escapeText(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function formatValue(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
