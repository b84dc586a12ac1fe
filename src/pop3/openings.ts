/**
 * Maildrops that are being read: so many at once, and one of each user, first come first served among those who may. A user with a heavy
 * mailbox and many programs waits for himself, and not the others for him (O4).
 *
 *   waiting ── a place is free, and none of this user is running ──▶ running ──▶ over
 *
 * What must never happen: a place that is not given back; somebody who waits while they could run.
 */

interface Waiting {
  readonly key: string;
  readonly begin: () => void;
}

export class Openings {
  readonly #atOnceMax: number;
  readonly #running = new Set<string>();
  // Never longer than there are connections: each waits for one thing at a time.
  readonly #waiting: Waiting[] = [];

  constructor(atOnceMax: number) {
    this.#atOnceMax = atOnceMax;
  }

  /** Does the work when its turn has come. */
  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    await this.#turn(key);
    try {
      return await work();
    } finally {
      this.#running.delete(key);
      this.#beginNext();
    }
  }

  #turn(key: string): Promise<void> {
    return new Promise((begin) => {
      this.#waiting.push({ key, begin });
      this.#beginNext();
    });
  }

  #beginNext(): void {
    while (this.#running.size < this.#atOnceMax) {
      const at = this.#waiting.findIndex(({ key }) => !this.#running.has(key));
      const [next] = at < 0 ? [] : this.#waiting.splice(at, 1);
      if (next === undefined) return;
      this.#running.add(next.key);
      next.begin();
    }
  }
}
