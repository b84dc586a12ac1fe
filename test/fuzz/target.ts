/** What the fuzzer is pointed at: one parser and what must hold of it for any octets. */
export interface FuzzTarget {
  readonly name: string;
  /** Words of the language, put in where the fuzzer cuts. */
  readonly words: readonly string[];
  /** Inputs to begin with, beside the kept seeds. */
  readonly seeds: readonly Buffer[];
  /** Throws where something doesn't hold. Its answer tells kinds of behaviour apart: inputs with a new one are kept and bred on. */
  run(input: Buffer): string | Promise<string>;
  /** Ends what it has begun; what runs after it begins anew. */
  close?(): Promise<void>;
}

/** Random numbers from 0 up to, not including, `below`. */
export type Random = (below: number) => number;

/** The same numbers for the same seed (xorshift32, Marsaglia 2003). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0 || 0x9e3779b9;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}

/** A seed that depends on the octets alone, so that a failing input fails again wherever it came from (FNV-1a). */
export function seedOf(input: Buffer): number {
  let hash = 0x811c9dc5;
  for (const octet of input) hash = Math.imul(hash ^ octet, 0x01000193);
  return hash >>> 0;
}

/** The input in up to 20 pieces, cut where the numbers say. */
export function pieces(input: Buffer, random: Random): Buffer[] {
  const cuts = Array.from({ length: random(20) }, () => random(input.length + 1)).sort((a, b) => a - b);
  const bounds = [0, ...cuts, input.length];
  return bounds.slice(1).map((to, i) => input.subarray(bounds[i], to));
}

/** The input octet by octet. */
export function octetByOctet(input: Buffer): Buffer[] {
  return Array.from(input, (_, i) => input.subarray(i, i + 1));
}
