/** Lists of `tag=value` (RFC 6376 §3.2), in signatures and in key records. */

/** Tags of a list, with the white space around values taken away; null where it is none, or names a tag twice. */
export function parseTags(text: string): ReadonlyMap<string, string> | null {
  const tags = new Map<string, string>();
  const pieces = text.split(';');
  for (const [i, piece] of pieces.entries()) {
    const trimmed = trimBlanks(piece);
    // A semicolon may stand behind the last one.
    if (trimmed === '' && i === pieces.length - 1 && i > 0) break;
    const equals = trimmed.indexOf('=');
    const name = trimBlanks(trimmed.slice(0, Math.max(equals, 0)));
    const value = trimBlanks(trimmed.slice(equals + 1));
    if (!NAME.test(name) || tags.has(name) || !VALUE.test(value)) return null;
    tags.set(name, value);
  }
  return tags;
}

/** A value without the white space within: base64 is folded where its writer liked. */
export function withoutBlanks(text: string): string {
  return text.replace(/[ \t\r\n]+/g, '');
}

/** The parts of a list with colons between (`h=`, `q=`, `s=`, `t=` of a key). */
export function listOf(value: string): readonly string[] {
  return value.split(':').map(trimBlanks);
}

/** Octets of base64 as it must be; null for anything else. */
export function base64Of(value: string): Buffer | null {
  const text = withoutBlanks(value);
  return BASE64.test(text) && text.length % 4 === 0 ? Buffer.from(text, 'base64') : null;
}

const NAME = /^[A-Za-z][A-Za-z0-9_]*$/;
// RFC 6376 §3.2: printable but the semicolon, with folding between.
const VALUE = /^[\t\r\n -:<-~\x80-\xff]*$/;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

// By hand: a pattern for blanks at the end takes time that grows with the square of them.
function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09 || code === 0x0d || code === 0x0a;
}
