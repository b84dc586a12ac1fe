/**
 * Takes a message apart by places in its octets (RFC 2046 §5.1, §5.2). One walk from the first octet to the last, which stops at
 * the lines that begin with `--` and looks them up among the boundaries that are open:
 * ```
 *   open root ─▶ header section ─▶ leaf        its body goes to the next delimiter of a multipart around it, or the end
 *                               ├▶ message     the message inside is opened at once
 *                               └▶ multipart   preamble ─ delimiter ─▶ a part is opened … ─ close delimiter ─▶ epilogue
 * ```
 * A delimiter of an outer multipart closes all that is open inside; so does the end. Lines end with CRLF or with LF alone.
 *
 * What must never happen: a throw, whatever the octets; a place outside of the part around; a walk that goes back.
 * Not followed, and then shown as what holds it: when there are `partsMax` parts, or their header sections have cost `partHeadsCostMax`, what
 * comes belongs to the body of the last one; what would be deeper than `partDepthMax` levels is one application/octet-stream.
 */
import assert from 'node:assert/strict';
import { readEnvelope } from './envelope.ts';
import { type Head, readHead } from './head.ts';
import { CR, endOfLine, LF } from './headers.ts';
import { boundaryBytesMax, detailCost, partDepthMax, partHeadsCostMax, partsMax } from './limits.ts';
import { LineCounter } from './line-counter.ts';
import type { Envelope, Part } from './message.ts';
import { boundaryOf, opaque, type PartFields, plainText, readPartFields } from './part-fields.ts';

const DASH = 0x2d;
const SPACE = 0x20;
const TAB = 0x09;
/** A boundary with its dashes, blanks and line end. */
const delimiterBytesMax = boundaryBytesMax + 32;
const nearBytes = 32;

/** A message taken apart, with its own header section. */
export interface Structure {
  readonly head: Head;
  readonly root: Part;
}

export function readStructure(source: Buffer): Structure {
  return new Walk(source).run();
}

/** A part whose end is not reached. */
interface OpenPart {
  readonly fields: PartFields;
  readonly head: Head;
  readonly kind: 'leaf' | 'multipart' | 'message';
  /** Null where there is none, and after the close delimiter: what comes then is epilogue. */
  boundary: string | null;
  /** Of a multipart. */
  readonly parts: Part[];
  /** Its own, where it stands in a message. */
  readonly envelope: Envelope | null;
  /** Of a message, once what is inside is closed. */
  inner: Part['message'];
  /** The counter's value where the body begins; null where lines are of no interest. */
  readonly linesBefore: number | null;
}

class Walk {
  readonly #source: Buffer;
  readonly #lines: LineCounter;
  readonly #open: OpenPart[] = [];
  /** Boundaries of what is open, with the level of the innermost one. */
  #boundaries: ReadonlyMap<string, number> = new Map();
  /** How long delimiters of what is open are, without their first dashes; most lines that look like one are sorted out by it. */
  #boundaryBytes: ReadonlySet<number> = new Set();
  #parts = 0;
  #headsCost = 0;
  readonly #stops = (lineFrom: number): boolean => this.#delimiterAt(lineFrom) !== null;

  constructor(source: Buffer) {
    this.#source = source;
    this.#lines = new LineCounter(source);
  }

  run(): Structure {
    let at = this.#openPart(0, false);
    const head = this.#open[0]?.head;
    assert(head !== undefined, 'the message itself is open to the end');
    while (this.#boundaryBytes.size > 0 && this.#mayOpen()) {
      const line = this.#nextDashes(at);
      if (line < 0) break;
      at = this.#takeLine(line);
    }
    return { head, root: this.#closeDownTo(0, this.#source.length) };
  }

  /** The next line that begins with `--`, which may begin at `from` itself; -1 where there is none. */
  #nextDashes(from: number): number {
    const source = this.#source;
    // Such lines may stand close by in hostile mail; a search for each would take longer than to look.
    for (let at = from; at < from + nearBytes; at++) {
      if (source[at] === DASH && source[at - 1] === LF && source[at + 1] === DASH) return at;
    }
    const found = source.indexOf('\n--', from + nearBytes - 1, 'latin1');
    return found < 0 ? -1 : found + 1;
  }

  /** Takes a line that begins with `--`; returns where to go on: behind it, or at the body of the part that it opened. */
  #takeLine(lineFrom: number): number {
    const delimiter = this.#delimiterAt(lineFrom);
    const multipart = delimiter === null ? undefined : this.#open[delimiter.level];
    if (delimiter === null || multipart === undefined) return lineFrom + 1;
    const lineEnd = endOfLine(this.#source, lineFrom);
    this.#closeInside(delimiter.level, this.#beforeLine(lineFrom));
    if (!delimiter.closes) return this.#openPart(lineEnd, multipart.fields.subtype === 'digest');
    multipart.boundary = null;
    this.#listBoundaries();
    return lineEnd;
  }

