/**
 * What delivery may take of one turn of the event loop. People who send meanwhile are answered between two turns: were each answer of
 * forty peers followed up at once, a drain would make each turn as long as forty mails take (M3, M5). What is over the share waits for the
 * next turn, in order; with a loop that is idle nothing waits.
 *
 * What must never happen: work that waits and no turn that comes for it; work that overtakes.
 */

/** Of one turn, ms: some five to ten mails. More is no faster, since the loop is never idle meanwhile. */
const SHARE_MS = 1;

export class TurnShare {
  readonly #waiting: (() => void)[] = [];
  #spentMs = 0;
  #isWorking = false;
  #isCounting = false;

  /** Does it now, or on one of the next turns. */
  run(work: () => void): void {
    const mustWait = this.#isWorking || this.#waiting.length > 0 || this.#spentMs >= SHARE_MS;
    if (mustWait) this.#waiting.push(work);
    else this.#do(work);
    this.#count();
  }

  #do(work: () => void): void {
    const began = performance.now();
    this.#isWorking = true;
    try {
      work();
    } finally {
      this.#isWorking = false;
      this.#spentMs += performance.now() - began;
    }
  }

  #count(): void {
    if (this.#isCounting) return;
    this.#isCounting = true;
    setImmediate(() => this.#nextTurn());
  }

  #nextTurn(): void {
    this.#isCounting = false;
    this.#spentMs = 0;
    try {
      while (this.#spentMs < SHARE_MS) {
        const work = this.#waiting.shift();
        if (work === undefined) break;
        this.#do(work);
      }
    } finally {
      if (this.#spentMs > 0 || this.#waiting.length > 0) this.#count();
    }
  }
}
