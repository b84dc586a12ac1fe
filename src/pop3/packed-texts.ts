/** Many short ASCII texts in one run of octets: a tenth of what as many strings take. Written once, in order, and then read. */
export class PackedTexts {
  #octets: Buffer;
  readonly #ends: Uint32Array;
  #count = 0;
  #end = 0;

  /** Room for so many texts. */
  constructor(count: number) {
    this.#ends = new Uint32Array(count);
    this.#octets = Buffer.allocUnsafeSlow(count * USUAL_BYTES);
  }

  get heldBytes(): number {
    return this.#octets.length + this.#ends.length * 4;
  }

  /** Puts a text at the end. */
  push(text: string): void {
    if (this.#end + text.length > this.#octets.length) this.#resize((this.#end + text.length) * 2);
    this.#end += this.#octets.write(text, this.#end, 'latin1');
    this.#ends[this.#count] = this.#end;
    this.#count += 1;
  }

  /** Gives back the memory that was not needed. */
  trim(): void {
    this.#resize(this.#end);
  }

  at(index: number): string {
    const from = index === 0 ? 0 : (this.#ends[index - 1] ?? 0);
    return this.#octets.toString('latin1', from, this.#ends[index] ?? 0);
  }

  #resize(bytes: number): void {
    const octets = Buffer.allocUnsafeSlow(bytes);
    this.#octets.copy(octets, 0, 0, this.#end);
    this.#octets = octets;
  }
}

/** Octets of a text, where nothing is known yet. */
const USUAL_BYTES = 20;
