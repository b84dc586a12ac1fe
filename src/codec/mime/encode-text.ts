/**
 * Text to octets of a charset that mail names: for a line that is put into somebody's text, which is to stay in the charset that it is in. What the
 * platform reads it does not write, so the way back is read off from what it reads, once a charset.
 */
import { decodeBytes } from './charset.ts';

/** Of each letter its octets, as a number. */
type Letters = ReadonlyMap<string, number>;

const tables = new Map<string, Letters>();

const UNICODE = /^utf-?8$|^utf8mb4$|^$/i;
const JAPANESE_7BIT = /^(?:iso-2022-jp(?:-1|-ms)?|cp5022[012])$/i;
const SINGLE = /^(?:iso-?8859-?\d{1,2}|latin\d|windows-125\d|cp125\d|koi8-[ru]|macintosh|tis-620|windows-874)$/i;
const DOUBLE =
  /^(?:euc-jp|shift_jis|shift-jis|sjis|x-sjis|cp932|windows-31j|euc-kr|ks_c_5601-1987|cp949|gb2312|gbk|cp936|big5)$/i;

/** The octets of a text; null where the charset has no way to say all of it, or is one that we do not write. */
export function encodeText(text: string, charset: string): Buffer | null {
  if (UNICODE.test(charset)) return Buffer.from(text);
  if (JAPANESE_7BIT.test(charset)) return encodeJapanese(text);
  if (isSevenBit(text)) return STRANGE.test(charset) ? null : Buffer.from(text, 'latin1');
  if (!SINGLE.test(charset) && !DOUBLE.test(charset)) return null;
  return encodeLetters(text, tableOf(charset.toLowerCase()));
}

/** Charsets in which octets below 128 do not say ASCII, or say it at times only. */
const STRANGE = /^(?:utf-?(?:7|16|32)|ucs-|unicode|x-unicode|hz|iso-2022-|cp5022|ebcdic|ibm|cp037)/i;

/** Whether marks of HTML and line ends can be found among the octets without reading the letters around them. */
export function hasPlainMarks(charset: string): boolean {
  return JAPANESE_7BIT.test(charset) || !STRANGE.test(charset);
}

const ESCAPE = 0x1b;

/**
 * The octets as text of the same length, one character an octet, in which each `<` or line end is one indeed: what stands inside of escapes of
 * ISO-2022-JP is `x`. For charsets that have plain marks.
 */
export function marksOf(octets: Buffer, charset: string): string {
  if (!JAPANESE_7BIT.test(charset) || !octets.includes(ESCAPE)) return octets.toString('latin1');
  // Back to ASCII, or to what is ASCII but for two letters: ESC ( B, ESC ( J. A line end comes back by itself.
  return octets
    .toString('latin1')
    .replace(/\x1b(?:\$[@B]|\$\([A-Z@]|\(I)[^\x1b\r\n]*/g, (run) => 'x'.repeat(run.length));
}

function isSevenBit(text: string): boolean {
  return !/[\u0080-\uffff]/.test(text);
}

function encodeLetters(text: string, letters: Letters): Buffer | null {
  const out: number[] = [];
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    const octets = code < 0x80 ? code : letters.get(letter);
    if (octets === undefined) return null;
    if (octets > 0xff) out.push(octets >> 8);
    out.push(octets & 0xff);
  }
  return Buffer.from(out);
}

/** RFC 1468: each line begins and ends in ASCII. Kana of half width, which it lacks, are written in full width. */
function encodeJapanese(text: string): Buffer | null {
  const letters = tableOf('euc-jp');
  const out: number[] = [];
  let isDouble = false;
  const turn = (toDouble: boolean): void => {
    if (isDouble !== toDouble) out.push(0x1b, toDouble ? 0x24 : 0x28, 0x42);
    isDouble = toDouble;
  };
  for (const letter of text.replace(/[\uff61-\uff9f]+/g, (kana) => kana.normalize('NFKC'))) {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x80) {
      turn(false);
      out.push(code);
      continue;
    }
    const octets = letters.get(letter);
    if (octets === undefined || octets < 0xa1a1 || (octets & 0x80) === 0) return null;
    turn(true);
    out.push((octets >> 8) & 0x7f, octets & 0x7f);
  }
  turn(false);
  return Buffer.from(out);
}

function tableOf(charset: string): Letters {
  return tables.getOrInsertComputed(charset, () => (SINGLE.test(charset) ? singles(charset) : doubles(charset)));
}

function singles(charset: string): Letters {
  const letters = new Map<string, number>();
  for (let octet = 0x80; octet <= 0xff; octet++) keep(letters, decodeBytes(Uint8Array.of(octet), charset), octet);
  return letters;
}

function doubles(charset: string): Letters {
  const pairs: number[] = [];
  for (let lead = 0x81; lead <= 0xfe; lead++)
    for (let trail = 0x40; trail <= 0xfe; trail++) pairs.push((lead << 8) | trail);
  // A line feed behind each pair: what is no letter can't swallow the next one.
  const octets = Buffer.from(pairs.flatMap((pair) => [pair >> 8, pair & 0xff, 0x0a]));
  const letters = new Map<string, number>();
  for (const [i, letter] of decodeBytes(octets, charset).split('\n').entries()) keep(letters, letter, pairs[i] ?? 0);
  return letters;
}

/** The first of several ways to write a letter is the one that programs write. */
function keep(letters: Map<string, number>, letter: string, octets: number): void {
  if (Array.from(letter).length === 1 && letter !== '\ufffd' && letter >= '\u0080' && !letters.has(letter))
    letters.set(letter, octets);
}
