/** Numbers as people write them: digits in groups, with blanks or hyphens between. */

export interface GroupedNumber {
  readonly digits: string;
  /** Lengths of the groups: `4-4-4-4`. */
  readonly grouping: string;
  /** Where it begins in the text. */
  readonly at: number;
}

/** Its place in the text: between two groups stands one character. */
export function placeOf({ digits, grouping, at }: GroupedNumber): { readonly from: number; readonly to: number } {
  return { from: at, to: at + digits.length + grouping.split('-').length - 1 };
}

const GROUP = /\d+/g;
const SEPARATOR = /[ \-\u2010-\u2015\u2212]/;
const WORD_CHAR = /[A-Za-z0-9_]/;
/** Groups of the longest numbers that anyone groups. */
const GROUPS_MAX = 6;
/** Digits of the shortest and the longest number that anybody here asks for; others need not be put together. */
const DIGITS = { min: 12, max: 24 } as const;

interface Group {
  readonly at: number;
  readonly end: number;
}

/**
 * Numbers of a text that `accept` takes, from left to right, none inside another. Tables put numbers beside each other, so every run of groups is
 * tried from each of its groups on; the separator is one and the same inside a number. `accept` is asked for those of 12 to 24 digits.
 */
export function* numbersIn(text: string, accept: (number: GroupedNumber) => boolean): Generator<GroupedNumber> {
  for (const run of runsIn(text)) {
    // Part of a word, a name or a longer number.
    const isCutLeft = WORD_CHAR.test(text[(run[0]?.at ?? 0) - 1] ?? '');
    const isCutRight = WORD_CHAR.test(text[run.at(-1)?.end ?? 0] ?? '');
    for (let first = isCutLeft ? 1 : 0; first < run.length; ) {
      const taken = longest(text, run, { first, isCutRight, accept });
      if (taken > 0) yield numberOf(text, run, first, taken);
      first += Math.max(taken, 1);
    }
  }
}

/** Groups with one separator between each two. By hand: a pattern of them keeps a place for each, and fails where there are millions. */
function* runsIn(text: string): Generator<readonly Group[]> {
  let run: Group[] = [];
  for (const { 0: digits, index: at } of text.matchAll(GROUP)) {
    const end = run.at(-1)?.end;
    const goesOn = end === at - 1 && SEPARATOR.test(text[end] ?? '');
    if (!goesOn && run.length > 0) {
      yield run;
      run = [];
    }
    run.push({ at, end: at + digits.length });
  }
  if (run.length > 0) yield run;
}

interface Start {
  readonly first: number;
  readonly isCutRight: boolean;
  readonly accept: (number: GroupedNumber) => boolean;
}

/** How many groups from the first one on make a number; the longest one counts; 0 for none. */
function longest(text: string, run: readonly Group[], { first, isCutRight, accept }: Start): number {
  let taken = 0;
  let digits = 0;
  let separator = '';
  for (let count = 1; count <= GROUPS_MAX && first + count <= run.length; count++) {
    const { at, end } = run[first + count - 1] as Group;
    digits += end - at;
    if (digits > DIGITS.max) break;
    if (count > 1) {
      const between = text[at - 1] ?? '';
      if (separator !== '' && between !== separator) break;
      separator = between;
    }
    const isLast = first + count === run.length;
    if (digits < DIGITS.min || (isLast && isCutRight)) continue;
    if (accept(numberOf(text, run, first, count))) taken = count;
  }
  return taken;
}

function numberOf(text: string, run: readonly Group[], first: number, count: number): GroupedNumber {
  const own = run.slice(first, first + count);
  return {
    digits: own.map(({ at, end }) => text.slice(at, end)).join(''),
    grouping: own.map(({ at, end }) => end - at).join('-'),
    at: own[0]?.at ?? 0,
  };
}

/** What stands in front of a place, on its own line. */
export function before(text: string, at: number, chars: number): string {
  const piece = text.slice(Math.max(0, at - chars), at);
  return piece.slice(Math.max(piece.lastIndexOf('\n'), piece.lastIndexOf('\r')) + 1);
}

/** A name in front of a number that says it is of goods or papers, not of people or money: orders, parcels, invoices, articles. */
export const GOODS_LABEL: RegExp =
  /(?:\b(?:order|tracking|parcel|shipment|waybill|invoice|ticket|serial|isbn|jan|ean)\b|注文|受注|発注|伝票|送り状|追跡|問い?合わ?せ|請求書|見積書|商品|製造|型番|予約|受付)[^\d\n]{0,12}$/i;
