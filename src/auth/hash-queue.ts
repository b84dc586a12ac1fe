/**
 * Slow hashes, a few at a time. Bounded twice: more than `waitingMax` are turned away, and nobody waits beyond their deadline
 * (stack: the libuv pool must not starve).
 */
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';

interface Waiting {
  start(): void;
}

export class HashQueue {
  readonly #atATime: number;
  readonly #waitingMax: number;
  readonly #waiting: Waiting[] = [];
  #running = 0;

  constructor(atATime: number, waitingMax: number) {
    this.#atATime = atATime;
    this.#waitingMax = waitingMax;
  }

  /**
   * Runs `hash` when its turn comes.
   * @throws Fault `call.late` when there is no room, or the deadline passed before its turn; what runs is awaited.
   */
  async run<T>(hash: () => Promise<T>, call: Call): Promise<T> {
    await this.#turn(call);
    try {
      return await hash();
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.start();
    }
  }

  async #turn(call: Call): Promise<void> {
    if (this.#running < this.#atATime) {
      this.#running += 1;
      return;
    }
    const restMs = call.deadlineAt - performance.now();
    if (this.#waiting.length >= this.#waitingMax || restMs <= 0) throw new Fault('call.late');
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const entry: Waiting = {
      start: () => {
        this.#running += 1;
        resolve();
      },
    };
    const giveUp = () => {
      const at = this.#waiting.indexOf(entry);
      if (at === -1) return;
      this.#waiting.splice(at, 1);
      reject(new Fault('call.late'));
    };
    const timer = setTimeout(giveUp, restMs);
    call.signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.push(entry);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', giveUp);
    }
  }
}
