/**
 * Whether a server beside ours is there. While it is away nobody waits for it (M4); after a rest one ask at a time looks.
 *
 *   closed ── failures in a row ──▶ open ── rest over ──▶ half-open: one looks ──▶ answered: closed · failed: open, longer
 *
 * What must never happen: two that look at once; a breaker that stays open because who looked forgot to say what they saw.
 */
import type { HookLimits } from './limits.ts';

type BreakerLimits = Pick<HookLimits, 'failuresToOpen' | 'restMs' | 'restMsMax'>;

export class HookBreaker {
  readonly #limits: BreakerLimits;
  readonly #now: () => number;
  #failures = 0;
  #open: { readonly restMs: number; readonly until: number } | null = null;

  /** `now`: monotonic ms. */
  constructor(limits: BreakerLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  /** `go`: ask; `rest`: don't; `look`: ping first, and say what came of it. A look that nobody reports on ends with the next rest. */
  enter(): 'go' | 'look' | 'rest' {
    if (this.#open === null) return 'go';
    if (this.#now() < this.#open.until) return 'rest';
    this.#open = { ...this.#open, until: this.#now() + this.#open.restMs };
    return 'look';
  }

  /** It answered. Whether it was away before. */
  answered(): boolean {
    const wasOpen = this.#open !== null;
    this.#failures = 0;
    this.#open = null;
    return wasOpen;
  }

  /** It did not. Whether it counts as away from now on, and did not before. */
  failed(): boolean {
    const { failuresToOpen, restMs: first, restMsMax } = this.#limits;
    this.#failures++;
    if (this.#open === null && this.#failures < failuresToOpen) return false;
    const wasClosed = this.#open === null;
    const restMs = this.#open === null ? first : Math.min(this.#open.restMs * 2, restMsMax);
    this.#open = { restMs, until: this.#now() + restMs };
    return wasClosed;
  }
}
