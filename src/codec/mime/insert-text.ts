/**
 * Text put into one text part of a message, at a place in what the part says once its transfer encoding is taken off. All other octets come out as they
 * stood: lines of quoted-printable are cut in two by a soft break, base64 is written anew in lines of the same octets, and the part's own fields
 * change only where the text can't be said in its charset or its encoding.
 *
 * What must never happen: a letter of the part that comes out otherwise; a line longer than SMTP takes (RFC 5321 §4.5.3.1.6); 8 bit where the part
 * said 7.
 */
import { isUtf8 } from 'node:buffer';
import { Base64Lines } from './base64-lines.ts';
import { decodeBytes } from './charset.ts';
import type { Edit } from './edits.ts';
import { encodeText } from './encode-text.ts';
import { readHead } from './head.ts';
import type { Part } from './message.ts';
import { parameterOf } from './parameters.ts';
import { encodeQuotedPrintable, placeInQuotedPrintable } from './quoted-printable.ts';
import { decodeBody, isIdentity } from './transfer.ts';

/** RFC 5321 §4.5.3.1.6: 1,000 with its CRLF. */
const LINE_OCTETS_MAX = 998;

/** What a part says, without its transfer encoding. */
export interface TextOfPart {
  readonly octets: Buffer;
  readonly charset: string;
}

/** Null where nobody knows its encoding. */
export function textOfPart(source: Buffer, part: Part): TextOfPart | null {
  const decoded = decodeBody(part.encoding, source.subarray(part.body, part.end));
  if (decoded === null) return null;
  const octets = Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength);
  const said = (parameterOf(part.parameters, 'charset') ?? 'us-ascii').trim().toLowerCase();
  return { octets, charset: said === 'us-ascii' || said === '' ? unsaidCharset(octets) : said };
}

/** Programs forget to name the charset: UTF-8 and ISO-2022-JP are known by their octets; of others nothing is certain. */
function unsaidCharset(octets: Buffer): string {
  if (!isSevenBit(octets)) return isUtf8(octets) ? 'utf-8' : UNKNOWN;
  return octets.includes('\x1b$') ? 'iso-2022-jp' : 'us-ascii';
}

const UNKNOWN = 'unknown-8bit';

/** Edits that put `text`, whose line ends are CRLF, in front of the octet `at` of `octets`. Null where it can't be said there. */
export function insertText(
  source: Buffer,
  part: Part,
  { octets, charset }: TextOfPart,
  at: number,
  text: string,
): readonly Edit[] | null {
  const said = encodeText(text, charset);
  if (said === null) return raised(source, part, { octets, charset }, at, text);
  if (isIdentity(part.encoding)) {
    const may8 = !/^7-?bit$|^$/i.test(part.encoding) || isSevenBit(said);
    if (!may8 || hasLongLine(octets, at, said)) return rewritten(source, part, joined(octets, at, said), charset);
    return [{ from: part.body + at, to: part.body + at, by: said }];
  }
  const by = part.encoding === 'base64' ? null : quotedEdit(source, part, at, said);
  return [by ?? { from: part.body, to: part.end, by: written(part.encoding, joined(octets, at, said), source, part) }];
}

/** Soft breaks around it keep what stands before and behind it on lines that are not too long (RFC 2045 §6.7, rule 5). */
function quotedEdit(source: Buffer, part: Part, at: number, said: Buffer): Edit | null {
  const body = source.subarray(part.body, part.end);
  const place = placeInQuotedPrintable(body, at, (octets) => decodeBody('quoted-printable', octets) ?? octets);
  if (place === null) return null;
  const isLineStart = place === 0 || body[place - 1] === 0x0a;
  const isEnd = place === body.length;
  const endsLine = said.at(-1) === 0x0a;
  const text = encodeQuotedPrintable(said).toString('latin1');
  const by = `${isLineStart ? '' : '=\r\n'}${text}${isEnd || endsLine ? '' : '=\r\n'}`;
  return { from: part.body + place, to: part.body + place, by: Buffer.from(by, 'latin1') };
}

