import { type Hit, masked } from '../../hits.ts';
import type { TextOfMail } from '../../text/index.ts';

/** A passport number has no check digit of its own: a label in front says what it is. */
const LABELLED =
  /(?:旅券番号|旅券の番号|パスポート(?:番号|No\.?|ナンバー)?|passport(?:\s*(?:no|number|num|#|№)\.?)?)[^A-Za-z0-9\n]{0,20}([A-Z]{1,2}\d{6,8}|\d{9}|\d{2}[A-Z]{2}\d{5})(?![A-Za-z0-9])/gi;
/** Japan's own form stands in tables below a heading, far from it. */
const SPOKEN = /旅券|パスポート|passport/i;
const JAPANESE = /(?<![A-Za-z0-9])[A-Z]{2}\d{7}(?![A-Za-z0-9])/g;
/** ICAO Doc 9303 part 4: the second line of the machine-readable zone. */
const MACHINE_READABLE =
  /(?<![A-Z0-9<])([A-Z0-9<]{9})(\d)([A-Z]{3}|[A-Z]<<)(\d{6})(\d)[MFX<](\d{6})(\d)[A-Z0-9<]{14}[\d<]\d/g;

/** Passport numbers by their label, in tables that speak of passports, and in the lines that machines read. */
export function* passport(texts: readonly TextOfMail[]): Generator<Hit> {
  for (const { part, plain } of texts) {
    for (const found of plain.matchAll(LABELLED)) yield hit(part, found[1]?.toUpperCase() ?? '', placeIn(found));
    if (SPOKEN.test(plain)) for (const found of plain.matchAll(JAPANESE)) yield hit(part, found[0], placeIn(found));
    for (const found of plain.matchAll(MACHINE_READABLE)) {
      const [line, number = '', check = '', , born = '', bornCheck = ''] = found;
      if (digitOf(number) === Number(check) && digitOf(born) === Number(bornCheck))
        yield hit(part, number.replaceAll('<', ''), { from: found.index, to: found.index + line.length });
    }
  }
}

/** Of the number alone: the label may stay. */
function placeIn({ 0: all, 1: number = all, index }: RegExpExecArray): NonNullable<Hit['at']> {
  return { from: index + all.length - number.length, to: index + all.length };
}

function hit(part: string, number: string, at: NonNullable<Hit['at']>): Hit {
  const reason = {
    en: `A passport number (${masked(number, 3)}) stands in it.`,
    ja: `旅券番号（${masked(number, 3)}）があります。`,
  };
  return { key: number, part, at, reason };
}

// ICAO Doc 9303 part 3, 4.9: weights 7, 3, 1; letters count from 10, the filler is 0.
function digitOf(text: string): number {
  const weights = [7, 3, 1];
  return (
    Array.from(text).reduce(
      (sum, char, i) => sum + (char === '<' ? 0 : Number.parseInt(char, 36)) * (weights[i % 3] ?? 1),
      0,
    ) % 10
  );
}
