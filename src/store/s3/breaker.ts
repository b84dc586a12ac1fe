/**
 * Whether the bucket is there. While it is away each call is refused at once, so that an outage holds up nobody but large mail (M4);
 * after a rest one call at a time may look.
 *
 *   closed ── failures in a row ──▶ open ── rest over: one call goes ──▶ answered: closed · failed: open, longer
 */
import { Fault } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import type { S3Limits } from './limits.ts';

export class Breaker {
  readonly #limits: Pick<S3Limits, 'failuresToOpen' | 'restMs' | 'restMsMax'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #log: Pick<Log, 'info' | 'warn'>;
  #failures = 0;
  #open: { readonly why: string; readonly restMs: number; readonly until: number } | null = null;

  constructor(
    limits: Pick<S3Limits, 'failuresToOpen' | 'restMs' | 'restMsMax'>,
    clock: Pick<Clock, 'monotonic'>,
    log: Pick<Log, 'info' | 'warn'>,
  ) {
    this.#limits = limits;
    this.#clock = clock;
    this.#log = log;
  }

  /** Fault `store.unavailable` while it rests. */
  refuseWhileOpen(): void {
    if (this.#open !== null && this.#clock.monotonic() < this.#open.until)
      throw new Fault('store.unavailable', this.#open.why);
  }

  /** Before an attempt: the same, but where the rest is over this call looks, and the others rest on meanwhile. */
  enter(): void {
    this.refuseWhileOpen();
    if (this.#open !== null) this.#open = { ...this.#open, until: this.#clock.monotonic() + this.#open.restMs };
  }

  /** The store answered, be it with a refusal. */
  answered(): void {
    this.#failures = 0;
    if (this.#open === null) return;
    this.#open = null;
    this.#log.info('store.blobs-back');
  }

  /** An attempt had no answer, or one that says "not now". */
  failed(why: string): void {
    const { failuresToOpen, restMs: first, restMsMax } = this.#limits;
    this.#failures++;
    if (this.#open === null && this.#failures < failuresToOpen) return;
    if (this.#open === null) this.#log.warn('store.blobs-down', { why });
    const restMs = this.#open === null ? first : Math.min(this.#open.restMs * 2, restMsMax);
    this.#open = { why, restMs, until: this.#clock.monotonic() + restMs };
  }
}
