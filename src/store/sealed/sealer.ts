/** Content on its way in: cut into pieces and sealed as it comes, its length and hash counted. */
import type { Hash } from 'node:crypto';
import { createHash } from 'node:crypto';
import type { BlobRef } from '#/model/index.ts';
import { PIECE_BYTES, sealPiece } from './pieces.ts';

export class Sealer {
  readonly #blobKey: Uint8Array;
  readonly #hash: Hash = createHash('sha256');
  readonly #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #filled = 0;
  #pieces = 0;
  #size = 0;

  constructor(blobKey: Uint8Array) {
    this.#blobKey = blobKey;
  }

  /** Takes content; gives each sealed piece that it fills, one by one, so that the caller sets the pace. Has to be read to its end. */
  *push(content: Uint8Array): Generator<Buffer> {
    this.#hash.update(content);
    this.#size += content.length;
    for (let rest = content; rest.length > 0; ) {
      // The last piece is marked as such: a full one is sealed only when something follows it.
      if (this.#filled === PIECE_BYTES) yield this.#seal(false);
      const part = rest.subarray(0, PIECE_BYTES - this.#filled);
      this.#piece.set(part, this.#filled);
      this.#filled += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** The last piece. Nothing may follow. */
  last(): Buffer {
    return this.#seal(true);
  }

  /** How the content is named from now on; behind `last`. */
  ref(key: string): BlobRef {
    return { key, size: this.#size, sha256: this.#hash.digest('hex') };
  }

  #seal(last: boolean): Buffer {
    const sealed = sealPiece(this.#blobKey, this.#pieces++, last, this.#piece.subarray(0, this.#filled));
    this.#filled = 0;
    return sealed;
  }
}
