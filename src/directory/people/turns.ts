/** Long work in short turns: mail goes on between them. */
import { setImmediate } from 'node:timers/promises';
import { TURN_MS } from './limits.ts';

export class Turns {
  #until = performance.now() + TURN_MS;

  /** To be awaited between two steps: gives way where the turn is over. */
  async next(): Promise<void> {
    if (performance.now() < this.#until) return;
    await setImmediate();
    this.#until = performance.now() + TURN_MS;
  }
}
