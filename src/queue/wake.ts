/** A wait that can be cut short: many rings make one wake-up, and a ring while nobody waits is not lost. */
import type { Clock } from '#/ports/index.ts';

export class Wake {
  readonly #clock: Clock;
  #rung = false;
  #sleeper: AbortController | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    this.#rung = true;
    this.#sleeper?.abort();
  }

  /** Waits `ms`, or until it rings, or until `signal` aborts. Never rejects. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    if (!this.#rung && !signal.aborted) {
      this.#sleeper = new AbortController();
      await this.#clock.sleep(ms, AbortSignal.any([signal, this.#sleeper.signal]));
      this.#sleeper = null;
    }
    this.#rung = false;
  }
}
