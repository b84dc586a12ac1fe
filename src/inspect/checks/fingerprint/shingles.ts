/**
 * A text as a set of numbers that survives cutting, pasting and small changes: hashes of all runs of some characters, of which every window
 * keeps the smallest (winnowing; Schleimer, Wilkerson and Aiken, 2003). A passage of `RUN_CHARS + WINDOW - 1` characters that two texts share
 * leaves a number in both.
 */
const RUN_CHARS = 12;
const WINDOW = 8;
const BASE = 257;
const MODULUS = 2_147_483_629;
/** What the first character of a run weighs. */
const FIRST = powerOf(BASE, RUN_CHARS - 1);

/**
 * The numbers of a text in their order, most of them once; `words` is the text folded for words. Blanks and signs count nothing: they change with
 * every conversion.
 */
export function* shinglesIn(words: string): Generator<number> {
  const plain = words.replace(/[\s\p{P}\p{S}]+/gu, '');
  const firstWhole = Math.min(WINDOW, plain.length - RUN_CHARS + 1) - 1;
  const window = new Uint32Array(WINDOW).fill(0xffff_ffff);
  let hash = 0;
  let last = -1;
  for (let i = 0; i < plain.length; i++) {
    // A rolling polynomial; products stay exact below 2^53.
    if (i >= RUN_CHARS) hash = (hash + MODULUS - ((plain.charCodeAt(i - RUN_CHARS) * FIRST) % MODULUS)) % MODULUS;
    hash = (hash * BASE + plain.charCodeAt(i)) % MODULUS;
    const run = i - RUN_CHARS + 1;
    if (run < 0) continue;
    window[run % WINDOW] = scattered(hash);
    if (run < firstWhole) continue;
    const least = leastOf(window);
    if (least !== last) yield least;
    last = least;
  }
}

/** All of them, each once. */
export function shinglesOf(words: string): ReadonlySet<number> {
  return new Set(shinglesIn(words));
}

function leastOf(window: Uint32Array): number {
  let least = 0xffff_ffff;
  for (const hash of window) if (hash < least) least = hash;
  return least;
}

// The smallest of a window should be any of it, not what begins with small letters.
function scattered(hash: number): number {
  let value = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  value = Math.imul(value ^ (value >>> 16), 0x45d9f3b);
  return (value ^ (value >>> 16)) >>> 0;
}

function powerOf(base: number, exponent: number): number {
  let power = 1;
  for (let i = 0; i < exponent; i++) power = (power * base) % MODULUS;
  return power;
}
