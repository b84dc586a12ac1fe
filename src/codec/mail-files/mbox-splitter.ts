/**
 * Finds the messages of an mbox file that is fed piece by piece: a line that begins with `From ` and names a moment parts two of them.
 * `Content-Length` is not trusted: it is wrong as often as it is there, and what comes in a mail could hide the next one with it.
 *
 * States: before the first line; inside a message. Keeps no more than a line's begin.
 */
import { fromLineBytesMax } from './limits.ts';
import { parseFromLine } from './mbox-from-line.ts';

/** One message by its place in the file, an empty line at its end included. */
export interface MboxSpan {
  readonly fromLine: string;
  /** Of the first octet behind the `From ` line. */
  readonly at: number;
  readonly end: number;
}

const LF = 0x0a;
const WORD = 'From ';

export class MboxSplitter {
  #waiting: Buffer = Buffer.alloc(0);
  /** The octet before what waits. */
  #before = LF;
  /** Where in the file what waits begins. */
  #base = 0;
  #open: { readonly fromLine: string; readonly at: number } | null = null;
  #begin = 0;

  /** Octets before the first `From ` line: none in an mbox file. */
  get beginBytes(): number {
    return this.#begin;
  }

  /** The messages that end in this piece. */
  feed(piece: Uint8Array): readonly MboxSpan[] {
    const octets = Buffer.concat([this.#waiting, piece]);
    const found: MboxSpan[] = [];
    let from = 0;
    for (;;) {
      const at = octets.indexOf(WORD, from, 'latin1');
      if (at < 0) {
        this.#keep(octets, Math.max(from, octets.length - WORD.length + 1));
        return found;
      }
      const lineEnd = octets.indexOf(LF, at);
      if (lineEnd < 0 && octets.length - at <= fromLineBytesMax && this.#beginsLine(octets, at)) {
        this.#keep(octets, at);
        return found;
      }
      const line = this.#beginsLine(octets, at) ? this.#fromLine(octets, at, lineEnd) : null;
      if (line !== null) {
        found.push(...this.#close(this.#base + at));
        this.#open = { fromLine: line, at: this.#base + lineEnd + 1 };
      }
      from = line === null ? at + WORD.length : lineEnd + 1;
    }
  }

  /** The last message, once all was fed. */
  end(): readonly MboxSpan[] {
    const last = this.#waiting;
    if (this.#beginsLine(last, 0) && last.indexOf(WORD, 0, 'latin1') === 0) {
      // A `From ` line without an end: a message without octets, and what comes before it is whole.
      const line = this.#fromLine(last, 0, last.length);
      if (line !== null) {
        const at = this.#base + last.length;
        return [...this.#close(this.#base), { fromLine: line, at, end: at }];
      }
    }
    return this.#close(this.#base + last.length);
  }

  #beginsLine(octets: Buffer, at: number): boolean {
    return (at === 0 ? this.#before : octets[at - 1]) === LF;
  }

  // What stands first in a file parts nothing, and is taken whatever it says.
  #fromLine(octets: Buffer, at: number, lineEnd: number): string | null {
    if (lineEnd < 0 || lineEnd - at > fromLineBytesMax) return null;
    const line = octets.toString('latin1', at, lineEnd).replace(/\r$/, '');
    return this.#base + at === 0 || parseFromLine(line) !== null ? line : null;
  }

  #close(end: number): readonly MboxSpan[] {
    const open = this.#open;
    this.#open = null;
    if (open !== null) return [{ ...open, end }];
    this.#begin = end;
    return [];
  }

  #keep(octets: Buffer, from: number): void {
    this.#before = octets[from - 1] ?? this.#before;
    this.#base += from;
    // A copy: what is kept must not hold the piece.
    this.#waiting = Buffer.from(octets.subarray(from));
  }
}
