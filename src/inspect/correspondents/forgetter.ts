/** Forgets who has written to whom when the time for it is over, in small steps; it may run anywhere, and twice. */
import { within } from '#/model/index.ts';
import type { Clock, Correspondents, Log } from '#/ports/index.ts';
import { AWAY_MS, FORGET_MS, FORGET_PAIRS, PAIRS_MAX, REST_MS, ROUND_MS } from './limits.ts';

export interface ForgetterParts {
  readonly correspondents: Pick<Correspondents, 'forget'>;
  /** How long a pair is kept behind the last mail. */
  readonly keepMs: number;
  readonly clock: Clock;
  readonly log: Log;
}

const DAY_MS = 86_400_000;

export class CorrespondenceForgetter implements AsyncDisposable {
  readonly #parts: ForgetterParts;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;

  /** Works until it is disposed. */
  constructor(parts: ForgetterParts) {
    this.#parts = parts;
    this.#running = this.#run();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const gone = await this.#step();
        await clock.sleep(gone > 0 ? REST_MS : ROUND_MS, signal);
      } catch (cause) {
        if (!signal.aborted)
          log.warn('inspect.unforgotten', { why: cause instanceof Error ? cause.message : String(cause) });
        await clock.sleep(AWAY_MS, signal);
      }
    }
  }

  #step(): Promise<number> {
    const { correspondents, clock, keepMs } = this.#parts;
    const before = Math.floor((clock.now() - keepMs) / DAY_MS);
    return correspondents.forget({ before, most: PAIRS_MAX }, FORGET_PAIRS, within(FORGET_MS, this.#stop.signal));
  }
}
