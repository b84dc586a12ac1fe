/** Text in header fields, as mail programs show it: by the letter of RFC 2047, and where they are more generous than it. */
import { isAscii } from 'node:buffer';
import { decodeBytes, decodeWords } from '#/codec/mime/index.ts';
import { readText, visible } from '../text/read-text.ts';

/** The value of a field: unfolded, raw letters in whatever charset read, encoded words decoded. */
export function readFieldValue(octets: Buffer): string {
  const isPlain = isAscii(octets) && !octets.includes(0x1b);
  const raw = isPlain ? octets.toString('latin1') : readText(octets, null);
  return readWords(raw.replace(/\r?\n/g, '').trim());
}

/** Departs from RFC 2047 §2: Outlook and Gmail decode words with blanks in them, and those inside of other words. */
const generous = /=\?([^?\s]{1,60})\?([bq])\?([^?]*)\?=/gi;

export function readWords(text: string): string {
  const read = text.includes('=?') ? decodeWords(text) : text;
  return visible(read.includes('=?') ? read.replace(generous, readWord) : read);
}

function readWord(all: string, charset: string, encoding: string, content: string): string {
  if (/[^\0-\xff]/.test(content)) return all;
  const octets = encoding.toLowerCase() === 'b' ? Buffer.from(content, 'base64') : quoted(content);
  return decodeBytes(octets, charset.replace(/\*.*$/, ''));
}

function quoted(content: string): Buffer {
  const text = content
    .replaceAll('_', ' ')
    .replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(text, 'latin1');
}

/** A parameter's value, which the codec read as UTF-8 or else octet by octet: raw Shift_JIS and the like are put right, words decoded. */
export function readParameter(value: string): string {
  const isRaw = /[\x80-\xff]/.test(value) ? !/[^\0-\xff]/.test(value) : value.includes('\x1b$');
  return readWords(isRaw ? readText(Buffer.from(value, 'latin1'), null) : value);
}
