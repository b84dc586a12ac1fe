/**
 * Signatures put into a mail: into each of its readings (HTML, plain text) at the place where its newest text ends, and pictures beside the HTML. What
 * leaves is the mail as it was, but for these places.
 *
 * What must never happen: a signature that is there twice; a mail that is signed, encrypted, a calendar item, a report or automatic, changed; a throw
 * for what a mail holds.
 */
import { createHash } from 'node:crypto';
import {
  type Edit,
  edited,
  hasPlainMarks,
  insertText,
  type Part,
  parameterOf,
  readStructure,
  type Structure,
  type TextOfPart,
  textOfPart,
} from '#/codec/mime/index.ts';
import type { MadeSignature, Wording } from '#/model/index.ts';
import { type BodyPart, bodyParts, untouchable } from './body-parts.ts';
import { newestOfHtml } from './newest-html.ts';
import { newestOfText } from './newest-text.ts';
import { pictureId } from './picture-id.ts';
import { withPictures } from './pictures.ts';
import type { Place } from './rule.ts';

export type Signed =
  | { readonly kind: 'signed'; readonly chunks: readonly Buffer[] }
  /** Why, as the end of a sentence. */
  | { readonly kind: 'unchanged'; readonly why: Wording };

/** Stands in the signature, so that it is known again. */
const MARK = 'data-holdfast-signature';

/** A mail that was read once: what rules ask of it, and what becomes of it. */
export interface ReadLetter {
  /** Why it leaves as it is, whatever the rules say; null where it may get a signature. */
  readonly untouched: Wording | null;
  /** What its author wrote, without what is quoted; empty where it has no text. */
  readonly newest: string;
  sign(signatures: readonly MadeSignature[]): Signed;
}

export function readLetter(content: Buffer): ReadLetter {
  const structure = readStructure(content);
  const bodies = bodyParts(structure.root);
  const untouched = untouchable(content, structure) ?? (bodies.length === 0 ? NO_TEXT : null);
  const read = bodies.map((body) => readBody(content, body));
  return {
    untouched,
    newest: read.find((one) => one !== null)?.newest.text ?? '',
    sign(signatures) {
      if (untouched !== null) return { kind: 'unchanged', why: untouched };
      if (!read.every((one) => one !== null)) return { kind: 'unchanged', why: STRANGE };
      const missing = signatures.filter((one) => !read.some((body) => isThere(body, one)));
      return missing.length === 0
        ? { kind: 'unchanged', why: THERE }
        : withSignatures(content, structure, read, missing);
    },
  };
}

export function signMail(content: Buffer, signatures: readonly MadeSignature[]): Signed {
  return readLetter(content).sign(signatures);
}

function withSignatures(
  content: Buffer,
  structure: Structure,
  read: readonly ReadBody[],
  signatures: readonly MadeSignature[],
): Signed {
  const pictured = withPictures(content, structure, bodyParts(structure.root), signatures);
  const source = pictured ?? content;
  const bodies = pictured === null ? read : bodyParts(readStructure(source).root).map((body) => readBody(source, body));
  const edits: Edit[] = [];
  for (const body of bodies) {
    const made = body === null ? null : editsOf(source, body, signatures);
    if (made === null) return { kind: 'unchanged', why: STRANGE };
    edits.push(...made);
  }
  return { kind: 'signed', chunks: edited(source, edits) };
}

interface ReadBody {
  readonly kind: BodyPart['kind'];
  readonly part: Part;
  readonly said: TextOfPart;
  readonly newest: { readonly end: number | null; readonly text: string };
  readonly first: number;
  readonly last: number;
}

/** Null where its letters can't be told from its marks. */
function readBody(source: Buffer, { part, kind }: BodyPart): ReadBody | null {
  const said = textOfPart(source, part);
  if (said === null || !hasPlainMarks(said.charset)) return null;
  const { octets, charset } = said;
  if (kind === 'text')
    return { kind, part, said, newest: newestOfText(octets, charset), first: 0, last: octets.length };
  const { first, last, ...newest } = newestOfHtml(octets, charset);
  return { kind, part, said, newest, first, last };
}

/** All that goes into one reading, one text a place. Null where it can't be put there. */
function editsOf(source: Buffer, body: ReadBody, signatures: readonly MadeSignature[]): readonly Edit[] | null {
  let mail = source;
  const byPlace = Map.groupBy(signatures, ({ place }) => placeOf(body, place));
  if (byPlace.size === 1) {
    const [[at, all] = [0, signatures]] = byPlace;
    return insertText(mail, body.part, body.said, at, wordsFor(body, all, at));
  }
  // Places of one part are far from each other: put one after the other from its end, and the part is written once.
  const ordered = [...byPlace].toSorted(([a], [b]) => b - a);
  let { part: now, said } = body;
  for (const [at, all] of ordered) {
    const edits = insertText(mail, now, said, at, wordsFor(body, all, at));
    if (edits === null) return null;
    mail = Buffer.concat(edited(mail, edits));
    const path = pathOf(readStructure(source).root, body.part);
    now = partAt(readStructure(mail).root, path) ?? now;
    said = textOfPart(mail, now) ?? said;
  }
  return [{ from: body.part.head, to: body.part.end, by: mail.subarray(now.head, now.end) }];
}

