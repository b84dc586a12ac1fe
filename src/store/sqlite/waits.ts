/** Callers that wait for a thread: one coarse timer watches all their deadlines and signals, so that a wait costs no timer of its own. */
import type { Call, FaultCode } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';

/** How late a deadline may be noticed. */
const LOOK_EVERY_MS = 20;

/** One caller. Settled once; what comes later is dropped. */
export class Wait {
  readonly call: Call;
  readonly promise: Promise<unknown>;
  readonly #resolve: (value: unknown) => void;
  readonly #reject: (fault: Error) => void;
  #over = false;

  constructor(call: Call) {
    this.call = call;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.promise = promise;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** The caller has its answer, or has been told that it is late. */
  get over(): boolean {
    return this.#over;
  }

  resolve(value: unknown): void {
    this.#over = true;
    this.#resolve(value);
  }

  reject(fault: Error): void {
    this.#over = true;
    this.#reject(fault);
  }
}

export class Waits {
  readonly #waits = new Set<Wait>();
  #timer: NodeJS.Timeout | null = null;

  /** A new caller; one that is late already is told so at once. */
  add(call: Call): Wait {
    const wait = new Wait(call);
    if (isLate(call, performance.now())) wait.reject(new Fault('call.late'));
    else this.#waits.add(wait);
    this.#timer ??= setInterval(() => this.#look(), LOOK_EVERY_MS);
    return wait;
  }

  /** The caller needs no watching any more. */
  remove(wait: Wait): void {
    this.#waits.delete(wait);
  }

  /** Nobody will answer any more. */
  rejectAll(fault: Fault): void {
    for (const wait of this.#waits) wait.reject(fault);
    this.#waits.clear();
    this.#look();
  }

  // The timer rests when it has found nobody waiting: a timer per quiet moment would cost more than one look too many.
  #look(): void {
    const now = performance.now();
    for (const wait of this.#waits) {
      if (!isLate(wait.call, now)) continue;
      wait.reject(new Fault('call.late'));
      this.#waits.delete(wait);
    }
    if (this.#waits.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}

/** An answer of a thread that is a fault; a mistake of ours has no code there. */
export function faultOf(code: FaultCode | null, detail: string): Error {
  if (code === null) return new Error(`custody: ${detail}`);
  return detail === '' ? new Fault(code) : new Fault(code, detail);
}

function isLate(call: Call, now: number): boolean {
  return call.deadlineAt < now || call.signal?.aborted === true;
}
