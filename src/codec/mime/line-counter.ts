import { LF } from './headers.ts';

/**
 * Counts lines of bodies that stand one behind or inside the other. It only goes forward, and passes over what nobody counts; so each
 * octet is looked at once, however deep the parts are.
 */
export class LineCounter {
  readonly #source: Uint8Array;
  #at = 0;
  #lines = 0;
  /** How many bodies are being counted. */
  #open = 0;

  constructor(source: Uint8Array) {
    this.#source = source;
  }

  /** Begins to count a body; places come in rising order. Its lines are what `leave` says less what this says. */
  enter(from: number): number {
    if (this.#open === 0) this.#at = Math.max(this.#at, from);
    this.#open += 1;
    return this.#to(from);
  }

  leave(end: number): number {
    this.#open -= 1;
    return this.#to(end);
  }

  /** Lines of a stretch that no other one overlaps. */
  within(from: number, end: number): number {
    return count(this.#source, from, end);
  }

  #to(place: number): number {
    if (place > this.#at) {
      this.#lines += count(this.#source, this.#at, place);
      this.#at = place;
    }
    return this.#lines;
  }
}

function count(source: Uint8Array, from: number, end: number): number {
  let lines = 0;
  for (let at = from; at < end; at++) if (source[at] === LF) lines += 1;
  return lines;
}
