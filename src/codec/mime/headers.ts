/** The header section of a message (RFC 5322 §2.2), read from octets that may be anything; it never throws. */
import { isAscii, isUtf8 } from 'node:buffer';
import { headerBytesMax, headerFieldsMax } from './limits.ts';

/** One field, by its place in the message. */
export interface HeaderField {
  /** Lower case. */
  readonly name: string;
  /** Octets from the start of the message: the field, its value, and the end with its CRLF. */
  readonly from: number;
  readonly valueFrom: number;
  readonly to: number;
}

export interface HeaderSection {
  readonly fields: readonly HeaderField[];
  /** Octets up to the body, the empty line between included. */
  readonly bytes: number;
  /** Whether its end was found within the bounds; where not, the message should not be taken (replies: headerTooLarge). */
  readonly complete: boolean;
  /** The octets that the places above count in: the section, perhaps with some of the body. */
  readonly source: Buffer;
}

export const LF = 0x0a;
export const CR = 0x0d;
const SPACE = 0x20;
const TAB = 0x09;
const COLON = 0x3a;
const DELETE = 0x7f;

/**
 * Reads the header section at the head of a message given as views. A line that is no field ends it, as the empty line does:
 * what a reader of less care would take for a field is then body for everyone behind us.
 */
export function readHeaders(message: readonly Uint8Array[]): HeaderSection {
  const source = head(message);
  const fields: HeaderField[] = [];
  let at = mailboxLine(source);
  while (at < source.length && fields.length < headerFieldsMax) {
    const end = endOfLine(source, at);
    if (isBlank(source, at, end)) return { fields, bytes: end, complete: true, source };
    const field = readField(source, at, end);
    if (field === null) return { fields, bytes: at, complete: true, source };
    fields.push(field);
    at = field.to;
  }
  // A message that is all header needs no empty line (RFC 5322 §3.5).
  return { fields, bytes: at, complete: at === source.length && source.length < headerBytesMax, source };
}

/** The first so many octets in one piece; no copy where the first view has them all. */
function head(message: readonly Uint8Array[]): Buffer {
  const [first] = message;
  if (first !== undefined && (message.length === 1 || first.length >= headerBytesMax || hasEnd(first))) {
    return view(first).subarray(0, headerBytesMax);
  }
  const taken: Uint8Array[] = [];
  let bytes = 0;
  for (const part of message) {
    if (bytes >= headerBytesMax) break;
    taken.push(part);
    bytes += part.length;
  }
  return Buffer.concat(taken, Math.min(bytes, headerBytesMax));
}

function hasEnd(part: Uint8Array): boolean {
  return view(part).indexOf('\r\n\r\n', 0, 'latin1') >= 0;
}

/** The same octets, with the methods of Buffer. */
export function view(octets: Uint8Array): Buffer {
  return Buffer.from(octets.buffer, octets.byteOffset, octets.byteLength);
}

/** Departs from RFC 5322 §3.5: scripts send what they took from an mbox file, with its `From ` line ahead; it is passed over. */
export function mailboxLine(source: Buffer, from = 0): number {
  const end = endOfLine(source, from);
  return source.toString('latin1', from, from + 5) === 'From ' && readField(source, from, end) === null ? end : from;
}

/** Behind the line feed that ends the line, or the end of all. */
export function endOfLine(source: Buffer, at: number): number {
  // Most lines are short; a search costs as much as these steps.
  for (let near = at; near < at + 48; near++) if (source[near] === LF) return near + 1;
  const lineFeed = source.indexOf(LF, at);
  return lineFeed < 0 ? source.length : lineFeed + 1;
}

export function isBlank(source: Buffer, at: number, end: number): boolean {
  return source[at] === LF || (end - at === 2 && source[at] === CR && source[at + 1] === LF);
}

/** A field with the lines that continue it (RFC 5322 §2.2.3); null where the line is none. */
export function readField(source: Buffer, from: number, lineEnd: number): HeaderField | null {
  const nameEnd = endOfName(source, from);
  const colon = endOfBlanks(source, nameEnd);
  if (nameEnd === from || source[colon] !== COLON) return null;
  const name = source.toString('latin1', from, nameEnd).toLowerCase();
  return { name, from, valueFrom: colon + 1, to: endOfField(source, lineEnd) };
}

/** Where the name of a field ends that begins here; -1 where the line is none. For who wants no text of it. */
export function fieldNameEnd(source: Buffer, from: number): number {
  const nameEnd = endOfName(source, from);
  return nameEnd === from || source[endOfBlanks(source, nameEnd)] !== COLON ? -1 : nameEnd;
}

/** RFC 5322 §2.2: a name is of printable octets but the colon. Never behind its line. */
function endOfName(source: Buffer, from: number): number {
  let at = from;
  for (let octet = source[at] ?? 0; octet > SPACE && octet < DELETE && octet !== COLON; octet = source[at] ?? 0)
    at += 1;
  return at;
}

/** Blanks before the colon are of RFC 5322 §4.5.8. */
function endOfBlanks(source: Buffer, from: number): number {
  let at = from;
  while (source[at] === SPACE || source[at] === TAB) at += 1;
  return at;
}

/** Behind the lines that continue one that ends at `lineEnd`. */
export function endOfField(source: Buffer, lineEnd: number): number {
  let to = lineEnd;
  while (source[to] === SPACE || source[to] === TAB) to = endOfLine(source, to);
  return to;
}

/** All values of a name, in order, unfolded and trimmed, not decoded. */
export function headerValues(section: HeaderSection, name: string): string[] {
  return section.fields.filter((field) => field.name === name).map((field) => textOf(section, field));
}

/** The first value of a name; null where there is none. */
export function headerValue(section: HeaderSection, name: string): string | null {
  const field = section.fields.find((candidate) => candidate.name === name);
  return field === undefined ? null : textOf(section, field);
}

/** How many fields have the name; of `received` these are the hops (RFC 5321 §6.3). */
export function countFields(section: HeaderSection, name: string): number {
  return section.fields.reduce((count, field) => (field.name === name ? count + 1 : count), 0);
}

function textOf(section: HeaderSection, field: HeaderField): string {
  const octets = section.source.subarray(field.valueFrom, field.to);
  // RFC 6532 §3.2: UTF-8; what is not is shown octet by octet.
  const text = octets.toString(!isAscii(octets) && isUtf8(octets) ? 'utf8' : 'latin1');
  return text.replace(/\r?\n/g, '').trim();
}

/** The message without the fields of these names (lower case), as views of what came in. */
export function stripFields(
  message: readonly Uint8Array[],
  section: HeaderSection,
  names: ReadonlySet<string>,
): Buffer[] {
  const kept: Buffer[] = [];
  let at = 0;
  for (const field of section.fields) {
    if (!names.has(field.name)) continue;
    kept.push(...cut(message, at, field.from));
    at = field.to;
  }
  kept.push(...cut(message, at, Number.POSITIVE_INFINITY));
  return kept;
}

/** The octets from `from` to `to` of a message given as views. */
function cut(message: readonly Uint8Array[], from: number, to: number): Buffer[] {
  const parts: Buffer[] = [];
  let begin = 0;
  for (const part of message) {
    const end = begin + part.length;
    if (end > from && begin < to && part.length > 0) {
      parts.push(view(part).subarray(Math.max(from - begin, 0), Math.min(to, end) - begin));
    }
    begin = end;
  }
  return parts.filter((part) => part.length > 0);
}
