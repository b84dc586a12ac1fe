/** Content on its way out: each piece is checked before it is given out, the whole at its end. */
import { createHash } from 'node:crypto';
import type { BlobRef } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { openPiece } from './pieces.ts';

export class Opener {
  readonly #blobKey: Uint8Array;
  readonly #ref: BlobRef;
  readonly #hash = createHash('sha256');
  #index = 0;

  constructor(blobKey: Uint8Array, ref: BlobRef) {
    this.#blobKey = blobKey;
    this.#ref = ref;
  }

  /** The content of the next piece; fault `body.damaged`. */
  open(sealed: Uint8Array, last: boolean): Buffer {
    const content = openPiece(this.#blobKey, this.#index++, last, sealed);
    if (content === null) throw new Fault('body.damaged', 'A seal is broken.');
    this.#hash.update(content);
    return content;
  }

  /** Behind the last piece: fault `body.damaged` where the whole is not what was accepted. */
  end(): void {
    if (this.#hash.digest('hex') !== this.#ref.sha256) throw new Fault('body.damaged', 'Its hash differs.');
  }
}
