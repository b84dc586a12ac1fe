/**
 * Who gets a place: connections by address before anybody is known, sessions by user afterwards.
 *
 * States of a place: free → taken → free. What must never happen: a place that is not given back.
 */
/** Gives a place back; doing it twice is harmless. */
export type Release = () => void;

/** Places under keys, so many under each. */
export class Places {
  readonly #perKeyMax: number;
  readonly #taken = new Map<string, number>();
  #count = 0;

  constructor(perKeyMax: number) {
    this.#perKeyMax = perKeyMax;
  }

  /** Places taken, under all keys. */
  get count(): number {
    return this.#count;
  }

  /** A place under this key; null where there is none left. */
  take(key: string): Release | null {
    const taken = this.#taken.get(key) ?? 0;
    if (taken >= this.#perKeyMax) return null;
    this.#change(key, 1);
    let held = true;
    return () => {
      if (held) this.#change(key, -1);
      held = false;
    };
  }

  #change(key: string, by: 1 | -1): void {
    this.#count += by;
    const left = (this.#taken.get(key) ?? 0) + by;
    if (left === 0) this.#taken.delete(key);
    else this.#taken.set(key, left);
  }
}