/** UTF-8, for letters that the charset of the part has not. Null where what the part says can't be read for certain. */
function raised(
  source: Buffer,
  part: Part,
  { octets, charset }: TextOfPart,
  at: number,
  text: string,
): readonly Edit[] | null {
  const [before, behind] = [octets.subarray(0, at), octets.subarray(at)].map((some) => decodeBytes(some, charset));
  if (charset === UNKNOWN || before === undefined || behind === undefined || `${before}${behind}`.includes('\ufffd'))
    return null;
  return rewritten(source, part, Buffer.from(before + text + behind), 'utf-8');
}

/** The part in an encoding that takes anything, and its fields that say so. */
function rewritten(source: Buffer, part: Part, octets: Buffer, charset: string): readonly Edit[] {
  const encoding = part.encoding === 'base64' ? 'base64' : 'quoted-printable';
  const by = written(encoding, octets, source, part);
  return [...fieldEdits(source, part, charset, encoding), { from: part.body, to: part.end, by }];
}

function written(encoding: string, octets: Buffer, source: Buffer, part: Part): Buffer {
  if (encoding === 'quoted-printable') return encodeQuotedPrintable(octets);
  const lines = new Base64Lines();
  const endsLine = source[part.end - 1] === 0x0a;
  return Buffer.concat([lines.push(octets), lines.end(), Buffer.from(endsLine ? '\r\n' : '')]);
}

/** `charset=` alone changes in Content-Type; Content-Transfer-Encoding is the part's or stands behind it. */
function fieldEdits(source: Buffer, part: Part, charset: string, encoding: string): readonly Edit[] {
  const head = readHead(source, part.head, (lineFrom) => lineFrom >= part.body);
  const edits: Edit[] = [];
  const end = head.fields.at(-1)?.to ?? part.head;
  const type = head.fields.find(({ name }) => name === 'content-type');
  if (type === undefined) {
    edits.push(put(end, `Content-Type: ${part.type}/${part.subtype}; charset=${charset}\r\n`));
  } else {
    const value = source.toString('latin1', type.valueFrom, type.to);
    const now = /;\s*charset\s*=/i.test(value)
      ? value.replace(/(;\s*charset\s*=\s*)(?:"[^"]*"|[^\s;]+)/i, (_, name: string) => `${name}${charset}`)
      : value.replace(/^([^;\r\n]*[^;\r\n\s])/, (kind) => `${kind}; charset=${charset}`);
    if (now !== value) edits.push({ from: type.valueFrom, to: type.to, by: Buffer.from(now, 'latin1') });
  }
  const transfer = head.fields.find(({ name }) => name === 'content-transfer-encoding');
  if (transfer === undefined) edits.push(put(type?.to ?? end, `Content-Transfer-Encoding: ${encoding}\r\n`));
  else if (encoding !== part.encoding)
    edits.push({ from: transfer.valueFrom, to: transfer.to, by: Buffer.from(` ${encoding}\r\n`) });
  return edits;
}

function put(at: number, text: string): Edit {
  return { from: at, to: at, by: Buffer.from(text, 'latin1') };
}

function joined(octets: Buffer, at: number, said: Buffer): Buffer {
  return Buffer.concat([octets.subarray(0, at), said, octets.subarray(at)]);
}

function hasLongLine(octets: Buffer, at: number, said: Buffer): boolean {
  const lineFrom = octets.lastIndexOf(0x0a, Math.max(at - 1, 0)) + 1;
  const lineEnd = octets.indexOf(0x0a, at);
  const [first = '', ...lines] = said.toString('latin1').split('\n');
  const before = at - (at === 0 ? 0 : lineFrom) + first.length;
  const behind = (lineEnd < 0 ? octets.length : lineEnd) - at + (lines.at(-1)?.length ?? before);
  return [before, behind, ...lines.map(({ length }) => length)].some((length) => length > LINE_OCTETS_MAX);
}

function isSevenBit(octets: Uint8Array): boolean {
  return octets.every((octet) => octet < 0x80);
}
