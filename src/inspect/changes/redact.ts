/**
 * What detectors find in subject and texts is blacked out: each letter and digit gives way to an asterisk, blanks and hyphens between them stay.
 * Charset and transfer encoding of a part stay what they are. Texts in which nothing is found come out octet for octet.
 *
 * What must never happen: a text that could not be read and passes for one without a finding. `inspect/inspector.ts` reads the outcome again, as
 * it reads any mail, before anybody relies on it.
 */
import {
  decodeBody,
  decodeText,
  decodeWords,
  type Edit,
  encodeWords,
  isIdentity,
  type Part,
  parameterOf,
  type Structure,
} from '#/codec/mime/index.ts';
import { Impossible, LOCKED, SIGNED, TOO_LONG, UNREADABLE } from './impossible.ts';
import { isLocked, isSealed, type PlacedPart } from './parts.ts';
import { asItStands, folded, type PlacedText, placedOctets, seenText } from './placed-text.ts';
import { spansIn } from './spans.ts';

export interface RedactedMail {
  readonly head: Structure['head'];
  readonly parts: readonly PlacedPart[];
  /** Paths of parts that are taken out anyway. */
  readonly gone: ReadonlySet<string>;
  readonly detectors: ReadonlySet<string>;
}

/** A piece of the mail that is read as one text, in the ways in which people and programs read it. */
interface Reading {
  readonly views: readonly PlacedText[];
  /** Edits for these characters of the text. */
  black(chars: ReadonlySet<number>): readonly Edit[];
}

const LETTER = /[\p{L}\p{N}]/u;
/**
 * Octets of all texts together. They are searched in one stretch, in the process that delivers too, which others wait for: a text full of card
 * numbers takes half a second at this size, and one of megabytes would end the process again at each attempt (M4).
 */
const TEXT_BYTES_MAX = 128 * 1024;
const ASTERISK = 0x2a;
/** Charsets in which an asterisk is not one octet wherever a letter may stand. */
const UNSAFE = /^(?:utf-?(?:7|16|32)|ucs|unicode|hz|iso-2022-(?:kr|cn)|x-user|iso-10646)/;
const SEALED_TEXT = /^-----BEGIN PGP (?:SIGNED )?MESSAGE-----/m;

/** Edits that black out what these detectors find. */
export function redacted(mail: Buffer, { head, parts, gone, detectors }: RedactedMail): readonly Edit[] {
  const kept = parts.filter(({ path }) => !isGone(path, gone));
  if (kept.some(({ part, around }) => [...around, part].some(isLocked))) throw new Impossible(LOCKED);
  const texts = kept.filter(({ part }) => part.type === 'text' && part.parts.length === 0);
  if (texts.reduce((bytes, { part }) => bytes + part.end - part.body, 0) > TEXT_BYTES_MAX)
    throw new Impossible(TOO_LONG);
  const readings = [...subjects(head), ...texts.map((placed) => partReading(mail, placed))];
  const views = readings.flatMap((reading) => reading.views.map((view) => ({ reading, view: folded(view) })));
  const found = new Map<Reading, Set<number>>();
  for (const { view, from, to } of spansIn(
    views.map(({ view }) => view.text),
    detectors,
  )) {
    const seen = views[view];
    if (seen === undefined) continue;
    const chars = found.getOrInsertComputed(seen.reading, () => new Set());
    for (let i = from; i < to; i++) {
      if (!LETTER.test(seen.view.text[i] ?? '')) continue;
      for (let char = seen.view.from[i] ?? 0; char < (seen.view.to[i] ?? 0); char++) chars.add(char);
    }
  }
  return [...found].flatMap(([reading, chars]) => reading.black(chars));
}

function isGone(path: string, gone: ReadonlySet<string>): boolean {
  return [...gone].some((one) => path === one || path.startsWith(`${one}.`));
}

// ── subjects ──

function subjects(head: Structure['head']): readonly Reading[] {
  return head.fields
    .filter(({ name }) => name === 'subject')
    .map(({ valueFrom, to }) => {
      const raw = head.source.toString('utf8', valueFrom, to).replace(/\r?\n/g, '').trim();
      const text = decodeWords(raw.includes('\x1b$') ? decodeText(JAPANESE, Buffer.from(raw)) : raw);
      return {
        views: [asItStands(text)],
        black: (chars) => [{ from: valueFrom, to, by: Buffer.from(` ${encodeWords(starred(text, chars))}\r\n`) }],
      };
    });
}

