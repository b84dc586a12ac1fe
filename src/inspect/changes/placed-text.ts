/**
 * Texts that know where each of their characters stands in the octets that they were read from, layer upon layer: transfer encoding, charset,
 * HTML, the form in which detectors look. So what a detector finds can be blacked out in place, and nothing else moves.
 */
import { decodeBytes } from '#/codec/mime/index.ts';
import { Impossible, UNREADABLE } from './impossible.ts';

/** `from[i]` to `to[i]` is where the i-th character (UTF-16 unit) stands in what lies below. */
export interface PlacedText {
  readonly text: string;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

class Builder {
  text = '';
  readonly from: number[] = [];
  readonly to: number[] = [];

  add(chars: string, from: number, to: number): void {
    this.text += chars;
    for (let i = 0; i < chars.length; i++) {
      this.from.push(from);
      this.to.push(to);
    }
  }
}

/** More in one run without a blank is no text that people write. */
const RUN_BYTES_MAX = 4_096;

/**
 * Characters by their octets. Read run by run, and within one by growing prefixes: so any charset that the codec reads has its places, one with
 * letters of several octets or with escapes too. Runs are cut where no letter of the charset can be cut in two.
 */
export function placedOctets(octets: Buffer, charset: string): PlacedText {
  const placed = new Builder();
  const isEscaped = /^iso-2022/i.test(charset);
  let at = 0;
  while (at < octets.length) {
    const end = runEnd(octets, at, isEscaped);
    placeRun(placed, octets.subarray(at, end), at, charset);
    at = end;
  }
  return placed;
}

/** Behind the next line feed, or the next blank or mark of HTML: octets that are no part of a letter where there are no escapes. */
function runEnd(octets: Buffer, from: number, isEscaped: boolean): number {
  for (let at = from; at < octets.length; at++) {
    const octet = octets[at];
    if (octet === 0x0a || (!isEscaped && (octet === 0x20 || octet === 0x3e))) return at + 1;
  }
  return octets.length;
}

function placeRun(placed: Builder, run: Buffer, base: number, charset: string): void {
  const isPlain = run.every((octet) => octet < 0x80 && octet !== 0x1b);
  if (isPlain) {
    for (const [i, octet] of run.entries()) placed.add(String.fromCharCode(octet), base + i, base + i + 1);
    return;
  }
  if (run.length > RUN_BYTES_MAX) throw new Impossible(UNREADABLE);
  const text = decodeBytes(run, charset);
  let chars = 0;
  let begin = 0;
  for (let end = 1; end <= run.length; end++) {
    const prefix = decodeBytes(run.subarray(0, end), charset);
    if (prefix.length <= chars || !text.startsWith(prefix)) continue;
    placed.add(prefix.slice(chars), base + begin, base + end);
    chars = prefix.length;
    begin = end;
  }
}

const TAG = /<(?:!--[\s\S]*?(?:-->|$)|[!/?a-zA-Z][^>]*(?:>|$))/y;
const ENTITY = /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));?/y;
/** Those that stand in numbers, and those that would hide one. */
const NAMED: Readonly<Record<string, string>> = {
  nbsp: ' ',
  ensp: ' ',
  emsp: ' ',
  thinsp: ' ',
  amp: '&',
  ndash: '–',
  mdash: '—',
  hyphen: '-',
  dash: '-',
  minus: '−',
  plus: '+',
  period: '.',
  commat: '@',
  colon: ':',
  equals: '=',
  lowbar: '_',
  sol: '/',
  shy: '',
  zwnj: '',
  zwj: '',
};
/** Marks inside of a line: text goes on behind them without a gap. */
const INLINE =
  /^<(?:!--|\/?(?:a|abbr|b|bdi|bdo|big|code|del|em|font|i|ins|kbd|mark|o:p|q|s|small|span|strike|strong|sub|sup|tt|u|wbr)\b)/i;

/** What people see of HTML: without its marks, entities read. Places are those in the source. */
export function seenText(source: string): PlacedText {
  const placed = new Builder();
  for (let at = 0; at < source.length; ) {
    const tag = source[at] === '<' ? matchAt(TAG, source, at) : null;
    const entity = source[at] === '&' ? matchAt(ENTITY, source, at) : null;
    const found = tag ?? entity;
    const end = at + (found?.[0].length ?? 1);
    if (tag !== null) placed.add(INLINE.test(tag[0]) ? '' : '\n', at, end);
    else if (entity !== null) placed.add(entityText(entity), at, end);
    else placed.add(source[at] ?? '', at, end);
    at = end;
  }
  return placed;
}

function matchAt(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at;
  return pattern.exec(text);
}

function entityText([all, decimal, hex, name = '']: RegExpExecArray): string {
  if (decimal === undefined && hex === undefined) return NAMED[name] ?? all;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : all;
}

/** A text as it stands. */
export function asItStands(text: string): PlacedText {
  const placed = new Builder();
  for (let i = 0; i < text.length; i++) placed.add(text[i] ?? '', i, i + 1);
  return placed;
}

const INVISIBLE = /^[\p{Cf}\p{Default_Ignorable_Code_Point}\0]$/u;

/** As detectors look at it: compatibility forms folded, invisible characters left out. Places are those below. */
export function folded({ text, from, to }: PlacedText): PlacedText {
  const placed = new Builder();
  let i = 0;
  for (const char of text) {
    const last = i + char.length - 1;
    if (!INVISIBLE.test(char)) placed.add(char.normalize('NFKC'), from[i] ?? 0, to[last] ?? 0);
    i += char.length;
  }
  return placed;
}
