/**
 * Retries of transfers: what is away for a while is asked again, with growing pauses. Budget: `awayMs` without success; every method asked so
 * may be asked again (`ports/mailboxes.ts`).
 */
import { Fault } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import { awayMs, mailboxesTryAgainMsMax, tryAgainMs } from './limits.ts';

export interface Patience {
  readonly clock: Pick<Clock, 'sleep'>;
  readonly signal: AbortSignal;
}

/** Asks until there is an answer, a failure that stays, or the budget is used up. */
export async function patiently<T>(ask: () => Promise<T>, patience: Patience): Promise<T> {
  const budget = new Budget(mailboxesTryAgainMsMax);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!mayBeAskedAgain(error) || patience.signal.aborted) throw error;
      if (!(await budget.wait(patience))) throw error;
    }
  }
}

/** Whether the same call may succeed later. */
export function mayBeAskedAgain(error: unknown): boolean {
  return error instanceof Fault && error.retry !== 'never';
}

/** How long one may still try. */
export class Budget {
  readonly #pauseMsMax: number;
  #until = performance.now() + awayMs;
  #pauseMs = tryAgainMs;

  constructor(pauseMsMax: number) {
    this.#pauseMsMax = pauseMsMax;
  }

  /** Something went well: all of it is there again. */
  renew(): void {
    this.#until = performance.now() + awayMs;
    this.#pauseMs = tryAgainMs;
  }

  /** Pauses, longer each time; false where the budget is used up. */
  async wait({ clock, signal }: Patience): Promise<boolean> {
    if (performance.now() + this.#pauseMs > this.#until) return false;
    await clock.sleep(this.#pauseMs, signal);
    this.#pauseMs = Math.min(this.#pauseMs * 2, this.#pauseMsMax);
    return true;
  }
}
