/**
 * Requests that end: attempts with a budget and a growing pause, behind the breaker, in the time of their call.
 * All of them may be repeated: an object has one name and one content for ever.
 */
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import { refuseLate } from '../sealed/index.ts';
import type { Breaker } from './breaker.ts';
import type { Exchange, S3Answer, S3Request } from './exchange.ts';
import { NoAnswer } from './exchange.ts';
import type { S3Limits } from './limits.ts';
import type { Verdict } from './verdict.ts';
import { judge } from './verdict.ts';

/** What a request came to: done, or one of the answers that its caller knows what to do with. */
export type Outcome = { readonly kind: Exclude<Verdict['kind'], 'again' | 'refused'>; readonly answer: S3Answer };

type Budget = Pick<S3Limits, 'operationMs' | 'attemptsMax' | 'backOffMs' | 'stallMs'>;

export class Client {
  readonly #exchange: Exchange;
  readonly #breaker: Breaker;
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #budget: Budget;
  /** Where, for messages. */
  readonly #origin: string;

  constructor(exchange: Exchange, breaker: Breaker, clock: Pick<Clock, 'sleep'>, budget: Budget, origin: string) {
    this.#exchange = exchange;
    this.#breaker = breaker;
    this.#clock = clock;
    this.#budget = budget;
    this.#origin = origin;
  }

  /** Faults: `store.unavailable` (away, or it refuses us: the detail says which), `disk.full`, `call.late`. */
  async send(request: S3Request, call: Call): Promise<Outcome> {
    const { attemptsMax, backOffMs, operationMs } = this.#budget;
    const deadlineAt = Math.min(call.deadlineAt, performance.now() + operationMs);
    for (let attempt = 1; ; attempt++) {
      refuseLate(call);
      this.#breaker.enter();
      const { verdict, answer } = await this.#attempt(request, call, deadlineAt);
      if (verdict.kind === 'refused') throw new Fault(verdict.fault, this.#told(verdict.why));
      if (verdict.kind !== 'again') return { kind: verdict.kind, answer };
      const pauseMs = backOffMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);
      if (attempt >= attemptsMax || performance.now() + pauseMs >= deadlineAt)
        throw new Fault('store.unavailable', this.#told(verdict.why));
      await this.#clock.sleep(pauseMs, call.signal);
    }
  }

  async #attempt(
    request: S3Request,
    call: Call,
    deadlineAt: number,
  ): Promise<{ readonly verdict: Verdict; readonly answer: S3Answer }> {
    const begunAt = performance.now();
    const timeOver = AbortSignal.timeout(Math.max(1, Math.ceil(deadlineAt - begunAt)));
    const signal = call.signal === undefined ? timeOver : AbortSignal.any([timeOver, call.signal]);
    try {
      const answer = await this.#exchange.send(request, signal);
      const verdict = judge(request, answer);
      if (verdict.kind === 'again') this.#breaker.failed(this.#told(verdict.why));
      else this.#breaker.answered();
      return { verdict, answer };
    } catch (error) {
      return { verdict: this.#unanswered(error, call, performance.now() - begunAt), answer: NONE };
    }
  }

  /** No answer: the store's fault, or the caller's who could not wait. */
  #unanswered(error: unknown, call: Call, elapsedMs: number): Verdict {
    if (error instanceof NoAnswer) {
      this.#breaker.failed(this.#told(error.message));
      return { kind: 'again', why: error.message };
    }
    if (call.signal?.aborted) throw new Fault('call.late', undefined, error);
    const why = 'it does not answer in time';
    // Callers with little patience would never notice a store that hangs.
    if (elapsedMs >= this.#budget.stallMs / 2) this.#breaker.failed(this.#told(why));
    if (performance.now() >= call.deadlineAt) throw new Fault('call.late', this.#told(why), error);
    return { kind: 'again', why };
  }

  #told(why: string): string {
    return `The blob store ${this.#origin}: ${why}.`;
  }
}

const NONE: S3Answer = { status: 0, headers: {}, body: Buffer.alloc(0) };
