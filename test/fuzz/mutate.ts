import type { Random } from './target.ts';

/** Longer inputs find little more and cost much; now and then one is let through, for what only long input reaches. */
const usualBytesMax = 4096;

type Mutation = (input: Buffer, random: Random, words: readonly string[], other: Buffer) => Buffer;

const mutations: readonly Mutation[] = [
  (input, random) => splice(input, random, Buffer.of(random(256))),
  (input, random, words) => splice(input, random, Buffer.from(words[random(words.length)] ?? '', 'latin1')),
  (input, random, words) => splice(input, random, Buffer.from(words[random(words.length)] ?? '', 'latin1')),
  (input, random) => drop(input, random),
  (input, random) => splice(input, random, slice(input, random)),
  (input, random, _, other) => splice(input, random, slice(other, random)),
  (input, random, _, other) =>
    Buffer.concat([input.subarray(0, random(input.length + 1)), other.subarray(random(other.length + 1))]),
  (input, random) => flip(input, random),
  (input, random) => splice(input, random, Buffer.alloc(1 + random(3000), 97 + random(3))),
  // What is harmless once may be slow a thousand times over.
  (input, random) => splice(input, random, repeated(slice(input, random), 1 + random(1000))),
];

/** A child of `input`: one to eight small changes. `other` is another member of the corpus, to cross with. */
export function mutate(input: Buffer, other: Buffer, words: readonly string[], random: Random): Buffer {
  let child = input;
  for (let i = 1 + random(8); i > 0; i--)
    child = (mutations[random(mutations.length)] ?? drop)(child, random, words, other);
  return random(64) === 0 ? child : child.subarray(0, usualBytesMax);
}

function splice(input: Buffer, random: Random, piece: Buffer): Buffer {
  const at = random(input.length + 1);
  const over = random(3) === 0 ? Math.min(piece.length, input.length - at) : 0;
  return Buffer.concat([input.subarray(0, at), piece, input.subarray(at + over)]);
}

function slice(input: Buffer, random: Random): Buffer {
  const from = random(input.length + 1);
  return input.subarray(from, from + random(64));
}

function repeated(piece: Buffer, times: number): Buffer {
  return Buffer.alloc(piece.length * times, piece.length === 0 ? 0 : piece);
}

function drop(input: Buffer, random: Random): Buffer {
  const from = random(input.length + 1);
  return Buffer.concat([input.subarray(0, from), input.subarray(from + 1 + random(16))]);
}

function flip(input: Buffer, random: Random): Buffer {
  if (input.length === 0) return input;
  const copy = Buffer.from(input);
  const at = random(copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << random(8));
  return copy;
}
