/** Work that keeps the event loop for long, one piece in each of its turns: others are served between two, however many ask at once (O3). */
import { setImmediate as nextTurn } from 'node:timers/promises';

export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves in a turn that nobody else was given. */
  next(): Promise<void> {
    this.#last = this.#last.then(() => nextTurn());
    return this.#last;
  }
}
