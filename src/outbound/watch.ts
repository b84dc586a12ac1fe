/** Deadlines of all connections by one timer: a wait costs two assignments, not a timer of its own. */

/** Something with a deadline. */
export interface Watched {
  /** Monotonic ms; Infinity waits for nothing. */
  readonly deadlineAt: number;
  /** Its deadline has passed. */
  late(): void;
}

/** Coarseness of a deadline in ms. */
const tickMs = 100;

/** Looks at what it watches ten times a second, and rests while there is nothing. */
export class Watch {
  readonly #watched = new Set<Watched>();
  #timer: NodeJS.Timeout | null = null;

  add(one: Watched): void {
    this.#watched.add(one);
    this.#timer ??= setInterval(() => this.#look(), tickMs);
  }

  delete(one: Watched): void {
    this.#watched.delete(one);
    if (this.#watched.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #look(): void {
    const now = performance.now();
    for (const one of this.#watched) if (one.deadlineAt < now) one.late();
  }
}
