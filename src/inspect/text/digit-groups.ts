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

const RUN = /\d+(?:[ \-\u2010-\u2015\u2212]\d+)*/g;
const WORD_CHAR = /[A-Za-z0-9_]/;
/** Groups of the longest numbers that anyone groups. */
const GROUPS_MAX = 6;
/** More digits than any number here has; the rest of a run is looked at by itself. */
const DIGITS_MAX = 24;

/**
 * Numbers of a text that `accept` takes, from left to right, none inside another. Tables put numbers beside each other, so every run of groups is
 * tried from each of its groups on; the separator is one and the same inside a number.
 */
export function* numbersIn(text: string, accept: (number: GroupedNumber) => boolean): Generator<GroupedNumber> {
  for (const match of text.matchAll(RUN)) {
    const run = match[0];
    // Part of a word, a name or a longer number.
    const isCutLeft = WORD_CHAR.test(text[match.index - 1] ?? '');
    const isCutRight = WORD_CHAR.test(text[match.index + run.length] ?? '');
    const groups = run.split(/[^\d]/);
    let at = match.index;
    for (let first = 0; first < groups.length; ) {
      const taken =
        isCutLeft && first === 0 ? 0 : longest(run, groups, { first, at, from: match.index, isCutRight, accept });
      if (taken > 0) yield numberOf(groups, first, taken, at);
      for (let i = 0; i < Math.max(taken, 1); i++) at += (groups[first + i]?.length ?? 0) + 1;
      first += Math.max(taken, 1);
    }
  }
}

interface Start {
  readonly first: number;
  readonly at: number;
  readonly from: number;
  readonly isCutRight: boolean;
  readonly accept: (number: GroupedNumber) => boolean;
}

/** How many groups from the first one on make a number; the longest one counts; 0 for none. */
function longest(run: string, groups: readonly string[], { first, at, from, isCutRight, accept }: Start): number {
  let taken = 0;
  let digits = 0;
  let end = at - from;
  let separator = '';
  for (let count = 1; count <= GROUPS_MAX && first + count <= groups.length; count++) {
    const group = groups[first + count - 1] ?? '';
    digits += group.length;
    if (digits > DIGITS_MAX) break;
    if (count > 1) {
      const between = run[end] ?? '';
      if (separator !== '' && between !== separator) break;
      separator = between;
      end += 1;
    }
    end += group.length;
    const isLast = first + count === groups.length;
    if (!(isLast && isCutRight) && accept(numberOf(groups, first, count, at))) taken = count;
  }
  return taken;
}

function numberOf(groups: readonly string[], first: number, count: number, at: number): GroupedNumber {
  const own = groups.slice(first, first + count);
  return { digits: own.join(''), grouping: own.map(({ length }) => length).join('-'), at };
}

/** What stands in front of a place, on its own line. */
export function before(text: string, at: number, chars: number): string {
  const piece = text.slice(Math.max(0, at - chars), at);
  return piece.slice(Math.max(piece.lastIndexOf('\n'), piece.lastIndexOf('\r')) + 1);
}

/** A name in front of a number that says it is of goods or papers, not of people or money: orders, parcels, invoices, articles. */
export const GOODS_LABEL: RegExp =
  /(?:\b(?:order|tracking|parcel|shipment|waybill|invoice|ticket|serial|isbn|jan|ean)\b|注文|受注|発注|伝票|送り状|追跡|問い?合わ?せ|請求書|見積書|商品|製造|型番|予約|受付)[^\d\n]{0,12}$/i;
