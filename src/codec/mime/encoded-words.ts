/** Text in header fields (RFC 2047). */
import { decodeBytes } from './charset.ts';

interface Word {
  readonly charset: string;
  readonly bytes: Buffer;
}

const encodedWord = /=\?([!-<>@-~]{1,60})\?([bBqQ])\?([!->@-~]*)\?=/y;
const blanks = /[ \t]+/y;

/**
 * The readable form of a field's value. Neighbouring words of one charset are joined before they are decoded: mailers cut
 * Japanese letters in two between words, though RFC 2047 §5 forbids it. What is no encoded word stays as it is.
 */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return value;
  let text = '';
  let run: Word[] = [];
  let at = 0;
  while (at < value.length) {
    const word = wordAt(value, at);
    if (word !== null) {
      run.push(word.word);
      at = word.to;
      // RFC 2047 §6.2: blanks between two encoded words are not shown.
      const gap = blanksAt(value, at);
      if (gap > at && wordAt(value, gap) !== null) at = gap;
      continue;
    }
    text += decodeRun(run);
    run = [];
    const next = value.indexOf('=?', at + 1);
    text += value.slice(at, next < 0 ? value.length : next);
    at = next < 0 ? value.length : next;
  }
  return text + decodeRun(run);
}

function wordAt(value: string, at: number): { readonly word: Word; readonly to: number } | null {
  encodedWord.lastIndex = at;
  const found = encodedWord.exec(value);
  if (found === null) return null;
  const [all, charset = '', encoding = '', content = ''] = found;
  const bytes = encoding.toUpperCase() === 'B' ? Buffer.from(content, 'base64') : decodeQ(content);
  // RFC 2231 §5: a language may follow the charset.
  return { word: { charset: charset.toLowerCase().replace(/\*.*$/, ''), bytes }, to: at + all.length };
}

function blanksAt(value: string, at: number): number {
  blanks.lastIndex = at;
  return at + (blanks.exec(value)?.[0].length ?? 0);
}

/** RFC 2047 §4.2. */
function decodeQ(content: string): Buffer {
  const octets = content
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, 'latin1');
}

function decodeRun(run: readonly Word[]): string {
  let text = '';
  let from = 0;
  for (let i = 1; i <= run.length; i++) {
    const charset = run[from]?.charset ?? '';
    if (run[i]?.charset === charset) continue;
    text += decodeBytes(Buffer.concat(run.slice(from, i).map((word) => word.bytes)), charset);
    from = i;
  }
  return text;
}

/** Octets of UTF-8 in one word: 45 make 60 of base64, and the word at most 75 characters (RFC 2047 §2). */
const wordBytesMax = 45;

/** Text as a field's value: as it is where it is printable ASCII, else encoded words, folded, no letter cut in two. */
export function encodeWords(text: string): string {
  const oneLine = text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').toWellFormed();
  if (/^[ -~]*$/.test(oneLine) && !oneLine.includes('=?')) return oneLine;
  const words: string[] = [];
  let word = '';
  for (const letter of oneLine) {
    if (Buffer.byteLength(word + letter) > wordBytesMax) {
      words.push(word);
      word = '';
    }
    word += letter;
  }
  words.push(word);
  return words.map((part) => `=?utf-8?B?${Buffer.from(part).toString('base64')}?=`).join('\r\n ');
}
