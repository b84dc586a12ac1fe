/**
 * Work that is done again and again until its owner is disposed: upkeep, looks at what is due, things to tell. One loop for all of it, so that each
 * says only what a round is, how long it rests, and what is said when it fails.
 *
 * What must never happen: a loop that ends since a round failed; a round that begins behind the end; a failure that is said of a stop.
 */
import type { Clock } from './clock.ts';

export interface Round {
  /** One round; how long to rest behind it, ms. What it waits for should carry `signal`. */
  work(): Promise<number>;
  /** A round has failed, and not since it is the end: says so where that is of use; how long to rest, ms. */
  failed(why: string): number;
  /** Rest before the first round, ms: a start has better to do. None where absent. */
  readonly firstMs?: number;
}

export class Rounds implements AsyncDisposable {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #round: Round;
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(clock: Pick<Clock, 'sleep'>, round: Round) {
    this.#clock = clock;
    this.#round = round;
  }

  /** Aborts with the end. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Works until it is disposed. To be called once. */
  start(): this {
    this.#running = this.#run();
    return this;
  }

  /** Ends the rest, and waits for the round at hand. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { firstMs } = this.#round;
    if (firstMs !== undefined) await this.#clock.sleep(firstMs, signal);
    while (!signal.aborted) {
      const restMs = await this.#once();
      await this.#clock.sleep(restMs, signal);
    }
  }

  async #once(): Promise<number> {
    try {
      return await this.#round.work();
    } catch (error) {
      if (this.#stop.signal.aborted) return 0;
      return this.#round.failed(error instanceof Error ? error.message : String(error));
    }
  }
}
