/**
 * Parts that stand in a text and that some programs would take for what they are: uuencoded files, MIME parts whose boundary doesn't fit, a body
 * that is base64 though nothing says so. Whoever hides something there counts on a reader that goes by the letter.
 */

export interface LooseFile {
  readonly name: string;
  readonly octets: Buffer;
}

const LF = 0x0a;
/** Of each kind in one text; all that is behind is text and is looked at as such. */
export const looseMax = 200;

/** Files between `begin 644 name` and `end`; the end may be missing. */
export function uuencodedFiles(octets: Buffer): LooseFile[] {
  const files: LooseFile[] = [];
  let at = 0;
  while (files.length < looseMax) {
    const begin = lineThatBegins(octets, 'begin ', at);
    if (begin < 0) break;
    const lineEnd = endOfLine(octets, begin);
    const name = /^begin [0-7]{3,4} (.{1,255}?)\r?\n?$/s.exec(
      octets.toString('latin1', begin, Math.min(lineEnd, begin + 300)),
    )?.[1];
    at = lineEnd;
    if (name === undefined) continue;
    const file = uudecode(octets, lineEnd);
    at = file.end;
    if (file.octets.length > 0) files.push({ name, octets: file.octets });
  }
  return files;
}

/** The lines of a uuencoded body: a length, then four characters for three octets. */
export function uudecode(octets: Buffer, from: number): { readonly octets: Buffer; readonly end: number } {
  const out = Buffer.alloc(octets.length - from + lineBytesMax);
  let length = 0;
  let at = from;
  while (at < octets.length && length + lineBytesMax <= out.length) {
    const end = endOfLine(octets, at);
    const chars = lineLength(octets, at, end) - 1;
    const count = ((octets[at] ?? 0) - 0x20) & 0x3f;
    const expected = Math.ceil(count / 3) * 4;
    // Blanks at the end of a line get lost on the way; some writers add a check character.
    if (
      count === 0 ||
      chars < 1 ||
      chars > expected + 4 ||
      (chars === 2 && octets.toString('latin1', at, at + 3) === 'end')
    )
      break;
    for (let i = 0; i < expected; i += 4) decodeFour(octets, at + 1 + i, end, out, length + (i / 4) * 3);
    length += count;
    at = end;
  }
  return { octets: out.subarray(0, length), end: at };
}

/** A line holds 63 octets at most; the last four characters may give two more than it says. */
const lineBytesMax = 66;

function decodeFour(octets: Buffer, from: number, end: number, out: Buffer, to: number): void {
  const six = (at: number): number => (at < end ? ((octets[at] ?? 0x20) - 0x20) & 0x3f : 0);
  const [a, b, c, d] = [six(from), six(from + 1), six(from + 2), six(from + 3)];
  out[to] = (a << 2) | (b >> 4);
  out[to + 1] = (b << 4) | (c >> 2);
  out[to + 2] = (c << 6) | d;
}

/** Stretches that look like parts of their own: a line of dashes and letters, then a Content field. */
export function looseParts(octets: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let dashes = '';
  let from = -1;
  for (
    let at = octets.subarray(0, 2).toString('latin1') === '--' ? 0 : nextDashes(octets, 0);
    at >= 0;
    at = nextDashes(octets, at)
  ) {
    const lineEnd = endOfLine(octets, at);
    const opens = /^content-[a-z-]{2,40}[ \t]*:/i.test(octets.toString('latin1', lineEnd, lineEnd + 60));
    const closes = from >= 0 && octets.toString('latin1', at, at + dashes.length) === dashes;
    if (from >= 0 && (opens || closes)) {
      parts.push(octets.subarray(from, at));
      from = -1;
    }
    if (parts.length >= looseMax) return parts;
    if (!opens) continue;
    from = lineEnd;
    dashes = octets.toString('latin1', at, Math.min(at + 10, lineEnd)).trimEnd();
  }
  if (from >= 0) parts.push(octets.subarray(from));
  return parts;
}

/** Characters of a line of base64 at least; its last one may be shorter. */
const base64LineMin = 60;
const base64Begin = new RegExp(`^(?:[A-Za-z0-9+/]{${base64LineMin},}\\r?\\n){3}`);

/** The octets of a text that is nothing but long lines of base64; null where it is no such text, or a filling. */
export function bareBase64(octets: Buffer): Buffer | null {
  const head = octets.toString('latin1', 0, 4096).trimStart();
  if (!base64Begin.test(head)) return null;
  const text = octets.toString('latin1').trimStart();
  const end = /\r?\n\s*\r?\n/.exec(text)?.index ?? text.length;
  const block = text.slice(0, end);
  return /^[A-Za-z0-9+/=\s]+$/.test(block) && !isFilling(block) ? Buffer.from(block, 'base64') : null;
}

/**
 * Lines of one letter each, but perhaps the first of them, as test programs fill mails: what they decode to is three octets over and over, as
 * no file begins, and one letter a line says no more than a text may say anyway.
 */
function isFilling(block: string): boolean {
  const lines = block.trimEnd().split(/\s+/);
  return lines.every((line, i) => isRun(line) && (line.length >= base64LineMin || i === lines.length - 1));
}

function isRun(line: string): boolean {
  for (let at = 2; at < line.length; at++) if (line.charCodeAt(at) !== line.charCodeAt(1)) return false;
  return true;
}

function nextDashes(octets: Buffer, from: number): number {
  const found = octets.indexOf('\n--', from, 'latin1');
  return found < 0 ? -1 : found + 1;
}

function lineThatBegins(octets: Buffer, word: string, from: number): number {
  if (from === 0 && octets.toString('latin1', 0, word.length) === word) return 0;
  const found = octets.indexOf(`\n${word}`, Math.max(from - 1, 0), 'latin1');
  return found < 0 ? -1 : found + 1;
}

function endOfLine(octets: Buffer, at: number): number {
  const feed = octets.indexOf(LF, at);
  return feed < 0 ? octets.length : feed + 1;
}

function lineLength(octets: Buffer, from: number, end: number): number {
  let last = end;
  while (last > from && (octets[last - 1] === LF || octets[last - 1] === 0x0d)) last -= 1;
  return last - from;
}
