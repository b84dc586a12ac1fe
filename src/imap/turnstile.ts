/**
 * Lets so many through at once; so many others wait in order, and not for ever (B3).
 *
 * What must never happen: a turn that is not given back; somebody who waits and is forgotten.
 */
import { type Call, Fault } from '#/model/index.ts';

interface Waiting {
  readonly deadlineAt: number;
  readonly signal: AbortSignal | undefined;
  readonly go: () => void;
  readonly giveUp: (fault: Fault) => void;
}

export class Turnstile {
  readonly #waitingMax: number;
  #free: number;
  #waiting: Waiting[] = [];

  constructor(width: number, waitingMax: number) {
    this.#free = width;
    this.#waitingMax = waitingMax;
  }

  /** Runs `work` when it is its turn; fault `store.busy` where that does not come in the call's time. */
  async through<T>(work: () => Promise<T>, call: Call): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await this.#wait(call);
    try {
      return await work();
    } finally {
      // A turn passes on to who waits longest, and is never free between.
      const next = this.#waiting.shift();
      if (next === undefined) this.#free += 1;
      else next.go();
    }
  }

  /** Sends away who has waited too long or has gone. Looked at about once a second. */
  expire(): void {
    const now = performance.now();
    const late = this.#waiting.filter(({ deadlineAt, signal }) => now > deadlineAt || signal?.aborted === true);
    if (late.length === 0) return;
    this.#waiting = this.#waiting.filter((waiting) => !late.includes(waiting));
    for (const { giveUp } of late) giveUp(new Fault('store.busy'));
  }

  #wait({ deadlineAt, signal }: Call): Promise<void> {
    if (this.#waiting.length >= this.#waitingMax) throw new Fault('store.busy');
    return new Promise((go, giveUp) => {
      this.#waiting.push({ deadlineAt, signal, go, giveUp });
    });
  }
}
