/**
 * A message as the multi-line part of RETR and TOP (RFC 1939 §3 and §7): its octets as they are stored, a dot before each leading dot,
 * the last line ended, and the dot that says "whole" at the very end.
 *
 *   head ── the empty line ──▶ body ── the last line wanted ──▶ full          (TOP; for RETR all is wanted)
 *
 * What must never happen: the final dot behind less than was asked for: `end` is called only then.
 */
import { endOfData, Stuffer } from '#/codec/smtp/index.ts';

const LF = 0x0a;
const CR = 0x0d;

export class MessageBody {
  readonly #stuffer = new Stuffer();
  /** Lines of the body that are still wanted; infinite for RETR. */
  #linesLeft: number;
  #inHead = true;
  #full = false;
  /** Of the line that is being read in the header section, so far. */
  #line: 'nothing' | 'CR' | 'text' = 'nothing';

  /** `bodyLines`: how many of the body (TOP); null: the whole message (RETR). */
  constructor(bodyLines: number | null) {
    this.#linesLeft = bodyLines ?? Number.POSITIVE_INFINITY;
    this.#inHead = bodyLines !== null;
  }

  /** Whether all that was asked for has been pushed. */
  get full(): boolean {
    return this.#full;
  }

  /** The next octets of the message; what is to be written of them, without copying where no dots crowd. */
  push(piece: Uint8Array): Buffer[] {
    const view = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
    const stuffed: Buffer[] = [];
    this.#stuffer.push(view.subarray(0, this.#wanted(view)), stuffed);
    return stuffed;
  }

  /** What is missing of the last line, and the final dot. */
  end(): Buffer[] {
    const stuffed: Buffer[] = [];
    this.#stuffer.end(stuffed);
    return [...stuffed, endOfData];
  }

  /** How many octets of this piece are wanted. */
  #wanted(view: Buffer): number {
    if (this.#linesLeft === Number.POSITIVE_INFINITY) return view.length;
    let at = this.#inHead ? this.#head(view) : 0;
    while (!this.#inHead && this.#linesLeft > 0 && at < view.length) {
      const lineFeed = view.indexOf(LF, at);
      if (lineFeed < 0) return view.length;
      this.#linesLeft -= 1;
      at = lineFeed + 1;
    }
    this.#full = !this.#inHead && this.#linesLeft === 0;
    return at;
  }

  /** Behind the empty line that ends the header section, or at the end of the piece. */
  #head(view: Buffer): number {
    for (let at = 0; at < view.length; ) {
      const lineFeed = view.indexOf(LF, at);
      const until = lineFeed < 0 ? view.length : lineFeed;
      this.#noteLine(view.subarray(at, until));
      if (lineFeed < 0) return view.length;
      at = lineFeed + 1;
      this.#inHead = this.#line === 'text';
      if (!this.#inHead) return at;
      this.#line = 'nothing';
    }
    return view.length;
  }

  #noteLine(part: Buffer): void {
    if (part.length === 0) return;
    const isOneCr = part.length === 1 && part[0] === CR;
    this.#line = isOneCr && this.#line === 'nothing' ? 'CR' : 'text';
  }
}

/** Lines of ours as a multi-line part, with its end; none of them begins with a dot. */
export function formatLines(lines: readonly string[]): string {
  return `${lines.map((line) => `${line}\r\n`).join('')}.\r\n`;
}
