/** Counts failures by key in token buckets: `burst` at once, then so many a minute. */
import type { Clock } from '#/ports/index.ts';
import { BoundedMap } from './bounded-map.ts';

interface Bucket {
  tokens: number;
  /** Monotonic ms at which `tokens` was true. */
  at: number;
}

const MINUTE_MS = 60_000;

/**
 * An attempt takes a token before it is judged and gets it back unless it failed, so that many at once cannot outrun the count.
 */
export class FailureLimit {
  readonly #clock: Clock;
  readonly #burst: number;
  readonly #perMs: number;
  readonly #buckets: BoundedMap<string, Bucket>;

  constructor(clock: Clock, rate: { readonly burst: number; readonly perMinute: number }, keysMax: number) {
    this.#clock = clock;
    this.#burst = rate.burst;
    this.#perMs = rate.perMinute / MINUTE_MS;
    this.#buckets = new BoundedMap(keysMax);
  }

  /** Takes a token; false where none is left. */
  take(key: string): boolean {
    const tokens = this.#tokens(key);
    if (tokens < 1) return false;
    this.#set(key, tokens - 1);
    return true;
  }

  /** The attempt was no failure. */
  giveBack(key: string): void {
    this.#set(key, this.#tokens(key) + 1);
  }

  #tokens(key: string): number {
    const bucket = this.#buckets.get(key);
    if (bucket === undefined) return this.#burst;
    return Math.min(this.#burst, bucket.tokens + (this.#clock.monotonic() - bucket.at) * this.#perMs);
  }

  #set(key: string, tokens: number): void {
    if (tokens >= this.#burst) this.#buckets.delete(key);
    else this.#buckets.set(key, { tokens, at: this.#clock.monotonic() });
  }
}
