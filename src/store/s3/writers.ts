/** How many contents may be on their way at a time; the others wait for their turn, as long as their call has time. */
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';

export class WriterPlaces {
  readonly #max: number;
  readonly #waiting = new Set<() => void>();
  #taken = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Resolves with what gives the place back; fault `store.busy` when the call's time is over. */
  async take(call: Call): Promise<() => void> {
    if (this.#taken >= this.#max) await this.#turn(call);
    else this.#taken++;
    let given = false;
    return () => {
      if (!given) this.#giveBack();
      given = true;
    };
  }

  // A place that is given back goes to the first who waits.
  #giveBack(): void {
    const [next] = this.#waiting;
    if (next === undefined) this.#taken--;
    else next();
  }

  #turn(call: Call): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const leave = (): void => {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', giveUp);
      this.#waiting.delete(go);
    };
    const go = (): void => {
      leave();
      resolve();
    };
    const giveUp = (): void => {
      leave();
      reject(new Fault('store.busy', 'Too many large contents are being written.'));
    };
    const timer = setTimeout(giveUp, Math.max(0, call.deadlineAt - performance.now()));
    call.signal?.addEventListener('abort', giveUp, { once: true });
    this.#waiting.add(go);
    return promise;
  }
}
