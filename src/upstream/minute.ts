/** What one minute saw of a provider, and the sum of several. */
import type { BounceClass, UpstreamFigures } from '#/model/index.ts';

/** Ms; an attempt counts with the first bound that it does not pass, or beyond the last. */
const BOUNDS = [
  10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000,
];

export class Minute {
  /** Minutes since the epoch. */
  readonly at: number;
  sessions = 0;
  unreachable = 0;
  delivered = 0;
  deferred = 0;
  bounced = 0;
  failing = 0;
  /** Wall-clock ms of its first and last failing. */
  firstSignAt: number | null = null;
  lastSignAt: number | null = null;
  readonly classes = new Map<BounceClass, number>();
  readonly durations = new Uint32Array(BOUNDS.length + 1);

  constructor(at: number) {
    this.at = at;
  }

  took(ms: number): void {
    const i = BOUNDS.findIndex((bound) => ms <= bound);
    const slot = i < 0 ? BOUNDS.length : i;
    this.durations[slot] = (this.durations[slot] ?? 0) + 1;
  }

  refused(of: BounceClass): void {
    this.classes.set(of, (this.classes.get(of) ?? 0) + 1);
  }

  sign(at: number): void {
    this.failing += 1;
    this.firstSignAt ??= at;
    this.lastSignAt = at;
  }

  /** How much of what was tried failed, from 0 to 1; null where nothing was tried. */
  get failingShare(): number | null {
    const all = this.delivered + this.deferred + this.bounced + this.unreachable;
    return all === 0 ? null : this.failing / all;
  }
}

export function sumOf(minutes: readonly Minute[]): UpstreamFigures {
  const sum = { sessions: 0, unreachable: 0, delivered: 0, deferred: 0, bounced: 0, failing: 0 };
  const classes: Partial<Record<BounceClass, number>> = {};
  const durations = new Uint32Array(BOUNDS.length + 1);
  for (const minute of minutes) {
    for (const key of Object.keys(sum) as (keyof typeof sum)[]) sum[key] += minute[key];
    for (const [of, count] of minute.classes) classes[of] = (classes[of] ?? 0) + count;
    for (const [i, count] of minute.durations.entries()) durations[i] = (durations[i] ?? 0) + count;
  }
  return { ...sum, classes, p50: quantileOf(durations, 0.5), p95: quantileOf(durations, 0.95) };
}

/** Part of all attempts that failed, from 0 to 1. */
export function failingShareOf({ failing, delivered, deferred, bounced, unreachable }: UpstreamFigures): number {
  const all = delivered + deferred + bounced + unreachable;
  return all === 0 ? 0 : failing / all;
}

/** By straight lines between the bounds; what is beyond the last one counts as it. */
function quantileOf(durations: Uint32Array, share: number): number {
  const total = durations.reduce((sum, count) => sum + count, 0);
  let wanted = total * share;
  for (const [i, count] of durations.entries()) {
    const [low, high] = [BOUNDS[i - 1] ?? 0, BOUNDS[i] ?? BOUNDS.at(-1) ?? 0];
    if (count > 0 && wanted <= count) return Math.round(low + (high - low) * (wanted / count));
    wanted -= count;
  }
  return 0;
}
