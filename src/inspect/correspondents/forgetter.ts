/** Forgets who has written to whom when the time for it is over, in small steps; it may run anywhere, and twice. */
import { within } from '#/model/index.ts';
import { type Clock, type Correspondents, type Log, Rounds } from '#/ports/index.ts';
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
  readonly #rounds: Rounds;

  /** Works until it is disposed. */
  constructor(parts: ForgetterParts) {
    this.#parts = parts;
    this.#rounds = new Rounds(parts.clock, {
      work: async () => ((await this.#step()) > 0 ? REST_MS : ROUND_MS),
      failed: (why) => {
        parts.log.warn('inspect.unforgotten', { why });
        return AWAY_MS;
      },
    }).start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  #step(): Promise<number> {
    const { correspondents, clock, keepMs } = this.#parts;
    const before = Math.floor((clock.now() - keepMs) / DAY_MS);
    return correspondents.forget({ before, most: PAIRS_MAX }, FORGET_PAIRS, within(FORGET_MS, this.#rounds.signal));
  }
}
