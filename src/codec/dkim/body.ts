/**
 * The hash of a body in one of its two canonical forms (RFC 6376 §3.4.3, §3.4.4), fed in pieces of any size, so that large content is read once
 * and never held.
 *
 * What must never happen: another hash because the pieces were cut elsewhere; memory that grows with the body.
 */
import { createHash, type Hash } from 'node:crypto';

export type Canonicalization = 'simple' | 'relaxed';

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
const TAB = 0x09;
const outBytes = 16_384;

export class BodyHash {
  readonly #hash: Hash = createHash('sha256');
  readonly #relaxed: boolean;
  /** Octets of the canonical form that count; the rest is only measured (`l=`). */
  readonly #max: number;
  readonly #out = Buffer.allocUnsafe(outBytes);
  #filled = 0;
  #bytes = 0;
  /** Line ends that count only where something follows. */
  #lineEnds = 0;
  #blank = false;
  #cr = false;

  constructor(form: Canonicalization, max = Number.POSITIVE_INFINITY) {
    this.#relaxed = form === 'relaxed';
    this.#max = max;
  }

  push(piece: Uint8Array): void {
    for (let i = 0; i < piece.length; i++) {
      const octet = piece[i] ?? 0;
      if (this.#cr) {
        this.#cr = false;
        if (octet === LF) {
          // White space at the end of a line is none of the relaxed form.
          this.#blank = false;
          this.#lineEnds += 1;
          continue;
        }
        this.#keep(CR);
      }
      if (octet === CR) this.#cr = true;
      else if (this.#relaxed && (octet === SPACE || octet === TAB)) this.#blank = true;
      else if (this.#lineEnds === 0 && !this.#blank && this.#filled < outBytes) this.#out[this.#filled++] = octet;
      else this.#keep(octet);
    }
  }

  /** The hash, and how long the canonical form is. */
  end(): { readonly hash: Buffer; readonly bytes: number } {
    if (this.#cr) this.#keep(CR);
    const isEmpty = this.#bytes === 0 && this.#filled === 0;
    // Empty lines at the end are none; what is there ends with one line end. An empty body is one in the simple form alone.
    if (!isEmpty || !this.#relaxed) {
      this.#put(CR);
      this.#put(LF);
    }
    this.#flush();
    return { hash: this.#hash.digest(), bytes: this.#bytes };
  }

  /** An octet that is no white space, behind what was waiting for one. */
  #keep(octet: number): void {
    for (; this.#lineEnds > 0; this.#lineEnds--) {
      this.#put(CR);
      this.#put(LF);
    }
    if (this.#blank) this.#put(SPACE);
    this.#blank = false;
    this.#put(octet);
  }

  #put(octet: number): void {
    if (this.#filled === outBytes) this.#flush();
    this.#out[this.#filled++] = octet;
  }

  #flush(): void {
    const counted = Math.max(0, Math.min(this.#filled, this.#max - this.#bytes));
    if (counted > 0) this.#hash.update(this.#out.subarray(0, counted));
    this.#bytes += this.#filled;
    this.#filled = 0;
  }
}
