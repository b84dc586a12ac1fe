/**
 * Guesses the charset of text whose label is missing or wrong, as mail programs and their readers do: by how much of it would be letters that
 * people write. Deterministic, bounded by `guessBytes`.
 */
import { isUtf8 } from 'node:buffer';
import { decodeBytes } from '#/codec/mime/index.ts';
import { guessBytes } from '../limits.ts';

/** Letters that make up much of any Chinese text, in both scripts; words of other charsets that are read as Chinese have few of them. */
const commonChinese = new Set(
  '的一是不了人我在有他这這为為之大来來以个個中上们們到说說国國和地也子时時道出而要于於就下得可你年生自会會那后後能对對着著事其里所去行过過家十用发發天如然作方成者多日都三小军軍二无無同么麼经經法当當起与與好看学學进進种種将將还還分此心前面又定见見只主没沒公从從',
);

const candidates = ['shift_jis', 'euc-jp', 'gb18030', 'big5', 'euc-kr', 'windows-1251', 'koi8-r'] as const;

/** How much better than a guess at nothing it must be; pairs of accented letters come to less. */
const scoreMin = 0.6;

/** A charset that the octets are likely in, other than Western ones; null where nothing speaks for any. */
export function guessCharset(octets: Uint8Array): string | null {
  const sample = sampleOf(octets);
  if (isUtf8(wholeUtf8(sample))) return 'utf-8';
  const wide = guessWide(sample);
  if (wide !== null) return wide;
  let best: string | null = null;
  let bestScore = scoreMin;
  for (const charset of candidates) {
    const score = scoreOf(decodeBytes(sample, charset), charset);
    if (score > bestScore) [best, bestScore] = [charset, score];
  }
  return best;
}

/** UTF-16 without a mark: every second octet of Latin letters, blanks and line ends is 0. */
export function guessWide(octets: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const zeros: [even: number, odd: number] = [0, 0];
  const length = Math.min(octets.length, guessBytes) & ~1;
  for (let at = 0; at < length; at++) if (octets[at] === 0) zeros[at & 1 ? 1 : 0] += 1;
  const [even, odd] = zeros;
  if (odd > even * 8 && odd > length / 50) return 'utf-16le';
  return even > odd * 8 && even > length / 50 ? 'utf-16be' : null;
}

/** From the first octet above ASCII on: long heads of a log say nothing. */
function sampleOf(octets: Uint8Array): Uint8Array {
  if (octets.length <= guessBytes) return octets;
  const first = octets.findIndex((octet) => octet >= 0x80 || octet === 0);
  const from = Math.max(first - 64, 0);
  return octets.subarray(from, from + guessBytes);
}

/** Without the octets of a letter that the end of the sample cut in two. */
function wholeUtf8(sample: Uint8Array): Uint8Array {
  let end = sample.length;
  while (end > sample.length - 4 && end > 0 && ((sample[end - 1] ?? 0) & 0xc0) === 0x80) end -= 1;
  return end > 0 && (sample[end - 1] ?? 0) >= 0xc0 ? sample.subarray(0, end - 1) : sample;
}

/** Points per letter beyond ASCII: letters of the charset's own language speak for it, broken and rare ones against. */
function scoreOf(text: string, charset: string): number {
  let letters = 0;
  let score = 0;
  let hangul = 0;
  let cyrillicSmall = 0;
  for (const letter of text) {
    const code = letter.codePointAt(0) ?? 0;
    if (code < 0x80) continue;
    letters += 1;
    if (code === 0xfffd || code < 0xa0) score -= 5;
    else if (code >= 0xe000 && code <= 0xf8ff) score -= 3;
    else if (code >= 0x3041 && code <= 0x30ff) score += charset === 'shift_jis' || charset === 'euc-jp' ? 2 : 0;
    else if (code >= 0xac00 && code <= 0xd7a3) hangul += 1;
    else if (code >= 0x4e00 && code <= 0x9fff) score += ideographScore(letter, charset);
    else if (code >= 0x430 && code <= 0x44f) cyrillicSmall += 1;
    else if ((code >= 0x3000 && code <= 0x3020) || (code >= 0xff01 && code <= 0xff5e)) score += 1;
    else if (code >= 0xff61 && code <= 0xff9f) score -= 0.3;
  }
  if (letters < 2 || isStrewn(text, letters)) return 0;
  if (hangul > 0) score += hangul > letters * 0.8 ? hangul * 1.8 : 0;
  if (cyrillicSmall > letters * 0.6 && !isMixed(text)) score += cyrillicSmall * 1.6;
  return score / letters;
}

/** Letters that stand alone among Latin ones: accents, of which each took the letter behind it. */
function isStrewn(text: string, letters: number): boolean {
  const runs = text.match(/[^\0-\x7f]+/g)?.length ?? 0;
  return letters < runs * 1.5 && letters < text.length / 2;
}

/** Accented letters of Western words, read as Russian, stand among plain Latin ones. */
function isMixed(text: string): boolean {
  const words = text.match(/[a-z]*[\u0400-\u045f][a-z\u0400-\u045f]*/gi) ?? [];
  return words.filter((word) => /[a-z]/i.test(word)).length * 4 > words.length;
}

function ideographScore(letter: string, charset: string): number {
  if (charset === 'gb18030' || charset === 'big5') return commonChinese.has(letter) ? 2.5 : 0.9;
  return charset === 'euc-kr' ? 0.3 : 0.95;
}
