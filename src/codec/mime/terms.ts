/**
 * The one tokenizer for search, for all stores. A text becomes a list of terms, and a phrase is found where its terms stand beside each other.
 *
 * Words are runs of letters, digits and marks. Scripts that are written without blanks have no words to see, so a run of them becomes
 * pairs of neighbours and then its last character: 会議室 is `会議`, `議室`, `室`. By that last one a text that goes on, and one that
 * begins in the middle of a run, are found as well (会議 in 定例会議室), a single character too.
 */
import { phraseTermsMax, termCharsMax } from './limits.ts';

const letters = String.raw`\p{L}\p{N}\p{M}`;
/** Scripts that are written without blanks between words. 々, ー and the marks of kana belong to theirs. */
const unspaced = ['Han', 'Hiragana', 'Katakana', 'Bopomofo', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => String.raw`\p{scx=${script}}`)
  .join('');

/** A run of such a script, captured, or a word. */
const runs = new RegExp(`([[${letters}]&&[${unspaced}]]+)|[[${letters}]--[${unspaced}]]+`, 'gv');
const unspacedRun = new RegExp(`^[[${letters}]&&[${unspaced}]]+$`, 'v');
const asciiWords = /[a-z0-9]+/g;

/** What shows nothing and would part a word: soft hyphen, joiners, byte order mark, variation selectors (names of people in Japan have them). */
const invisible = /\u00ad|\u200c|\u200d|\u2060|\ufeff|\p{Variation_Selector}/gu;

/** The terms of a text, in order, repeated ones too; at most `most`. None holds a blank, and none is empty. */
export function termsOf(text: string, most: number = Number.POSITIVE_INFINITY): string[] {
  const terms: string[] = [];
  addTerms(terms, text, most);
  return terms;
}

/**
 * The terms of a query, in order. A text in which the query stands, from the begin of a word or from anywhere in a script without blanks,
 * has these terms beside each other, where the last one need only be the begin of the text's. Empty: the query has no letters and
 * no digits, so terms can't answer it.
 */
export function phraseOf(query: string): readonly string[] {
  const terms = termsOf(query, phraseTermsMax + 1);
  const [last, before] = [terms.at(-1), terms.at(-2)];
  // The pair before it says as much: what follows it in a text begins with its second character.
  const implied = last !== undefined && before !== undefined && isPairWith(before, last);
  return terms.slice(0, implied ? -1 : phraseTermsMax);
}

/** Adds the terms of a text to a list, up to `most` in all. */
export function addTerms(terms: string[], text: string, most: number): void {
  const folded = fold(text);
  if (isAscii(folded)) {
    for (const word of folded.match(asciiWords) ?? []) {
      if (terms.length >= most) return;
      terms.push(cut(word));
    }
    return;
  }
  for (const [run, pairs] of folded.matchAll(runs)) {
    if (terms.length >= most) return;
    if (pairs === undefined) terms.push(cut(run));
    else addPairs(terms, pairs, most);
  }
}

/** Compatibility forms and case are made alike (Unicode NFKC, lower case of no locale); the two small sigmas too. */
function fold(text: string): string {
  if (isAscii(text)) return text.toLowerCase();
  const normal = text.toWellFormed().replace(invisible, '').normalize('NFKC').toLowerCase();
  return normal.replaceAll('ς', 'σ');
}

function isAscii(text: string): boolean {
  return /^[\0-\x7f]*$/.test(text);
}

function addPairs(terms: string[], run: string, most: number): void {
  let before = '';
  for (const character of run) {
    if (terms.length >= most) return;
    if (before !== '') terms.push(before + character);
    before = character;
  }
  if (terms.length < most) terms.push(before);
}

/** Words are cut between characters, those of a text and those of a query in the same place. */
function cut(word: string): string {
  if (word.length <= termCharsMax) return word;
  const end = word.charCodeAt(termCharsMax - 1);
  const splits = end >= 0xd800 && end < 0xdc00;
  return word.slice(0, splits ? termCharsMax - 1 : termCharsMax);
}

function isPairWith(pair: string, last: string): boolean {
  return pair.length > last.length && pair.endsWith(last) && unspacedRun.test(pair);
}
