import { announcementBytesMax, literalOf } from './literal.ts';

/** Where a skip has come to: the command is over; more must be fed; or more came than is worth to read. */
export type Skipped = 'over' | 'hungry' | 'flood';

interface Skip {
  /** Octets of a literal that come first. */
  readonly octets: number;
  /** The end of the line as far as it was read. */
  readonly line: Buffer;
  /** Octets that went by already. */
  readonly skipped: number;
  readonly bytesMax: number;
  /** The line may announce a literal that doesn't wait, and so go on. */
  readonly literals: boolean;
}

const LF = 0x0a;

/**
 * Reads a command that was refused to its end, and keeps nothing of it. Its literals that don't wait are passed over with it; at one that waits
 * it is over, since the client has heard the refusal by then (RFC 7888 §4).
 */
export class Skipper {
  #octets = 0;
  /** What may be the begin of an announcement at the line's end. */
  #tail = '';
  #left = 0;
  #literals = false;

  begin(skip: Skip): void {
    this.#octets = skip.octets;
    this.#tail = skip.line.toString('latin1', Math.max(0, skip.line.length - announcementBytesMax));
    this.#left = skip.bytesMax - skip.skipped;
    this.#literals = skip.literals;
  }

  /** Goes on through the input; `at` is how far it came. */
  skip(input: Buffer, from: number): { readonly at: number; readonly came: Skipped } {
    let at = from;
    for (;;) {
      if (this.#octets > this.#left) return { at, came: 'flood' };
      const octets = Math.min(this.#octets, input.length - at);
      at += octets;
      this.#octets -= octets;
      this.#left -= octets;
      if (this.#octets > 0) return { at, came: 'hungry' };
      const found = input.indexOf(LF, at);
      const until = found < 0 ? input.length : found + 1;
      this.#left -= until - at;
      if (this.#left < 0) return { at: until, came: 'flood' };
      const came = this.#line(input.toString('latin1', Math.max(at, until - announcementBytesMax), until), found >= 0);
      at = until;
      if (came !== null) return { at, came };
    }
  }

  /** Null: a literal follows, and then more of the command. */
  #line(piece: string, ends: boolean): Skipped | null {
    this.#tail = (this.#tail + piece).slice(-announcementBytesMax);
    if (!ends) return 'hungry';
    const literal = this.#literals ? literalOf(Buffer.from(this.#tail, 'latin1'), 0) : null;
    this.#tail = '';
    if (literal === null || literal.synchronizing) return 'over';
    this.#octets = literal.bytes;
    return null;
  }
}
