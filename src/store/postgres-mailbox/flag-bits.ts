/**
 * Flags as a row keeps them: one number, a bit for each flag of the system and, above them, one for each keyword of the mailbox in the order of
 * their first use. 48 keywords and 5 flags fit the 53 bits that a number holds exactly. Bits are never given to another flag.
 */
import type { Flag } from '#/model/index.ts';
import { flagKey, isSystemFlag, keywordsMax, readFlag, SYSTEM_FLAGS } from '../mailbox/index.ts';

const bitOf = (flag: Flag): number => 2 ** SYSTEM_FLAGS.indexOf(flag);
export const SEEN = bitOf('\\Seen');
export const DELETED = bitOf('\\Deleted');

/** Whether a number has a bit; numbers here are wider than the 32 bits of JavaScript's own operators. */
export function hasBit(bits: number, bit: number): boolean {
  return Math.floor(bits / bit) % 2 === 1;
}

/** Reads rows of a mailbox with these keywords (blanks between). Rows share their lists: not to be written to. */
export function flagReader(keywords: string): (bits: number) => readonly Flag[] {
  const order = [...SYSTEM_FLAGS, ...wordsOf(keywords)];
  const known = new Map<number, readonly Flag[]>();
  return (bits) => known.getOrInsertComputed(bits, () => order.filter((_, at) => hasBit(bits, 2 ** at)));
}

/** The bits of flags as the mailbox keeps them: keywords in their first spelling, new ones while there is room. `mailbox.keywords` grows. */
export function keepFlags(
  mailbox: { keywords: string },
  flags: Iterable<Flag>,
): { readonly bits: number; readonly refused: readonly Flag[] } {
  const words = wordsOf(mailbox.keywords);
  const bits = new Set<number>();
  const refused: Flag[] = [];
  for (const flag of flags) {
    const bit = keepOne(words, readFlag(flag));
    if (bit === null) refused.push(flag);
    else bits.add(bit);
  }
  mailbox.keywords = words.join(' ');
  return { bits: sum(bits), refused };
}

/** The bits of those flags that a row of this mailbox may have. */
export function knownBits(mailbox: { readonly keywords: string }, flags: Iterable<Flag>): number {
  const words = wordsOf(mailbox.keywords).map(flagKey);
  const bits = new Set<number>();
  for (const flag of flags) {
    const read = readFlag(flag);
    if (read === null) continue;
    const at = isSystemFlag(read) ? SYSTEM_FLAGS.indexOf(read) : indexBehind(words.indexOf(flagKey(read)));
    if (at >= 0) bits.add(2 ** at);
  }
  return sum(bits);
}

/** The bits behind a change. */
export function changedBits(now: number, how: 'add' | 'remove' | 'replace', given: number): number {
  const [a, b] = [BigInt(now), BigInt(given)];
  return how === 'replace' ? given : Number(how === 'add' ? a | b : a & ~b);
}

function keepOne(words: Flag[], flag: Flag | null): number | null {
  if (flag === null) return null;
  if (isSystemFlag(flag)) return bitOf(flag);
  const at = words.findIndex((word) => flagKey(word) === flagKey(flag));
  if (at >= 0) return 2 ** indexBehind(at);
  if (words.length >= keywordsMax) return null;
  return 2 ** indexBehind(words.push(flag) - 1);
}

function indexBehind(at: number): number {
  return at < 0 ? -1 : SYSTEM_FLAGS.length + at;
}

function sum(bits: Iterable<number>): number {
  let all = 0;
  for (const bit of bits) all += bit;
  return all;
}

/** Keywords of a mailbox as its row has them. */
export function wordsOf(keywords: string): Flag[] {
  return keywords === '' ? [] : keywords.split(' ');
}
