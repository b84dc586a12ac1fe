/**
 * Outcomes on their way into the store. An outcome that exists only here would be a mail sent twice, so a settlement that fails
 * is repeated until the store takes it; above a bound the queue begins nothing new (design 1, Disk: no attempt begins without
 * room for its outcome). Budget of repeats: none in number, paced from `resettleMs` to `resettleMaxMs`; the fault that must not be
 * retried (`store.failed`) ends the process, and custody's rows say what happens next (H3).
 */
import { Fault, type IncarnationId, type Settled, type Settlement, within } from '#/model/index.ts';
import type { Clock, Custody, Log } from '#/ports/index.ts';
import type { PaceSettings } from './settings.ts';

export interface SettlerParts {
  readonly custody: Pick<Custody, 'settle'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly worker: IncarnationId;
  readonly onFatal: (reason: string) => void;
}

export class Settler {
  readonly #parts: SettlerParts;
  readonly #pace: PaceSettings;
  readonly #onSettled: (settlement: Settlement, answers: readonly Settled[]) => void;
  readonly #stop = new AbortController();
  #pending = 0;
  #idle: (() => void)[] = [];

  constructor(
    parts: SettlerParts,
    pace: PaceSettings,
    onSettled: (settlement: Settlement, answers: readonly Settled[]) => void,
  ) {
    this.#parts = parts;
    this.#pace = pace;
    this.#onSettled = onSettled;
  }

  /** Settlements not yet durable. */
  get pending(): number {
    return this.#pending;
  }

  /** Records a settlement in the background. Never throws. */
  submit(settlement: Settlement): void {
    this.#pending += 1;
    this.#parts.custody.settle(settlement, this.#parts.worker, within(this.#pace.callMs)).then(
      (answers) => this.#settled(settlement, answers),
      (cause: unknown) => void this.#repeat(settlement, cause),
    );
  }

  /** Resolves when nothing is under way, or when `signal` aborts. */
  async idle(signal: AbortSignal): Promise<void> {
    if (this.#pending === 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.#idle.push(resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** Ends the repeating; what is not durable by now is decided by the lapse of our claims. */
  stop(): void {
    this.#stop.abort();
  }

  #settled(settlement: Settlement, answers: readonly Settled[]): void {
    this.#left();
    this.#onSettled(settlement, answers);
  }

  async #repeat(settlement: Settlement, first: unknown): Promise<void> {
    try {
      this.#settled(settlement, await this.#again(settlement, first));
    } catch (cause) {
      this.#left();
      this.#broken(cause);
    }
  }

  async #again(settlement: Settlement, first: unknown): Promise<readonly Settled[]> {
    let cause = first;
    for (let waitMs = this.#pace.resettleMs; ; waitMs = Math.min(this.#pace.resettleMaxMs, waitMs * 2)) {
      if (cause instanceof Fault && cause.retry === 'never') throw cause;
      this.#parts.log.warn('queue.settle_repeated', { message: settlement.claim.mail.id, why: reasonOf(cause) });
      await this.#parts.clock.sleep(waitMs * (0.5 + this.#parts.random()), this.#stop.signal);
      if (this.#stop.signal.aborted) throw cause;
      try {
        return await this.#parts.custody.settle(settlement, this.#parts.worker, within(this.#pace.callMs));
      } catch (next) {
        cause = next;
      }
    }
  }

  #broken(cause: unknown): void {
    this.#parts.log.error('queue.settle_failed', { why: reasonOf(cause) });
    if (!this.#stop.signal.aborted) this.#parts.onFatal(`an outcome could not be recorded: ${reasonOf(cause)}`);
  }

  #left(): void {
    this.#pending -= 1;
    if (this.#pending > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

/** A fault's code, or the message of another error: fit for the event log. */
export function reasonOf(cause: unknown): string {
  if (cause instanceof Fault) return cause.code;
  return cause instanceof Error ? cause.message : String(cause);
}