const JAPANESE = {
  type: 'text',
  subtype: 'plain',
  parameters: [['charset', 'iso-2022-jp']],
  encoding: '7bit',
} as const;

function starred(text: string, chars: ReadonlySet<number>): string {
  return Array.from({ length: text.length }, (_, i) => (chars.has(i) ? '*' : (text[i] ?? ''))).join('');
}

// ── parts ──

function partReading(mail: Buffer, placed: PlacedPart): Reading {
  const { part } = placed;
  const raw = mail.subarray(part.body, part.end);
  const decoded = decodeBody(part.encoding, raw);
  if (decoded === null) throw new Impossible(UNREADABLE);
  const octets = Buffer.from(decoded.buffer, decoded.byteOffset, decoded.byteLength);
  const text = decodeText(part, octets);
  const charset = charsetOf(part, octets);
  const isHtml = /^(?:x?html|enriched|richtext)$/.test(part.subtype);
  // Nothing is placed before something is found: most texts have nothing.
  const source = asItStands(decodeText({ ...part, encoding: '8bit' }, octets));
  const seen = isHtml ? [seenText(source.text)] : [];
  const black = (chars: ReadonlySet<number>): readonly Edit[] => {
    if (isSealed(placed) || SEALED_TEXT.test(text)) throw new Impossible(SIGNED);
    if (UNSAFE.test(charset)) throw new Impossible(UNREADABLE);
    const changed = blackened(octets, charset, source.text, chars);
    return [{ from: part.body, to: part.end, by: encodedAs(part, raw, changed) }];
  };
  return { views: [source, ...seen], black };
}

/** RFC 2046 §4.1.2, and as the codec reads what says nothing. */
function charsetOf(part: Part, octets: Buffer): string {
  const named = (parameterOf(part.parameters, 'charset') ?? '').trim().toLowerCase();
  if (named !== '' && named !== 'us-ascii' && named !== 'ascii') return named;
  return octets.includes('\x1b$') ? 'iso-2022-jp' : 'unknown-8bit';
}

function blackened(octets: Buffer, charset: string, text: string, chars: ReadonlySet<number>): Buffer {
  const placed = placedOctets(octets, charset);
  if (placed.text !== text) throw new Impossible(UNREADABLE);
  const isEscaped = charset.startsWith('iso-2022');
  const out: Buffer[] = [];
  let at = 0;
  for (const char of [...chars].sort((a, b) => a - b)) {
    const [from = 0, to = 0] = [placed.from[char], placed.to[char]];
    if (to <= at) continue;
    const isWide = isEscaped && text.charCodeAt(char) > 0x7f;
    // Escapes in front of a letter stay: those behind it rely on them.
    const begin = isEscaped ? to - (isWide ? 2 : 1) : from;
    out.push(octets.subarray(at, begin), isWide ? WIDE_ASTERISK : Buffer.of(ASTERISK));
    at = to;
  }
  out.push(octets.subarray(at));
  return Buffer.concat(out);
}

/** JIS X 0208, row 1, cell 86: an asterisk of two octets. */
const WIDE_ASTERISK = Buffer.of(0x21, 0x76);

function encodedAs({ encoding }: Part, raw: Buffer, octets: Buffer): Buffer {
  if (isIdentity(encoding)) return octets;
  if (encoding === 'base64') {
    const lines = octets.toString('base64').match(/.{1,76}/g) ?? [];
    return Buffer.from(lines.join('\r\n') + (raw.at(-1) === 0x0a ? '\r\n' : ''));
  }
  return quotedPrintable(octets);
}

/** RFC 2045 §6.7: line ends stay line ends; what is not printable, and blanks in front of one, are escaped; lines of at most 76. */
function quotedPrintable(octets: Buffer): Buffer {
  const lines = octets.toString('latin1').split('\r\n').map(escapedLine);
  return Buffer.from(lines.join('\r\n'), 'latin1');
}

function escapedLine(line: string): string {
  const atoms = Array.from(line, (char, i) => {
    const code = char.charCodeAt(0);
    const isBlank = code === 0x20 || code === 0x09;
    const isPlain = isBlank ? i < line.length - 1 : code > 0x20 && code < 0x7f && code !== 0x3d;
    return isPlain ? char : `=${code.toString(16).toUpperCase().padStart(2, '0')}`;
  });
  let out = '';
  let width = 0;
  for (const atom of atoms) {
    if (width + atom.length > 75) {
      out += '=\r\n';
      width = 0;
    }
    out += atom;
    width += atom.length;
  }
  return out;
}
