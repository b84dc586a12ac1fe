/**
 * How fast a server beside ours answers at the moment: by its last answers, and by asks that have been open for long. One mail that it is slow
 * about makes no slow server of it, or such mail would slow down all other; when most are slow, it is (M4).
 *
 * What must never happen: a server that counts as slow for ever because nobody asks it any more.
 */
import type { HookLimits } from './limits.ts';

type PaceLimits = Pick<HookLimits, 'slowMs' | 'paceAnswers' | 'paceMs'>;

interface Took {
  readonly ms: number;
  /** Monotonic ms. */
  readonly at: number;
}

export class HookPace {
  readonly #limits: PaceLimits;
  readonly #now: () => number;
  /** Begins of open asks, the oldest first. */
  readonly #open = new Set<{ readonly at: number }>();
  /** The last answers, or what came in their place. */
  #last: Took[] = [];

  /** `now`: monotonic ms. */
  constructor(limits: PaceLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** What it gives back is called when there is an answer, of whatever kind. */
  begin(): () => void {
    const ask = { at: this.#now() };
    this.#open.add(ask);
    return () => {
      this.#open.delete(ask);
      const at = this.#now();
      this.#last = [...this.#last.slice(1 - this.#limits.paceAnswers), { ms: at - ask.at, at }];
    };
  }

  get isSlow(): boolean {
    const { slowMs, paceMs } = this.#limits;
    const now = this.#now();
    const known = this.#last.filter(({ at }) => now - at < paceMs).map(({ ms }) => ms >= slowMs);
    for (const { at } of this.#open) {
      if (now - at < slowMs) break;
      known.push(true);
    }
    return known.length > 0 && known.filter((slow) => slow).length * 2 > known.length;
  }
}
