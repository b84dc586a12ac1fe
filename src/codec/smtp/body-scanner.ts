/**
 * Reads the octets of a body: takes off the dots (RFC 5321 §4.5.2), finds the end, and sees line ends that could
 * smuggle a second message past us. It keeps no octet between two calls, only where it stands:
 *
 *   lineStart ── '.' ──▶ dot ── CR ──▶ dotCr ── LF ──▶ ended      (with dots, that is in DATA)
 *       │ other           │ other       │ other: fault
 *       ▼                 ▼             ▼
 *      text ── CR, window ends ──▶ cr ── LF ──▶ lineStart
 *                                   │ other: fault
 *
 * What must never happen: an end seen anywhere but at CR LF . CR LF; a bare CR, a bare LF or a NUL handed on as clean.
 * After a fault the body is still read to its end, so that the dialogue stays in step, but what follows is dropped.
 */
import { bareLineEndInBody, nulInBody, tooLarge } from './replies.ts';
import type { Reply } from './reply.ts';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** What a look at one window found. */
export interface Scanned {
  /** Octets of the window that belong to the body. */
  readonly used: number;
  /** The content among them up to the first fault, dots taken off: a view of the window, or a copy where a dot was. */
  readonly content: Buffer;
}

// One pass at the speed of compiled code. Neither expression can backtrack, and clean windows, nearly all, match nothing.
const troubleWithDots = /\r(?!\n)|(?<!\r)\n|\n\.|\0/g;
const troubleWithoutDots = /\r(?!\n)|(?<!\r)\n|\0/g;

export class BodyScanner {
  readonly #dots: boolean;
  #place: 'lineStart' | 'dot' | 'dotCr' | 'text' | 'cr' | 'ended' = 'lineStart';
  #fault: Reply | null = null;
  readonly #bytesMax: number;
  #bytes = 0;

  /**
   * With `dots` the body ends at a line of one dot (DATA); without, its length is told elsewhere (BDAT).
   * `bytesMax` bounds the content; more of it is a fault (RFC 1870 §6.3).
   */
  constructor(settings: { readonly dots: boolean; readonly bytesMax: number }) {
    this.#dots = settings.dots;
    this.#bytesMax = settings.bytesMax;
  }

  /** Why the body must be refused; null while it is clean. */
  get fault(): Reply | null {
    return this.#fault;
  }

  /** Whether CR LF . CR LF has come by. */
  get ended(): boolean {
    return this.#place === 'ended';
  }

  /** A body of counted length is over: a CR at its very end will get no LF. */
  finish(): void {
    if (this.#place === 'cr') this.#spoil(bareLineEndInBody);
  }

  /** Reads on until the window or the body ends. */
  scan(window: Buffer): Scanned {
    const kept = new Ranges(window);
    const clean = this.#fault === null;
    const text = clean ? window.toString('latin1') : '';
    let at = 0;
    while (at < window.length && this.#place !== 'ended') {
      if (this.#place !== 'text') at = this.#edge(window, at, kept);
      else if (this.#fault === null) at = this.#text(window, text, at, kept);
      else at = this.#skip(window, at);
    }
    const content = kept.joined();
    if (clean) this.#count(content.length);
    return { used: at, content };
  }

  /** What is over the bound stands before a fault found in the same window: the first fault by position is the one told. */
  #count(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes > this.#bytesMax) this.#fault = tooLarge(this.#bytesMax);
  }

  #spoil(fault: Reply): void {
    this.#fault ??= fault;
  }

  /** One octet where lines meet. */
  #edge(window: Buffer, at: number, kept: Ranges): number {
    const octet = window[at];
    const place = this.#place;
    this.#place = 'text';
    if (place === 'lineStart' && octet === DOT && this.#dots) {
      this.#place = 'dot';
      return at + 1;
    }
    if (place === 'dot' && octet === CR) {
      this.#place = 'dotCr';
      return at + 1;
    }
    if (place === 'cr' || place === 'dotCr') return this.#afterCr(place, octet, at, kept);
    return at;
  }

  // RFC 5321 §2.3.8: CR and LF only ever come together.
  #afterCr(place: 'cr' | 'dotCr', octet: number | undefined, at: number, kept: Ranges): number {
    if (octet !== LF) {
      this.#spoil(bareLineEndInBody);
      return at;
    }
    if (place === 'cr' && this.#fault === null) kept.add(at, at + 1);
    this.#place = place === 'cr' ? 'lineStart' : 'ended';
    return at + 1;
  }

  /** From inside a line to the next place that needs a closer look: usually the end of the window. */
  #text(window: Buffer, text: string, at: number, kept: Ranges): number {
    const trouble = this.#dots ? troubleWithDots : troubleWithoutDots;
    trouble.lastIndex = at;
    const found = trouble.exec(text);
    if (found === null) {
      kept.add(at, window.length);
      if (window[window.length - 1] === LF) this.#place = 'lineStart';
      return window.length;
    }
    return this.#trouble(window, at, found.index, found[0], kept);
  }

  #trouble(window: Buffer, at: number, found: number, what: string, kept: Ranges): number {
    const next = found + 1;
    const octet = what.charCodeAt(0);
    // A CR counts as content until the octet behind it, perhaps in a later window, says otherwise.
    kept.add(at, octet === CR || what.length === 2 ? next : found);
    if (what.length === 2) this.#place = 'lineStart';
    else if (octet === CR && next === window.length) this.#place = 'cr';
    else this.#spoil(octet === 0 ? nulInBody : bareLineEndInBody);
    return next;
  }

  /** The body is condemned; only its end matters. */
  #skip(window: Buffer, at: number): number {
    const lineEnd = this.#dots ? window.indexOf('\r\n.', at, 'latin1') : -1;
    if (lineEnd >= 0) {
      this.#place = 'lineStart';
      return lineEnd + 2;
    }
    const length = window.length;
    if (window[length - 1] === CR) this.#place = 'cr';
    else if (window[length - 1] === LF && length - 2 >= at && window[length - 2] === CR) this.#place = 'lineStart';
    return length;
  }
}

/** Stretches of a window that are kept, in order; neighbours melt into one. */
class Ranges {
  readonly #window: Buffer;
  readonly #bounds: number[] = [];

  constructor(window: Buffer) {
    this.#window = window;
  }

  add(from: number, to: number): void {
    if (from === to) return;
    if (this.#bounds.at(-1) === from) this.#bounds.pop();
    else this.#bounds.push(from);
    this.#bounds.push(to);
  }

  /** One view where one stretch was kept; else one copy, so that a body of dots can't become a million small views. */
  joined(): Buffer {
    const [from = 0, to = 0, ...more] = this.#bounds;
    if (more.length === 0) return this.#window.subarray(from, to);
    const copy = Buffer.allocUnsafe(this.#window.length);
    let length = 0;
    for (let i = 0; i < this.#bounds.length; i += 2) {
      length += this.#window.copy(copy, length, this.#bounds[i], this.#bounds[i + 1]);
    }
    return copy.subarray(0, length);
  }
}
