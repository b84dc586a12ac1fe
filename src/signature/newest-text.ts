/**
 * Where the newest text of a plain-text mail ends: in front of what it answers to or forwards. Octets are looked at line by line, so a place is the
 * begin of a line, whatever the charset.
 */
import { decodeBytes, marksOf } from '#/codec/mime/index.ts';
import { beginsAttribution, isAttribution, isBareRule, isQuotedHeader, isQuoteRule } from './quote-words.ts';

/** What was written last, and where a signature belongs. */
export interface Newest {
  /** Octet behind the newest text; null where nothing is quoted, or the newest text stands below or among what is. */
  readonly end: number | null;
  /** What people read of the newest text. */
  readonly text: string;
}

interface Line {
  readonly at: number;
  readonly text: string;
}

/** More lines are not looked at: a text of so many is a log or a list. */
const LINES_MAX = 5_000;
const HEADER_LINES = 8;

export function newestOfText(octets: Buffer, charset: string): Newest {
  const lines = linesOf(octets, charset);
  const cut = cutOf(lines);
  if (cut === null) return { end: null, text: unquoted(lines) };
  return { end: lines[cut]?.at ?? null, text: unquoted(lines.slice(0, cut)) };
}

function linesOf(octets: Buffer, charset: string): readonly Line[] {
  const marks = marksOf(octets, charset);
  const lines: Line[] = [];
  for (let at = 0; at < marks.length && lines.length < LINES_MAX; ) {
    const feed = marks.indexOf('\n', at);
    const end = feed < 0 ? marks.length : feed;
    lines.push({ at, text: decodeBytes(octets.subarray(at, end), charset).replace(/\r$/, '') });
    at = end + 1;
  }
  return lines;
}

function unquoted(lines: readonly Line[]): string {
  return lines
    .filter(({ text }) => !isQuoted(text))
    .map(({ text }) => text)
    .join('\n');
}

/** The line in front of which the newest text ends. */
function cutOf(lines: readonly Line[]): number | null {
  for (const [i, { text }] of lines.entries()) {
    if (isQuoteRule(text)) return withRule(lines, i);
    if (isQuotedHeader(text, textsBehind(lines, i, HEADER_LINES))) return withRule(lines, i);
    if (isQuoted(text)) return aboveQuote(lines, i);
  }
  return null;
}

/** Quoted by `>`: above it, with the line that says whose it is; nowhere, where something new stands behind it. */
function aboveQuote(lines: readonly Line[], first: number): number | null {
  let isNewBehind = false;
  for (const [i, { text }] of lines.entries()) {
    if (i <= first || isQuoted(text) || isBlank(text)) continue;
    if (isQuoteRule(text) || isQuotedHeader(text, textsBehind(lines, i, HEADER_LINES))) break;
    // An answer wraps its attribution, or quotes another one.
    if (isAttribution(text) && lines.slice(i + 1, i + 4).some((one) => isQuoted(one.text))) continue;
    if (/^-- ?$/.test(text)) break;
    isNewBehind = true;
    break;
  }
  if (isNewBehind) return null;
  return withAttribution(lines, first);
}

/** The line above a quotation that says whose it is, and the one before it where it was too long for one. */
function withAttribution(lines: readonly Line[], quote: number): number {
  const last = lines.findLastIndex(({ text }, i) => i < quote && !isBlank(text));
  const [text = '', before = ''] = [lines[last]?.text, lines[last - 1]?.text];
  if (quote - last > 3 || !isAttribution(text)) return quote;
  const isWrapped = !beginsAttribution(text) && beginsAttribution(before);
  return isWrapped ? last - 1 : last;
}

/** With a rule above it, which belongs to it. */
function withRule(lines: readonly Line[], at: number): number {
  for (let i = at - 1; i >= 0 && at - i <= 2; i--) {
    const text = lines[i]?.text ?? '';
    if (isBareRule(text)) return i;
    if (!isBlank(text)) break;
  }
  return at;
}

function textsBehind(lines: readonly Line[], at: number, count: number): readonly string[] {
  return lines.slice(at + 1, at + 1 + count).map(({ text }) => text);
}

function isQuoted(text: string): boolean {
  return /^[ \t]?[>＞|](?!\S*@)/.test(text);
}

function isBlank(text: string): boolean {
  return text.trim() === '';
}
