/**
 * One server beside ours, as inspection may rely on it: a deadline, a budget of second asks, a breaker, and an answer in every case.
 *
 * Its absence is for policy (`hold`, `deliver-unchanged`, `defer`), so nothing in a mail may bring it about: where an ask fails although the
 * server was reached, a ping decides. Answered: it is the mail that it can't deal with, or that makes it slow, and that counts as found. Not
 * answered: it is away.
 *
 * What must never happen: "nothing found" for what was not looked at; a mail that opens the breaker for others; a wait past the deadline.
 */
import { type Call, within } from '#/model/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import { HookBreaker } from './breaker.ts';
import { type HookClient, type HookMail, type HookOpinion, UNREAD } from './hook.ts';
import { HOOK_LIMITS, type HookLimits } from './limits.ts';
import { HookPace } from './pace.ts';

export type HookAnswer =
  | ({ readonly kind: 'looked' } & HookOpinion)
  | { readonly kind: 'absent'; readonly why: string };

export interface GuardParts {
  readonly name: string;
  readonly deadlineMs: number;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export class GuardedHook {
  readonly #client: HookClient;
  readonly #parts: GuardParts;
  readonly #limits: HookLimits;
  readonly #breaker: HookBreaker;
  readonly #pace: HookPace;
  #retries: number;

  constructor(client: HookClient, parts: GuardParts, limits: HookLimits = HOOK_LIMITS) {
    this.#client = client;
    this.#parts = parts;
    this.#limits = limits;
    this.#breaker = new HookBreaker(limits, () => parts.clock.monotonic());
    this.#pace = new HookPace(limits, () => parts.clock.monotonic());
    this.#retries = limits.retriesMax;
  }

  /** Whoever asks it now waits long. */
  get isSlow(): boolean {
    return this.#pace.isSlow;
  }

  /** Rejects only where the signal of the call says that nobody wants to know any more. `deadlineMs`: where it has less time than usual. */
  async ask(mail: HookMail, call: Call, deadlineMs = this.#parts.deadlineMs): Promise<HookAnswer> {
    const turn = this.#breaker.enter();
    if (turn === 'rest') return absent('it has not answered for a while');
    if (turn === 'look' && !(await this.#isThere(call))) return absent('it still does not answer');
    // What is left for the whole mail has to be enough for the ping behind it, and for the verdict.
    const latestAt = call.deadlineAt - 2 * this.#limits.pingMs;
    const shorter = {
      ...call,
      deadlineAt: Math.min(latestAt, performance.now() + Math.min(deadlineMs, this.#parts.deadlineMs)),
    };
    this.#retries = Math.min(this.#limits.retriesMax, this.#retries + this.#limits.retriesPerAsk);
    const answered = this.#pace.begin();
    try {
      return (await this.#tried(mail, shorter, call)) ?? (await this.#tried(mail, shorter, call, true)) ?? absent('');
    } finally {
      answered();
    }
  }

  /** Null where it may be asked again. */
  async #tried(mail: HookMail, shorter: Call, call: Call, isLast = false): Promise<HookAnswer | null> {
    try {
      const opinion = await this.#client.ask(mail, shorter);
      this.#answered();
      if (opinion.unmade !== undefined && opinion.unmade.length > 0)
        this.#parts.log.info('inspect.check-unmade', {
          check: this.#parts.name,
          message: mail.id,
          what: opinion.unmade.join(', '),
        });
      return { kind: 'looked', ...opinion };
    } catch (cause) {
      call.signal?.throwIfAborted();
      const why = cause instanceof Error ? cause.message : String(cause);
      if (!isLast && performance.now() < shorter.deadlineAt && this.#retries >= 1) {
        this.#retries--;
        return null;
      }
      if (!(await this.#isThere(call))) return absent(why);
      this.#parts.log.warn('inspect.check-unread', { check: this.#parts.name, why });
      return { kind: 'looked', ...UNREAD };
    }
  }

  async #isThere(call: Call): Promise<boolean> {
    try {
      // The mail's own time may be over; whether the server is there is asked all the same.
      await this.#client.ping(within(this.#limits.pingMs, call.signal));
      this.#answered();
      return true;
    } catch (cause) {
      call.signal?.throwIfAborted();
      const why = cause instanceof Error ? cause.message : String(cause);
      if (this.#breaker.failed()) this.#parts.log.warn('inspect.check-down', { check: this.#parts.name, why });
      return false;
    }
  }

  #answered(): void {
    if (this.#breaker.answered()) this.#parts.log.info('inspect.check-back', { check: this.#parts.name });
  }
}

function absent(why: string): HookAnswer {
  return { kind: 'absent', why };
}
