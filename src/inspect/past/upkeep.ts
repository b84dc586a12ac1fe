/** Periodic work on what is kept of past mail: what is old goes, and what tenants no longer want kept. It may run anywhere, twice, and in small steps. */
import { type TenantId, within } from '#/model/index.ts';
import { type Clock, type Log, type PastMails, Rounds } from '#/ports/index.ts';
import type { PastLimits } from './limits.ts';

export interface PastUpkeepParts {
  readonly past: Pick<PastMails, 'forget' | 'drop'>;
  /** How long facts are kept, ms; 0: not at all. */
  readonly keptMs: number;
  /** Tenants that want nothing kept. */
  readonly unwanted: () => readonly TenantId[];
  readonly clock: Clock;
  readonly log: Log;
}

const ROUND_MS = 600_000;
/** Before the first round: a start has better to do. */
const FIRST_MS = 60_000;
/** Pause between two steps of one round, so that people don't feel it. */
const REST_MS = 50;
const STEP = 50;

export class PastUpkeep implements AsyncDisposable {
  readonly #parts: PastUpkeepParts;
  readonly #limits: PastLimits;
  readonly #rounds: Rounds;

  constructor(parts: PastUpkeepParts, limits: PastLimits) {
    this.#parts = parts;
    this.#limits = limits;
    this.#rounds = new Rounds(parts.clock, {
      firstMs: FIRST_MS,
      work: async () => {
        await this.round();
        return ROUND_MS;
      },
      failed: (why) => {
        parts.log.warn('inspect.past-upkeep-failed', { why });
        return ROUND_MS;
      },
    });
  }

  /** Works until it is disposed. */
  start(): this {
    this.#rounds.start();
    return this;
  }

  /** One round. */
  async round(): Promise<void> {
    const { past, keptMs, clock, unwanted } = this.#parts;
    const call = () => within(this.#limits.callMs, this.#rounds.signal);
    // Where nothing is kept any more, what was is gone with the first round.
    const before = keptMs === 0 ? Number.MAX_SAFE_INTEGER : clock.now() - keptMs;
    await this.#steps(() => past.forget(before, this.#limits.bounds, STEP, call()));
    for (const tenant of unwanted()) await this.#steps(() => past.drop(tenant, STEP, call()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  async #steps(step: () => Promise<number>): Promise<void> {
    while (!this.#rounds.signal.aborted && (await step()) >= STEP)
      await this.#parts.clock.sleep(REST_MS, this.#rounds.signal);
  }
}
