/** Header sections inside of a message, by their place in it (RFC 5322 §2.2, RFC 2046 §5.1); and values of their fields, bounded. */
import { isAscii, isUtf8 } from 'node:buffer';
import { endOfLine, type HeaderField, type HeaderSection, isBlank, mailboxLine, readField } from './headers.ts';
import { headerBytesMax, headerFieldsMax, readValueMax } from './limits.ts';

/** A header section; places count from the start of the message. */
export interface Head extends HeaderSection {
  /** Where it begins, and where the body begins. */
  readonly from: number;
  readonly body: number;
}

/**
 * Reads the header section that begins at `from`: up to an empty line, a line that is no field, or one that `stops` it. Fields beyond the
 * bound are walked over, so the body begins where it does.
 */
export function readHead(source: Buffer, from: number, stops: (lineFrom: number) => boolean): Head {
  const fields: HeaderField[] = [];
  const body = walkFields(source, from, stops, (field) => {
    if (fields.length < headerFieldsMax) fields.push(field);
  });
  return { fields, bytes: body - from, complete: true, source, from, body };
}

/** Calls with each field of a header section; returns where the body begins. */
export function walkFields(
  source: Buffer,
  from: number,
  stops: (lineFrom: number) => boolean,
  each: (field: HeaderField) => void,
): number {
  let at = mailboxLine(source, from);
  while (at < source.length && !stops(at)) {
    const end = endOfLine(source, at);
    if (isBlank(source, at, end)) return end;
    const field = readField(source, at, end);
    if (field === null) return at;
    each(field);
    at = field.to;
  }
  return at;
}

/** The first value of a name, unfolded and trimmed, of at most so many octets; null where there is none. */
export function fieldText(head: HeaderSection, name: string, bytesMax: number = readValueMax): string | null {
  const field = head.fields.find((candidate) => candidate.name === name);
  return field === undefined ? null : unfold(octetsOf(head, field, bytesMax));
}

/** The same, octet by octet: for what is compared with octets. */
export function rawFieldText(head: HeaderSection, name: string): string | null {
  const field = head.fields.find((candidate) => candidate.name === name);
  return field === undefined
    ? null
    : octetsOf(head, field, headerBytesMax).toString('latin1').replace(/\r?\n/g, '').trim();
}

function octetsOf({ source }: HeaderSection, field: HeaderField, bytesMax: number): Buffer {
  let to = Math.min(field.to, field.valueFrom + bytesMax);
  // No letter of UTF-8 is cut in two: then none of it would be read as UTF-8.
  for (let back = 0; back < 3 && to < field.to && ((source[to] ?? 0) & 0xc0) === 0x80; back++) to -= 1;
  return source.subarray(field.valueFrom, to);
}

/** RFC 6532 §3.2: UTF-8; what is not is shown octet by octet. */
function unfold(octets: Buffer): string {
  if (isAscii(octets)) return octets.toString('latin1').replace(/\r?\n/g, '').trim();
  const text = isUtf8(octets) ? octets.toString('utf8') : octets.toString('latin1');
  return text.replace(/\r?\n/g, '').trim();
}
