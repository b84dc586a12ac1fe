/** Times that were taken one by one, such as those of probes: the latest of each stage. */
import type { TimedStage } from '#/model/index.ts';

export interface Times {
  readonly count: number;
  /** Ms. */
  readonly p50: number;
  readonly p95: number;
}

const KEPT_MAX = 100;

export class StageTimes {
  readonly #taken = new Map<TimedStage, { readonly at: number; readonly ms: number }[]>();

  add(stage: TimedStage, at: number, ms: number): void {
    const all = this.#taken.getOrInsertComputed(stage, () => []);
    if (all.push({ at, ms }) > KEPT_MAX) all.shift();
  }

  /** Of those taken after `since`; none counts as nothing that took long. */
  since(stage: TimedStage, since: number): Times {
    const sorted = (this.#taken.get(stage) ?? [])
      .filter(({ at }) => at > since)
      .map(({ ms }) => ms)
      .toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
    return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
  }
}
