/** Parts of one message without their transfer encoding (RFC 3516), each decoded once, counted against the memory of all. */
import { decodeBody } from '#/codec/mime/index.ts';
import { Fault } from '#/model/index.ts';
import type { FullRow } from '#/ports/index.ts';
import type { MemoryBudget } from '../memory-budget.ts';
import type { Content } from './content.ts';
import { partAt, type Range } from './sections.ts';

/** Null: there is no such part. */
export type Decoded = Uint8Array | null | 'unknown encoding';

export class DecodedParts {
  readonly #memory: MemoryBudget;
  readonly #content: Content;
  readonly #row: FullRow;
  readonly #known = new Map<string, Decoded>();
  #heldBytes = 0;

  constructor(memory: MemoryBudget, content: Content, row: FullRow) {
    this.#memory = memory;
    this.#content = content;
    this.#row = row;
  }

  async of(numbers: readonly number[]): Promise<Decoded> {
    const name = numbers.join('.');
    let decoded = this.#known.get(name);
    if (decoded === undefined) {
      decoded = await this.#decode(numbers);
      this.#known.set(name, decoded);
    }
    return decoded;
  }

  [Symbol.dispose](): void {
    this.#memory.giveBack(this.#heldBytes);
    this.#heldBytes = 0;
  }

  async #decode(numbers: readonly number[]): Promise<Decoded> {
    if (numbers.length === 0) return this.#read({ from: 0, to: this.#row.size });
    const part = this.#row.facts === null ? null : partAt(this.#row.facts.structure, numbers);
    if (part === null) return null;
    const octets = await this.#read({ from: part.body, to: part.end });
    return decodeBody(part.encoding, octets) ?? 'unknown encoding';
  }

  #read(range: Range): Promise<Uint8Array> {
    // As they are, and decoded.
    const bytes = 2 * (range.to - range.from);
    if (!this.#memory.take(bytes)) throw new Fault('store.busy', 'Too many large parts are decoded at once.');
    this.#heldBytes += bytes;
    return this.#content.all(range);
  }
}
