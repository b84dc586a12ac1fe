/** The body as DATA wants it (RFC 5321 §4.5.2). */

const LF = 0x0a;
const CR = 0x0d;
const DOT = 0x2e;
const dot: Buffer = Buffer.from('.');
const lineEnd: Buffer = Buffer.from('\r\n');

/** What ends the body of DATA; behind a body from `stuff`, which always ends with CRLF. Kept apart: some look at the clock before it. */
export const endOfData: Buffer = Buffer.from('.\r\n');

/**
 * The content with a dot before each leading dot, its last line ended. Views of what came in, but where dots crowd.
 * A dot behind a bare LF gets one too: a peer that takes LF for a line end then still sees no end in our body.
 */
export function stuff(content: Iterable<Uint8Array>): Buffer[] {
  const stuffed: Buffer[] = [];
  const stuffer = new Stuffer();
  for (const part of content) stuffer.push(part, stuffed);
  stuffer.end(stuffed);
  return stuffed;
}

/** The same for content that comes piece by piece. States: the two octets before the next piece. */
export class Stuffer {
  #last = LF;
  #beforeLast = CR;

  /** The next piece, as views put at the end of `stuffed`. */
  push(part: Uint8Array, stuffed: Buffer[]): void {
    const view = Buffer.from(part.buffer, part.byteOffset, part.byteLength);
    if (view.length === 0) return;
    if (this.#last === LF && view[0] === DOT) stuffed.push(dot);
    pushStuffed(stuffed, view);
    this.#beforeLast = view.length > 1 ? (view[view.length - 2] ?? 0) : this.#last;
    this.#last = view[view.length - 1] ?? 0;
  }

  /** What the last line lacks of its end. */
  end(stuffed: Buffer[]): void {
    if (this.#last === LF && this.#beforeLast === CR) return;
    stuffed.push(this.#last === CR ? lineEnd.subarray(1) : lineEnd);
  }
}

/** So many views of one piece, at most, before they are copied together: a body of dots must not become a million views. */
const viewsMax = 64;

/** Cuts behind each LF that a dot follows, and puts a dot in the cut. */
function pushStuffed(stuffed: Buffer[], view: Buffer): void {
  let views: Buffer[] = [];
  let from = 0;
  for (let found = view.indexOf('\n.', 0, 'latin1'); found >= 0; found = view.indexOf('\n.', from, 'latin1')) {
    views.push(view.subarray(from, found + 1), dot);
    from = found + 1;
    if (views.length < viewsMax) continue;
    stuffed.push(Buffer.concat(views));
    views = [];
  }
  stuffed.push(...views, view.subarray(from));
}
