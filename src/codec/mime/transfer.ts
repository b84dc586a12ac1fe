/** Content-Transfer-Encoding (RFC 2045 §6): octets as they came -> octets as they were meant. Lenient, linear, never throws. */
import { CR, LF, view } from './headers.ts';

const SPACE = 0x20;
const TAB = 0x09;
const EQUALS = 0x3d;

/** Values of the octets of base64 (RFC 4648 §4), those of file names too (§5); -1 of all others. */
const digits = new Int8Array(256).fill(-1);
for (const [value, letter] of Array.from(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/',
).entries()) {
  digits[letter.charCodeAt(0)] = value;
}
digits[0x2d] = 62;
digits[0x5f] = 63;

/** Encodings that leave octets as they are; the forms with a dash are mistakes that some mailers make. */
const identities: ReadonlySet<string> = new Set(['7bit', '8bit', 'binary', '7-bit', '8-bit', '']);

/** Whether the encoding leaves octets as they are. */
export function isIdentity(encoding: string): boolean {
  return identities.has(encoding.toLowerCase());
}

/** The body as it was before it was encoded; null where nobody knows the encoding (RFC 3516 §4.3: UNKNOWN-CTE). */
export function decodeBody(encoding: string, octets: Uint8Array): Uint8Array | null {
  switch (encoding.toLowerCase()) {
    case 'base64':
      return decodeBase64(octets);
    case 'quoted-printable':
      return decodeQuotedPrintable(octets);
    default:
      return isIdentity(encoding) ? octets : null;
  }
}

/** RFC 2045 §6.8: what is outside the alphabet is passed over. */
function decodeBase64(octets: Uint8Array): Buffer {
  const text = view(octets).toString('latin1');
  const padding = text.indexOf('=');
  const isWhole = padding < 0 || /^[=\s]*$/.test(text.slice(padding));
  return isWhole ? Buffer.from(text, 'base64') : decodePieces(octets);
}

/** Base64 that was encoded piece by piece and joined: each padding ends a piece, which Node does not know of. */
function decodePieces(octets: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(Math.ceil((octets.length * 3) / 4));
  let length = 0;
  let value = 0;
  let bits = 0;
  for (const octet of octets) {
    const digit = digits[octet] ?? -1;
    if (octet === EQUALS) bits = 0;
    if (digit < 0) continue;
    value = ((value << 6) | digit) & 0xfff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    out[length++] = value >> bits;
  }
  return out.subarray(0, length);
}

/** RFC 2045 §6.7. What is no escape stays as it stands; blanks at the end of a line go, they were not the author's. */
function decodeQuotedPrintable(octets: Uint8Array): Buffer {
  const out = Buffer.allocUnsafe(octets.length);
  let length = 0;
  /** Behind the last octet that is no blank, or was escaped. */
  let solid = 0;
  let at = 0;
  while (at < octets.length) {
    const octet = octets[at] ?? 0;
    if (octet === EQUALS) {
      const next = softBreak(octets, at + 1);
      const escaped = escapedOctet(octets, at + 1);
      if (escaped >= 0) out[length++] = escaped;
      else if (next < 0) out[length++] = octet;
      at = escaped >= 0 ? at + 3 : next < 0 ? at + 1 : next;
      solid = length;
      continue;
    }
    if (octet === LF || (octet === CR && octets[at + 1] === LF)) length = solid;
    out[length++] = octet;
    if (octet !== SPACE && octet !== TAB) solid = length;
    at += 1;
  }
  return out.subarray(0, length);
}

/** Where the next line begins, when only blanks are left on this one; -1 otherwise. */
function softBreak(octets: Uint8Array, from: number): number {
  let at = from;
  while (octets[at] === SPACE || octets[at] === TAB) at += 1;
  if (at >= octets.length) return at;
  if (octets[at] === CR && octets[at + 1] === LF) return at + 2;
  return octets[at] === LF ? at + 1 : -1;
}

/** The octet of two hexadecimal digits; -1 where there are none. */
function escapedOctet(octets: Uint8Array, at: number): number {
  const high = hexValue(octets[at]);
  const low = hexValue(octets[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexValue(octet: number | undefined): number {
  if (octet === undefined) return -1;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
