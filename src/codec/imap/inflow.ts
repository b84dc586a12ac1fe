import { chunkBytesMax, strangerCommandBytesMax } from './limits.ts';
import { Octets } from './octets.ts';
import type { Skipped, Skipper } from './skipper.ts';

const empty: Buffer = Buffer.alloc(0);
const beginBytes = 256;
const LF = 0x0a;

/**
 * What a client sent and nobody has read yet, and of the command that is being read what came before: lines, and literals between them. A
 * command that comes in one piece is read where it lies; any other is put together in memory of its own, so that no half line holds a packet.
 */
export class Inflow {
  #input: Buffer = empty;
  #at = 0;
  readonly #held = new Octets();
  #lineFrom = 0;

  /** Octets of the command that are kept. */
  get held(): number {
    return this.#held.length;
  }

  /** Octets that were fed and not yet read, and those that are kept. */
  get buffered(): number {
    return this.#input.length - this.#at + this.#held.length;
  }

  /** Where the line that is being read begins within its command: behind the last literal. */
  get lineFrom(): number {
    return this.#lineFrom;
  }

  /** The octet that comes next. */
  get first(): number | undefined {
    return this.#input[this.#at];
  }

  feed(piece: Buffer): void {
    const rest = this.#input.subarray(this.#at);
    this.#input = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    this.#at = 0;
  }

  /** The first octets of the command, each a character: as many as say which it is. */
  begin(): string {
    const held = this.#held.view().toString('latin1', 0, beginBytes);
    return held + this.#input.toString('latin1', this.#at, this.#at + beginBytes - held.length);
  }

  /**
   * The command up to the end of its next line, a view that holds until the next move; or that there is no line end yet; or that the command is
   * longer than it may be, which is asked only of long ones.
   */
  readLine(bytesMax: () => number): Buffer | 'hungry' | 'long' {
    const found = this.#input.indexOf(LF, this.#at);
    const until = found < 0 ? this.#input.length : found + 1;
    const bytes = this.#held.length + until - this.#at;
    if (bytes > strangerCommandBytesMax && bytes > bytesMax()) return 'long';
    const piece = this.#input.subarray(this.#at, until);
    this.#at = until;
    if (found >= 0 && this.#held.length === 0) return piece;
    this.#held.add(piece);
    return found < 0 ? 'hungry' : this.#held.view();
  }

  /** Keeps a line that was read: its command goes on behind a literal. */
  keep(line: Buffer): void {
    if (this.#held.length === 0) this.#held.add(line);
  }

  /** The next piece of a literal of which `left` octets are still to come: a view of what was fed. */
  takeOctets(left: number): Buffer {
    const piece = this.#input.subarray(this.#at, this.#at + Math.min(left, chunkBytesMax));
    this.#at += piece.length;
    return piece;
  }

  /** Keeps octets of a literal as part of the command; a line follows them. */
  keepOctets(piece: Buffer): void {
    this.#held.add(piece);
    this.#lineFrom = this.#held.length;
  }

  /** The line that is being read as far as it is kept, in memory of its own. */
  unfinishedLine(): Buffer {
    return Buffer.from(this.#held.view().subarray(this.#lineFrom));
  }

  skip(skipper: Skipper): Skipped {
    const { at, came } = skipper.skip(this.#input, this.#at);
    this.#at = at;
    return came;
  }

  /** Forgets what is kept of the command. */
  endCommand(): void {
    this.#held.clear();
    this.#lineFrom = 0;
  }

  /** Forgets what was fed. */
  release(): void {
    this.#input = empty;
    this.#at = 0;
  }
}
