/** Octets of a text -> what a person reads, whatever the label says. */
import { isAscii, isUtf8 } from 'node:buffer';
import { decodeBytes } from '#/codec/mime/index.ts';
import { guessCharset, guessWide } from './guess-charset.ts';

/** The text, lines ended by LF, invisible characters left out. `declared` is the charset of the header; null where there is none. */
export function readText(octets: Buffer, declared: string | null): string {
  return visible(decode(octets, declared?.trim().toLowerCase() ?? ''));
}

/** Text without what nobody sees: it is put inside of words so that they are not found. */
export function visible(text: string): string {
  const plain = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text;
  return hasInvisible.test(plain) ? plain.replace(invisible, '') : plain;
}

const hasInvisible = /[\0\p{Default_Ignorable_Code_Point}]/u;
const invisible = new RegExp(hasInvisible.source, 'gu');

function decode(octets: Buffer, label: string): string {
  const marked = byMark(octets);
  if (marked !== null) return marked;
  if (/^(?:utf-?7|hz|unicode-1-1-utf-7|x-unicode)/.test(label)) return decodeBytes(octets, label);
  if (/^(?:utf-?32|ucs-?4)/.test(label)) return decodeUtf32(octets, !label.endsWith('le'));
  if (/^(?:utf-?16|ucs-?2|unicode)/.test(label)) return decodeWide(octets, label);
  if (hasEscapes(octets)) return decodeBytes(octets, label.startsWith('iso-2022-') ? label : 'iso-2022-jp');
  if (isAscii(octets)) return octets.includes(0) ? decodeZeros(octets) : octets.toString('latin1');
  return decodeHigh(octets, label);
}

/** XML is UTF-8 or UTF-16 unless it says something else. Invisible characters are left in: they are looked for in what is found in it. */
export function decodeXml(octets: Buffer): string {
  const named = /^<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]{2,40})/.exec(octets.toString('latin1', 0, 200))?.[1];
  const label = named?.toLowerCase() ?? 'utf-8';
  return label === 'utf-8' && isUtf8(octets) ? octets.toString('utf8') : decode(octets, label);
}

/** Marks at the begin go before any label (Encoding standard §6.1). */
function byMark(octets: Buffer): string | null {
  if (octets[0] === 0xef && octets[1] === 0xbb && octets[2] === 0xbf) return decodeBytes(octets, 'utf-8');
  if (octets[0] === 0xff && octets[1] === 0xfe) {
    return octets[2] === 0 && octets[3] === 0 && octets.length % 4 === 0
      ? decodeUtf32(octets, false)
      : decodeBytes(octets, 'utf-16le');
  }
  if (octets[0] === 0xfe && octets[1] === 0xff) return decodeBytes(octets, 'utf-16be');
  return octets.length >= 4 && octets.readUInt32BE(0) === 0xfeff ? decodeUtf32(octets, true) : null;
}

/** RFC 1468: ESC calls letters of two octets; RFC 1557 announces them by ESC $ ). What has high octets is another charset with an ESC in it. */
function hasEscapes(octets: Buffer): boolean {
  return octets.includes('\x1b$') || (octets.includes('\x1b(I') && isAscii(octets));
}

/** 7 bit with NULs: UTF-16 of Latin letters, or a text that someone strewed with NULs, which mail programs leave out. */
function decodeZeros(octets: Buffer): string {
  const wide = guessWide(octets);
  const zeros = octets.reduce((count, octet) => (octet === 0 ? count + 1 : count), 0);
  return wide === null || zeros * 5 < octets.length * 2 ? octets.toString('latin1') : decodeBytes(octets, wide);
}

function decodeHigh(octets: Buffer, label: string): string {
  const isTrusted = label !== '' && !singleOctet.test(label);
  const read = isTrusted ? decodeBytes(octets, label) : null;
  if (read !== null && !read.includes('\ufffd') && isKnown(label)) return read;
  if (isUtf8(octets)) return decodeBytes(octets, 'utf-8');
  const guessed = guessCharset(octets);
  if (read !== null && isKnown(label)) {
    // A text in its charset may have a few letters that nobody knows, or be cut; another reading must be clearly better.
    const other = guessed === null ? read : decodeBytes(octets, guessed);
    return faults(other) * 4 < faults(read) ? other : read;
  }
  if (guessed !== null) return decodeBytes(octets, guessed);
  return decodeBytes(octets, singleOctet.test(label) && isKnown(label) ? label : 'windows-1252');
}

/** In these every octet is a letter, so that nothing shows that the label is wrong; ASCII says nothing of what is above it. */
const singleOctet =
  /^(?:us-)?ascii$|^(?:iso-?8859|iso_8859|windows-125|cp125|x-cp125|latin|l\d|koi8|macintosh|x-mac|ibm|cp8|x-user|unknown|binary|8bit|default|ansi)/;

function isKnown(label: string): boolean {
  if (known.has(label)) return true;
  try {
    new TextDecoder(label);
    return true;
  } catch {
    return /^(?:iso-2022|cp932|cp5022|cp949|cp936|windows-932|sjis|iso-2022)/.test(label);
  }
}
const known: ReadonlySet<string> = new Set(['utf-8', 'shift_jis', 'euc-jp', 'gb2312', 'gb18030', 'big5', 'euc-kr']);

function faults(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\ufffd'); at >= 0; at = text.indexOf('\ufffd', at + 1)) count += 1;
  return count;
}

/** RFC 2781 §4.3: big-endian where nothing is said; what programs write is mostly little-endian, and the octets tell. */
function decodeWide(octets: Buffer, label: string): string {
  if (!octets.includes(0) && isAscii(octets)) return octets.toString('latin1');
  const said = label.endsWith('be') ? 'utf-16be' : label.endsWith('le') ? 'utf-16le' : null;
  const guessed = guessWide(octets);
  const charset = guessed ?? said ?? fewerFaults(octets);
  const text = decodeBytes(octets, charset);
  if (faults(text) * 20 < text.length) return text;
  return decodeHigh(octets, '');
}

/** Chinese and Japanese have no zeros; in the wrong order they are letters of everywhere. */
function fewerFaults(octets: Buffer): 'utf-16le' | 'utf-16be' {
  const sample = octets.subarray(0, 4096 & ~1);
  const likely = (charset: string): number =>
    decodeBytes(sample, charset).match(/[\u3041-\u30ff\u3000-\u3002\n ]/g)?.length ?? 0;
  return likely('utf-16le') > likely('utf-16be') ? 'utf-16le' : 'utf-16be';
}

function decodeUtf32(octets: Buffer, isBig: boolean): string {
  const letters: string[] = [];
  for (let at = 0; at + 4 <= octets.length; at += 4) {
    const code = isBig ? octets.readUInt32BE(at) : octets.readUInt32LE(at);
    const isLetter = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
    letters.push(isLetter ? String.fromCodePoint(code) : '\ufffd');
  }
  return letters.join('');
}