  /**
   * The innermost open multipart that the line is a delimiter of. Departs from RFC 2046 §5.1.1, by which the begin of the line would be enough:
   * the whole line is compared, blanks at its end aside, so that a boundary may begin with another one.
   */
  #delimiterAt(lineFrom: number): { readonly level: number; readonly closes: boolean } | null {
    if (this.#source[lineFrom] !== DASH || this.#source[lineFrom + 1] !== DASH) return null;
    const end = this.#endOfText(lineFrom + 2);
    if (end < 0 || !this.#boundaryBytes.has(end - lineFrom - 2)) return null;
    const text = this.#source.toString('latin1', lineFrom + 2, end);
    const closing = text.endsWith('--') ? text.slice(0, -2) : null;
    const opens = this.#boundaries.get(text) ?? -1;
    const closes = (closing === null ? undefined : this.#boundaries.get(closing)) ?? -1;
    if (opens < 0 && closes < 0) return null;
    return { level: Math.max(opens, closes), closes: closes > opens };
  }

  /** Opens the part whose header section begins at `from`, and the message inside where it is one. Returns where to go on. */
  #openPart(from: number, inDigest: boolean): number {
    this.#parts += 1;
    const head = readHead(this.#source, from, this.#stops);
    const part = this.#newPart(head, readPartFields(head, inDigest));
    this.#open.push(part);
    this.#headsCost += costOf(part);
    if (part.kind === 'multipart') this.#listBoundaries();
    if (part.kind !== 'message') return head.body;
    return this.#openPart(head.body, false);
  }

  /** Where the text of a line ends, blanks aside; -1 where it is too long for a boundary. */
  #endOfText(from: number): number {
    let end = from;
    for (let at = from; at < from + delimiterBytesMax; at++) {
      const octet = this.#source[at] ?? LF;
      if (octet === LF) return end;
      if (octet !== SPACE && octet !== TAB && octet !== CR) end = at + 1;
    }
    return -1;
  }

  #newPart(head: Head, said: PartFields): OpenPart {
    const mayHold = this.#open.length + 1 < partDepthMax && this.#mayOpen();
    const holds = said.type === 'multipart' || isMessage(said);
    const boundary = said.type === 'multipart' && mayHold ? boundaryOf(head) : null;
    const kind = boundary !== null ? 'multipart' : isMessage(said) && mayHold ? 'message' : 'leaf';
    const shown = kind !== 'leaf' || !holds ? said : { ...said, ...(mayHold ? plainText : opaque) };
    return {
      fields: shown,
      head,
      kind,
      boundary,
      parts: [],
      envelope: this.#open.at(-1)?.kind === 'message' ? readEnvelope(head) : null,
      inner: null,
      linesBefore: kind === 'message' || shown.type === 'text' ? this.#lines.enter(head.body) : null,
    };
  }

  #mayOpen(): boolean {
    return this.#parts < partsMax && this.#headsCost < partHeadsCostMax;
  }

  #closeInside(level: number, end: number): void {
    if (this.#open.length > level + 1) this.#closeDownTo(level + 1, end);
    this.#listBoundaries();
  }

  /** Closes what is open from this level on, the innermost first; returns the part of this level. */
  #closeDownTo(level: number, end: number): Part {
    for (;;) {
      const open = this.#open.pop();
      assert(open !== undefined, 'a part is closed once');
      const part = this.#closed(open, end);
      const around = this.#open.at(-1);
      if (around?.kind === 'multipart') around.parts.push(part);
      else if (around !== undefined && open.envelope !== null) {
        around.inner = { envelope: open.envelope, structure: part };
      }
      if (this.#open.length <= level) return part;
    }
  }

  #closed(open: OpenPart, end: number): Part {
    const { fields, head, kind, parts, inner, linesBefore } = open;
    // An empty part ends where its header section does, though the line end before the delimiter is in that one.
    const last = Math.max(head.body, end, inner?.structure.end ?? 0, parts.at(-1)?.end ?? 0);
    const lines = linesBefore === null ? 0 : this.#lines.leave(last) - linesBefore;
    const place = { head: head.from, body: head.body, end: last };
    if (kind === 'multipart' && parts.length === 0) {
      // None of its delimiters came: its text is shown, because a multipart of nothing can't be (RFC 9051 §9, body-type-mpart).
      return { ...fields, ...plainText, ...place, lines: this.#lines.within(head.body, last), parts, message: null };
    }
    return { ...fields, ...place, lines, parts, message: inner };
  }

  /** The line end before a delimiter is the delimiter's (RFC 2046 §5.1.1). */
  #beforeLine(lineFrom: number): number {
    const feed = lineFrom - 1;
    if (this.#source[feed] !== LF) return lineFrom;
    return this.#source[feed - 1] === CR ? feed - 1 : feed;
  }

  #listBoundaries(): void {
    const boundaries = new Map<string, number>();
    for (const [level, { boundary }] of this.#open.entries()) if (boundary !== null) boundaries.set(boundary, level);
    this.#boundaries = boundaries;
    this.#boundaryBytes = new Set([...boundaries.keys()].flatMap(({ length }) => [length, length + 2]));
  }
}

function isMessage(fields: PartFields): boolean {
  return fields.type === 'message' && (fields.subtype === 'rfc822' || fields.subtype === 'global');
}

function costOf({ head, fields, envelope }: OpenPart): number {
  const { from, sender, replyTo, to, cc, bcc } = envelope ?? noAddresses;
  const lists = [
    fields.parameters,
    fields.disposition?.parameters ?? [],
    fields.language,
    from,
    sender,
    replyTo,
    to,
    cc,
    bcc,
  ];
  return head.bytes + detailCost * lists.reduce((sum, list) => sum + list.length, 0);
}

const noAddresses = { from: [], sender: [], replyTo: [], to: [], cc: [], bcc: [] };