function pathOf(root: Part, part: Part): readonly number[] {
  const walk = (one: Part): readonly number[] | null => {
    if (one.head === part.head && one.body === part.body) return [];
    for (const [i, child] of one.parts.entries()) {
      const found = walk(child);
      if (found !== null) return [i, ...found];
    }
    return null;
  };
  return walk(root) ?? [];
}

function partAt(root: Part, path: readonly number[]): Part | undefined {
  return path.reduce<Part | undefined>((part, i) => part?.parts[i], root);
}

function placeOf({ newest, first, last }: ReadBody, place: Place): number {
  if (place === 'above') return first;
  return place === 'end' ? last : (newest.end ?? last);
}

function wordsFor(body: ReadBody, signatures: readonly MadeSignature[], at: number): string {
  return body.kind === 'html' ? htmlFor(body, signatures) : textFor(body, signatures, at);
}

/** Letters that the part may not have as they are become references, so no part changes its charset for them. */
function htmlFor({ said, part }: ReadBody, signatures: readonly MadeSignature[]): string {
  const blocks = signatures.map(
    (one) => `<div ${MARK}="${keyOf(one)}" style="margin:1em 0 0 0">${pictureIds(one)}</div>`,
  );
  const html = `\r\n${blocks.join('\r\n').replace(/\r?\n/g, '\r\n')}\r\n`;
  const mayBeRaw = said.charset === 'utf-8' && !/^7-?bit$|^$/i.test(part.encoding);
  const plain = mayBeRaw
    ? html
    : html.replace(/[\u0080-\u{10ffff}]/gu, (letter) => `&#${letter.codePointAt(0) ?? 0xfffd};`);
  return shortLines(plain);
}

const LINE_CHARS = 900;

/** A line end may stand between the attributes of an element. */
function shortLines(html: string): string {
  return html
    .split('\r\n')
    .map((line) => (line.length > LINE_CHARS ? line.replace(/ (?=[a-z-]+=["'])/g, '\r\n') : line))
    .join('\r\n');
}

function pictureIds(signature: MadeSignature): string {
  return signature.html.replace(
    /(\bsrc\s*=\s*["']?cid:)([a-z][a-z0-9-]{0,31})(?=["'\s>])/gi,
    (whole, before: string, name: string) => {
      const image = signature.images.find((one) => one.name === name);
      return image === undefined ? whole : `${before}${pictureId(image)}`;
    },
  );
}

/** With an empty line around it. */
function textFor({ said, part }: ReadBody, signatures: readonly MadeSignature[], at: number): string {
  const isFlowed = parameterOf(part.parameters, 'format')?.toLowerCase() === 'flowed';
  const lines = signatures.flatMap(({ text }, i) => [...(i === 0 ? [] : ['']), ...text.split(/\r?\n/)]);
  const shown = lines.map((line) => (isFlowed ? stuffed(line) : line)).join('\r\n');
  const before = said.octets.toString('latin1', Math.max(0, at - 4), at);
  const lead = at === 0 || /\n\r?\n$/.test(before) ? '' : before.endsWith('\n') ? '\r\n' : '\r\n\r\n';
  return `${lead}${shown}\r\n${at < said.octets.length ? '\r\n' : ''}`;
}

/** RFC 3676 §4.2, §4.4: no line flows on by a blank at its end, and what begins like a quote is stuffed. */
function stuffed(line: string): string {
  const fixed = line === '-- ' ? line : line.trimEnd();
  return /^(?: |>|From )/.test(fixed) ? ` ${fixed}` : fixed;
}

function isThere({ said, newest, kind, last }: ReadBody, signature: MadeSignature): boolean {
  const end = newest.end ?? last;
  if (kind === 'html' && said.octets.subarray(0, end).includes(`${MARK}="${keyOf(signature)}"`)) return true;
  const wanted = squeezed(signature.text);
  return wanted.length >= TEXT_CHARS_LEAST && squeezed(newest.text).includes(wanted);
}

/** Fewer letters may stand in a mail by chance. */
const TEXT_CHARS_LEAST = 8;

function squeezed(text: string): string {
  return text.normalize('NFKC').replace(/[\s\u200b\ufeff]+/g, '');
}

/** Of a signature's words, whoever reads them. */
function keyOf({ rule, text }: MadeSignature): string {
  return createHash('sha256').update(`${rule}\n${text}`).digest('hex').slice(0, 16);
}

const NO_TEXT: Wording = { en: 'it has no text of its own', ja: '本文がないため' };
const STRANGE: Wording = {
  en: 'its text is in an encoding that can’t be changed without harm',
  ja: '安全に変更できない文字コードのため',
};
const THERE: Wording = { en: 'its newest text has this signature already', ja: '最新の本文に同じ署名がすでにあるため' };
