/** Text in lines of a width, in English and Japanese. Pure. */
import { widthOf } from '#/codec/pdf/index.ts';

/** What no line begins with, and what none ends with (JIS X 4051). */
const NOT_FIRST =
  /^[、。，．・：；？！ー〜」』）〕］｝】〉》”’ゝゞ々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ,.:;?!)\]}%]/u;
const NOT_LAST = /[「『（〔［｛【〈《“‘([{]$/u;
/** Letters that are broken anywhere between. */
const IDEOGRAPH = /[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u{20000}-\u{3ffff}]/u;

/** At least one line; a word that is wider than a line is broken. */
export function linesOf(text: string, size: number, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const piece of piecesOf(text)) {
    if (widthOf((line + piece).trimEnd(), size) <= width) {
      line += piece;
      continue;
    }
    if (line.trim() !== '') lines.push(line.trimEnd());
    line = '';
    for (const letter of piece.trimStart()) {
      if (line !== '' && widthOf(line + letter, size) > width) {
        lines.push(line);
        line = '';
      }
      line += letter;
    }
  }
  return [...lines, line.trimEnd()];
}

/** What may not be broken: words with the space behind them, ideographs with the marks around them. */
function piecesOf(text: string): readonly string[] {
  const pieces: string[] = [];
  let last = '';
  for (const letter of text) {
    const breaks = last !== '' && mayBreak(last, letter);
    if (breaks) {
      pieces.push(last);
      last = '';
    }
    last += letter;
  }
  return last === '' ? pieces : [...pieces, last];
}

function mayBreak(before: string, letter: string): boolean {
  if (letter === ' ' || NOT_FIRST.test(letter) || NOT_LAST.test(before)) return false;
  return before.endsWith(' ') || IDEOGRAPH.test(letter) || IDEOGRAPH.test(before.slice(-1));
}
