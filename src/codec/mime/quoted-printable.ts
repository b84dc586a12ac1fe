/** RFC 2045 §6.7, written; and places in what was read, found again in what was written. */
import { CR, LF } from './headers.ts';

/** RFC 2045 §6.7, rule 5. */
const LINE_MAX = 76;
const EQUALS = 0x3d;

/** In lines of at most 76; line ends are CRLF, as they stand in the octets. */
export function encodeQuotedPrintable(octets: Uint8Array): Buffer {
  const lines: string[] = [];
  let line = '';
  for (let at = 0; at < octets.length; at++) {
    const octet = octets[at] ?? 0;
    if (octet === LF || (octet === CR && octets[at + 1] === LF)) {
      if (octet === CR) at += 1;
      lines.push(closed(line));
      line = '';
      continue;
    }
    const shown = isPlain(octet) ? String.fromCharCode(octet) : escaped(octet);
    if (line.length + shown.length > LINE_MAX - 1) {
      lines.push(`${line}=`);
      line = '';
    }
    line += shown;
  }
  return Buffer.from([...lines, closed(line)].join('\r\n'), 'latin1');
}

/** A blank at the end of a line would be lost on the way. */
function closed(line: string): string {
  const last = line.charCodeAt(line.length - 1);
  if (last !== 0x20 && last !== 0x09) return line;
  return line.length + 2 > LINE_MAX ? `${line}=\r\n` : `${line.slice(0, -1)}${escaped(last)}`;
}

function isPlain(octet: number): boolean {
  return octet === 0x09 || (octet >= 0x20 && octet <= 0x7e && octet !== EQUALS);
}

function escaped(octet: number): string {
  return `=${octet.toString(16).toUpperCase().padStart(2, '0')}`;
}

/**
 * Where, in octets that were written so, the place behind the first `count` of the octets read is. Null where such a place can't be told: inside of blanks
 * that reading drops.
 */
export function placeInQuotedPrintable(
  written: Buffer,
  count: number,
  decode: (octets: Buffer) => Uint8Array,
): number | null {
  // Reading goes line by line: whole lines first, so that each octet is looked at a few times only.
  let read = 0;
  let at = 0;
  while (at < written.length) {
    const feed = written.indexOf(LF, at);
    const end = feed < 0 ? written.length : feed + 1;
    const line = written.subarray(at, end);
    const length = decode(line).length;
    if (read + length >= count) return placeInLine(line, at, count - read, decode);
    read += length;
    at = end;
  }
  return count === read ? written.length : null;
}

function placeInLine(line: Buffer, base: number, count: number, decode: (octets: Buffer) => Uint8Array): number | null {
  for (let at = 0, read = 0; at <= line.length; ) {
    if (read === count) return base + at;
    const isEscape = line[at] === EQUALS && /^[0-9a-fA-F]{2}$/.test(line.toString('latin1', at + 1, at + 3));
    at += isEscape ? 3 : 1;
    read = at >= line.length ? decode(line).length : read + 1;
  }
  return null;
}
