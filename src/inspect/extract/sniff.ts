/**
 * What octets are, whatever their name and label say. Marks that we read by come first; `file-type` knows the hundreds of others; what has none
 * is text of some kind, or nothing that we know.
 */
import { isUtf8 } from 'node:buffer';
import { fileTypeFromBuffer } from 'file-type';
import { isCms } from './mail/cms.ts';
import { guessCharset, guessWide } from './text/guess-charset.ts';

export interface Sniffed {
  readonly octets: Buffer;
  readonly name: string;
  readonly declaredType: string;
}

export async function trueTypeOf({ octets, name, declaredType }: Sniffed): Promise<string | null> {
  if (octets.length === 0) return null;
  const marked = markedType(octets);
  if (marked !== null) return marked;
  if (declaredType.startsWith('message/') && isMail(octets.toString('latin1', 0, 2048), name, declaredType))
    return 'message/rfc822';
  const isText = looksLikeText(octets);
  // Most of all mail: nothing but a body of text.
  if (isText && (declaredType === 'text/plain' || declaredType === 'text/html'))
    return textType(octets, name, declaredType);
  const known = await knownType(octets);
  if (known !== null) return known;
  return isText ? textType(octets, name, declaredType) : null;
}

/** Types with a reader of ours, by their first octets. */
const marks: readonly (readonly [mark: string, at: number, type: string])[] = [
  ['PK\x03\x04', 0, 'application/zip'],
  ['PK\x05\x06', 0, 'application/zip'],
  ['PK00PK\x03\x04', 0, 'application/zip'],
  ['\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 0, 'application/x-cfb'],
  ['{\\rt', 0, 'application/rtf'],
  ['\x1f\x8b', 0, 'application/gzip'],
  ['7z\xbc\xaf\x27\x1c', 0, 'application/x-7z-compressed'],
  ['Rar!\x1a\x07', 0, 'application/x-rar-compressed'],
  ['ustar', 257, 'application/x-tar'],
  ['\x78\x9f\x3e\x22', 0, 'application/vnd.ms-tnef'],
  ['-----BEGIN PGP MESSAGE-----', 0, 'application/pgp-encrypted'],
  ['CD001', 32_769, 'application/x-iso9660-image'],
  ['MSCF', 0, 'application/vnd.ms-cab-compressed'],
  ['`\xea', 0, 'application/x-arj'],
  ['\x1f\x9d', 0, 'application/x-compress'],
  ['\x89PNG', 0, 'image/png'],
  ['\xff\xd8\xff', 0, 'image/jpeg'],
  ['GIF8', 0, 'image/gif'],
];

function markedType(octets: Buffer): string | null {
  const found = marks.find(([mark, at]) => startsAt(octets, mark, at));
  if (found !== undefined) return found[2];
  if (isCms(octets)) return 'application/pkcs7-mime';
  // Readers of PDF take the mark anywhere in the first kilobyte.
  const head = octets.toString('latin1', 0, 1024);
  if (head.includes('%PDF-')) return 'application/pdf';
  // LZH, which Japanese offices still meet: `-lh5-` behind two octets.
  return /^..-l[hz][\dds]-/s.test(head) ? 'application/x-lzh-compressed' : null;
}

function startsAt(octets: Buffer, mark: string, at: number): boolean {
  if (octets.length < at + mark.length) return false;
  for (let i = 0; i < mark.length; i++) if (octets[at + i] !== mark.charCodeAt(i)) return false;
  return true;
}

/** The detector reads what anyone wrote; where it fails, nothing is known. */
async function knownType(octets: Buffer): Promise<string | null> {
  try {
    return (await fileTypeFromBuffer(octets))?.mime ?? null;
  } catch {
    return null;
  }
}

const sampleBytes = 8192;

/** Few octets that no text has, or letters of two octets. */
export function looksLikeText(octets: Buffer): boolean {
  const sample = octets.subarray(0, sampleBytes);
  let odd = 0;
  let high = 0;
  for (const octet of sample) {
    if (octet >= 0x80) high += 1;
    else if (octet < 0x20 && octet !== 0x0a && octet !== 0x0d && octet !== 0x09 && octet !== 0x0c && octet !== 0x1b)
      odd += 1;
  }
  if (odd === 0 && high === 0) return true;
  if (startsAt(octets, '\xff\xfe', 0) || startsAt(octets, '\xfe\xff', 0)) return true;
  if (odd > sample.length / 100) return guessWide(sample) !== null && odd < sample.length * 0.6;
  return high < sample.length / 20 || isUtf8(octets) || guessCharset(octets) !== null;
}

function textType(octets: Buffer, name: string, declaredType: string): string {
  const head = octets.toString('latin1', 0, 2048).replace(/\0/g, '');
  const begin = head.replace(/^\s*(?:\xef\xbb\xbf|\xff\xfe|\xfe\xff)?\s*/, '');
  if (/^<(?:!doctype\s+html|html|head|body|meta|script|table|iframe|!--)/i.test(begin)) return 'text/html';
  if (declaredType === 'text/html' || /\.(?:html?|xhtml|shtml)$/i.test(name)) return 'text/html';
  if (/^<\?xml[\s?]/i.test(begin) || /\.(?:xml|svg)$/i.test(name))
    return /<html[\s>]/i.test(head) ? 'text/html' : 'application/xml';
  if (isMail(head, name, declaredType)) return 'message/rfc822';
  if (begin.startsWith('-----BEGIN PKCS7-----')) return 'application/pkcs7-mime';
  if (/^BEGIN:VCARD/i.test(begin)) return 'text/vcard';
  if (/^BEGIN:VCALENDAR/i.test(begin)) return 'text/calendar';
  if (/\.(?:csv|tsv)$/i.test(name) || declaredType === 'text/csv') return 'text/csv';
  return isTable(begin) && declaredType !== 'text/plain' ? 'text/csv' : 'text/plain';
}

/** Two or more fields that mails begin with, before anything that is none. */
function isMail(head: string, name: string, declaredType: string): boolean {
  const lines = head.replace(/^From [^\n]*\n/, '').split(/\r?\n/);
  const end = lines.findIndex((line) => !/^(?:[!-9;-~]+[ \t]*:|[ \t])/.test(line));
  const fields = end < 0 ? lines : lines.slice(0, end);
  const usual = fields.filter((line) =>
    /^(?:received|return-path|message-id|mime-version|from|to|subject|date|content-type|delivered-to|content-[\w-]+|x-[\w-]+)\s*:/i.test(
      line,
    ),
  );
  const least = /\.(?:eml|mht|mhtml|nws)$/i.test(name) || declaredType.startsWith('message/') ? 1 : 3;
  return usual.length >= least;
}

/** The first lines have as many separators as each other, two at least. */
function isTable(begin: string): boolean {
  const lines = begin.split(/\r?\n/).slice(0, 6).slice(0, -1);
  if (lines.length < 2) return false;
  return [',', '\t', ';'].some((separator) => {
    const counts = lines.map((line) => line.split(separator).length);
    return (counts[0] ?? 0) > 2 && counts.every((count) => count === counts[0]);
  });
}
