/**
 * A text as a set of numbers that survives cutting, pasting and small changes: hashes of all runs of some characters, of which every window
 * keeps the smallest (winnowing; Schleimer, Wilkerson and Aiken, 2003). A passage of `RUN_CHARS + WINDOW - 1` characters that two texts share
 * leaves a number in both.
 */
import { foldWords } from '../../text/index.ts';

const RUN_CHARS = 12;
const WINDOW = 8;
/** A book has so many; what is longer is known by its beginning. */
const SHINGLES_MAX = 50_000;
const BASE = 257;
const MODULUS = 2_147_483_629;

/** The numbers of a text, each once. Blanks and signs count nothing: they change with every conversion. */
export function shinglesOf(text: string): ReadonlySet<number> {
  const plain = foldWords(text).replace(/[\s\p{P}\p{S}]+/gu, '');
  const kept = new Set<number>();
  if (plain.length < RUN_CHARS) return kept;
  const window: number[] = [];
  let least = -1;
  for (const [i, hash] of hashesOf(plain).entries()) {
    window[i % WINDOW] = hash;
    if (i < WINDOW - 1 && i < plain.length - RUN_CHARS) continue;
    const smallest = Math.min(...window);
    if (smallest !== least) kept.add(smallest);
    least = smallest;
    if (kept.size >= SHINGLES_MAX) break;
  }
  return kept;
}

// A rolling polynomial; products stay exact below 2^53 in two steps.
function hashesOf(text: string): number[] {
  let top = 1;
  for (let i = 1; i < RUN_CHARS; i++) top = (top * BASE) % MODULUS;
  const hashes: number[] = [];
  let hash = 0;
  for (let i = 0; i < text.length; i++) {
    if (i >= RUN_CHARS) hash = (hash + MODULUS - product(text.charCodeAt(i - RUN_CHARS), top)) % MODULUS;
    hash = (hash * BASE + text.charCodeAt(i)) % MODULUS;
    if (i >= RUN_CHARS - 1) hashes.push(scattered(hash));
  }
  return hashes;
}

function product(a: number, b: number): number {
  return (a * b) % MODULUS;
}

// The smallest of a window should be any of it, not what begins with small letters.
function scattered(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 16)) >>> 0;
}
