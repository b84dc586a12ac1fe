/**
 * The registered documents of one tenant as checks look at them: from a number to the documents that have it, in time that does not grow with how many there
 * are. Plain values over shared memory, so that a thread that looks at large mail has them without a copy. Never changed once it is made.
 *
 * Two tables: slots by open addressing, a slot a number; and entries, a number of one document each, chained from their slot. So a number that all
 * documents have costs a chain, and no other number is slower to find for it.
 */
import { shinglesIn } from './shingles.ts';

export interface DocumentIndex {
  readonly names: readonly string[];
  /** How many numbers each has. */
  readonly sizes: readonly number[];
  /** The number of each slot. */
  readonly numbers: Uint32Array;
  /** The first entry of each slot, counted from 1; 0 is a slot that is free. */
  readonly heads: Uint32Array;
  /** The document of each entry, counted from 0. */
  readonly owners: Uint16Array;
  /** The entry behind each one, as in `heads`. */
  readonly nexts: Uint32Array;
}

/** Of slots at most so many are taken, so that a free one is near. */
const TAKEN_MAX = 0.5;
const SLOTS_MIN = 16;

/** Makes an index, document by document. */
export class IndexMaker {
  readonly #index: DocumentIndex & { readonly names: string[]; readonly sizes: number[] };
  #entries = 0;

  /** `numbers`: of all documents together. */
  constructor(numbers: number) {
    const slots = Math.max(SLOTS_MIN, 2 ** Math.ceil(Math.log2(numbers / TAKEN_MAX)));
    this.#index = {
      names: [],
      sizes: [],
      numbers: new Uint32Array(new SharedArrayBuffer(slots * 4)),
      heads: new Uint32Array(new SharedArrayBuffer(slots * 4)),
      owners: new Uint16Array(new SharedArrayBuffer(numbers * 2)),
      nexts: new Uint32Array(new SharedArrayBuffer(numbers * 4)),
    };
  }

  /** Each of its numbers once. */
  add(name: string, numbers: Iterable<number>): this {
    const { names, sizes } = this.#index;
    const before = this.#entries;
    for (const number of numbers) this.#enter(number, names.length);
    names.push(name);
    sizes.push(this.#entries - before);
    return this;
  }

  get index(): DocumentIndex {
    return this.#index;
  }

  #enter(number: number, owner: number): void {
    const { numbers, heads, owners, nexts } = this.#index;
    const slot = slotOf(this.#index, number);
    owners[this.#entries] = owner;
    nexts[this.#entries] = heads[slot] ?? 0;
    this.#entries += 1;
    numbers[slot] = number;
    heads[slot] = this.#entries;
  }
}

/** How many numbers of each document stand in a text; `words` is the text folded for words. */
export function countsIn(index: DocumentIndex, words: string): Uint32Array {
  const { heads, owners, nexts, names } = index;
  const counts = new Uint32Array(names.length);
  const seen = new Set<number>();
  for (const number of shinglesIn(words)) {
    const slot = slotOf(index, number);
    const head = heads[slot] ?? 0;
    if (head === 0 || seen.has(slot)) continue;
    seen.add(slot);
    for (let entry = head; entry !== 0; entry = nexts[entry - 1] ?? 0) {
      const owner = owners[entry - 1] ?? 0;
      counts[owner] = (counts[owner] ?? 0) + 1;
    }
  }
  return counts;
}

/** The slot that has the number, or the free one in which it would be. Numbers are hashes: their low bits are as good as any. */
function slotOf({ numbers, heads }: DocumentIndex, number: number): number {
  const mask = numbers.length - 1;
  let slot = number & mask;
  while (heads[slot] !== 0 && numbers[slot] !== number) slot = (slot + 1) & mask;
  return slot;
}
