/** How many sessions run at each destination: one that can't be opened while others stand is one too many, not an outage. */
import type { DestinationKey } from '#/model/index.ts';

export class Standing {
  readonly #running = new Map<DestinationKey, number>();

  /** Counts one; the returned function takes it back. */
  enter(destination: DestinationKey): () => void {
    this.#running.set(destination, this.at(destination) + 1);
    return () => {
      const left = this.at(destination) - 1;
      if (left > 0) this.#running.set(destination, left);
      else this.#running.delete(destination);
    };
  }

  at(destination: DestinationKey): number {
    return this.#running.get(destination) ?? 0;
  }
}
