/** The form in which words are compared: what people take for the same word is the same text. */

/** Characters that people don't see: format characters, selectors, joiners, fillers. */
export const INVISIBLE: RegExp = /(?:[\p{Cf}\p{Variation_Selector}\u115f\u1160\u17b4\u17b5\u3164\uffa0]|\u034f)+/gu;
/** No blank stands inside a word of these scripts, wherever a line was wrapped or a heading spaced out. */
const UNSPACED = String.raw`\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}ー々〆㊙`;
const UNSPACED_BEFORE = new RegExp(`[${UNSPACED}]$`, 'u');
const UNSPACED_BEHIND = new RegExp(`^[${UNSPACED}]`, 'u');
const KATAKANA = /[\u30a1-\u30f6\u30fd\u30fe]/g;
const KANA_STEP = 0x60;
const PLAIN = /^[\t\n\r\x20-\x7e]*$/;
const SPACED_LETTER = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}\p{Nd}_]/u;

/**
 * Compatibility forms folded (NFKC: full and half width, circled signs), case folded, katakana as hiragana, invisible characters gone, blanks
 * one and none between characters of scripts that have none.
 */
export function foldWords(text: string): string {
  // Most mail is plain in most of its parts.
  if (PLAIN.test(text)) return text.toLowerCase().replace(/\s+/g, ' ');
  return text
    .replace(/㊙/g, 'マル秘')
    .normalize('NFKC')
    .replace(INVISIBLE, '')
    .toLowerCase()
    .replace(KATAKANA, (kana) => String.fromCharCode(kana.charCodeAt(0) - KANA_STEP))
    .replace(/\s+/g, blankOf);
}

/** What becomes of a blank. By hand: a pattern that looks back does so at every character. */
function blankOf(blank: string, at: number, text: string): string {
  if (text.charCodeAt(at - 1) < 0x80) return ' ';
  const end = at + blank.length;
  const isInside =
    UNSPACED_BEFORE.test(text.slice(Math.max(0, at - 2), at)) && UNSPACED_BEHIND.test(text.slice(end, end + 2));
  return isInside ? '' : ' ';
}

/** Characters that are folded at a time: the largest form of a piece is some 18 times that. */
const PIECE_CHARS = 65_536;

/**
 * NFKC of the text as far as it has room in `charsMax`. One character can become 18, so that what is folded as a whole outgrows every bound on
 * what was given.
 */
export function compatible(text: string, charsMax: number): { readonly form: string; readonly isCut: boolean } {
  let form = '';
  for (let from = 0; from < text.length; ) {
    const to = pieceEnd(text, from);
    form += text.slice(from, to).normalize('NFKC');
    if (form.length > charsMax) return { form: form.slice(0, charsMax).toWellFormed(), isCut: true };
    from = to;
  }
  return { form, isCut: false };
}

// Never between a character and the marks that make one with it; a hostile row of marks ends somewhere.
function pieceEnd(text: string, from: number): number {
  const most = Math.min(from + PIECE_CHARS, text.length);
  let to = most;
  while (to < text.length && to > most - MARKS_MAX && JOINS.test(text.slice(to, to + 2))) to--;
  return to;
}

const MARKS_MAX = 64;
/** What joins the character in front of it: marks, half-width sound marks, vowels and ends of Hangul, the second half of a pair. */
const JOINS = /^(?:\p{M}|[\uff9e\uff9f\u1160-\u11ff\uffa0-\uffdc]|[\udc00-\udfff])/u;

/** Whether a character belongs to a script that parts its words by blanks, so that a word ends where such letters end. */
export function isSpacedLetter(char: string): boolean {
  return SPACED_LETTER.test(char);
}
