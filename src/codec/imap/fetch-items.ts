/** What FETCH answers of one message, item by item (RFC 9051 §7.5.2, RFC 3501 §7.4.2, RFC 3516 §4.3, 7162, 8474, 8514, 8970). */
import type { Envelope, Part } from '#/codec/mime/index.ts';
import type { EmailId, Flag, ModSeq, ThreadId, Uid } from '#/model/index.ts';
import type { FetchItem, Section } from './command.ts';
import { formatDateTime } from './date.ts';
import { formatEnvelope } from './format-envelope.ts';
import { formatStructure } from './format-structure.ts';
import { formatAstring, formatLiteral, formatLiteral8, formatString } from './format-text.ts';

export function uid(value: Uid): string {
  return `UID ${value}`;
}

export function flags(values: readonly Flag[]): string {
  return `FLAGS (${values.join(' ')})`;
}

/** RFC 7162 §3.1.4. */
export function modSeq(value: ModSeq): string {
  return `MODSEQ (${value})`;
}

export function internalDate(atMs: number): string {
  return `INTERNALDATE ${formatDateTime(atMs)}`;
}

/** RFC 8514 §4. */
export function saveDate(atMs: number): string {
  return `SAVEDATE ${formatDateTime(atMs)}`;
}

export function size(bytes: number): string {
  return `RFC822.SIZE ${bytes}`;
}

/** RFC 8474 §5.1. */
export function emailId(id: EmailId): string {
  return `EMAILID (${id})`;
}

/** RFC 8474 §5.2. */
export function threadId(id: ThreadId): string {
  return `THREADID (${id})`;
}

/** RFC 8970 §3.2. */
export function preview(text: string, utf8: boolean): string {
  return `PREVIEW ${formatString(text, utf8)}`;
}

export function envelope(value: Envelope, utf8: boolean): string {
  return `ENVELOPE ${formatEnvelope(value, utf8)}`;
}

export function bodyStructure(structure: Part, utf8: boolean): string {
  return `BODYSTRUCTURE ${formatStructure(structure, true, utf8)}`;
}

export function body(structure: Part, utf8: boolean): string {
  return `BODY ${formatStructure(structure, false, utf8)}`;
}

/** RFC 3516 §4.3. */
export function binarySize(part: readonly number[], bytes: number): string {
  return `BINARY.SIZE[${part.join('.')}] ${bytes}`;
}

/** What asks for octets of a message. */
export type OctetsItem = Extract<FetchItem, { readonly kind: 'section' | 'binary' }>;

/**
 * What stands before the `bytes` octets that answer this item; they follow as they are. `any`: NUL may be among them, which BINARY
 * alone may answer (RFC 3516 §4.3).
 */
export function octets(item: OctetsItem, bytes: number, utf8: boolean, any = false): string {
  return `${nameOf(item, utf8)} ${any ? formatLiteral8(bytes) : formatLiteral(bytes)}`;
}

/** There is no such part. */
export function nil(item: OctetsItem, utf8: boolean): string {
  return `${nameOf(item, utf8)} NIL`;
}

/** The answer repeats the question, without PEEK and the number of octets that were asked for (RFC 9051 §7.5.2). */
function nameOf(item: OctetsItem, utf8: boolean): string {
  const known = (utf8 ? NAMES_UTF8 : NAMES).get(item);
  if (known !== undefined) return known;
  const name = madeName(item, utf8);
  (utf8 ? NAMES_UTF8 : NAMES).set(item, name);
  return name;
}

/** One item is answered for thousands of messages. */
const NAMES = new WeakMap<OctetsItem, string>();
const NAMES_UTF8 = new WeakMap<OctetsItem, string>();

function madeName(item: OctetsItem, utf8: boolean): string {
  const origin = item.partial === null ? '' : `<${item.partial.from}>`;
  if (item.kind === 'binary') return `BINARY[${item.part.join('.')}]${origin}`;
  return item.answeredAs === 'BODY' ? `BODY[${formatSection(item.section, utf8)}]${origin}` : item.answeredAs;
}

const words: Readonly<Record<Section['of'], string>> = {
  all: '',
  header: 'HEADER',
  fields: 'HEADER.FIELDS',
  'fields-not': 'HEADER.FIELDS.NOT',
  text: 'TEXT',
  mime: 'MIME',
};

function formatSection(section: Section, utf8: boolean): string {
  const { part, of, names } = section;
  const place = [part.join('.'), words[of]].filter((word) => word !== '').join('.');
  return names.length === 0 ? place : `${place} (${names.map((name) => formatAstring(name, utf8)).join(' ')})`;
}
