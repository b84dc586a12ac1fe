const empty: Buffer = Buffer.alloc(0);
const leastBytes = 512;

/** Octets put together piece by piece; memory grows with what came, never with what was announced. */
export class Octets {
  #memory: Buffer = empty;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(piece: Buffer): void {
    const needed = this.#length + piece.length;
    if (needed > this.#memory.length) this.#grow(needed);
    piece.copy(this.#memory, this.#length);
    this.#length = needed;
  }

  /** All of them: a view that holds until the next move. */
  view(): Buffer {
    return this.#memory.subarray(0, this.#length);
  }

  clear(): void {
    this.#memory = empty;
    this.#length = 0;
  }

  #grow(needed: number): void {
    const memory = Buffer.allocUnsafeSlow(Math.max(needed, this.#memory.length * 2, leastBytes));
    this.#memory.copy(memory, 0, 0, this.#length);
    this.#memory = memory;
  }
}
