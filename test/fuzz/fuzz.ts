import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mutate } from './mutate.ts';
import { type FuzzTarget, randomFrom } from './target.ts';

export interface FuzzRun {
  readonly executions: number;
  /** Kinds of behaviour seen. */
  readonly kinds: number;
  readonly finding: { readonly input: Buffer; readonly error: unknown } | null;
}

/** Members of the corpus; what is beyond replaces an older one. */
const corpusMax = 2000;
/** An input that takes longer hides a loop or a slow expression. */
const slowMs = 2000;

/** Runs kept seeds, then their children, until `stop` says so or something does not hold. */
export async function fuzz(target: FuzzTarget, seed: number, stop: (executions: number) => boolean): Promise<FuzzRun> {
  const random = randomFrom(seed);
  const corpus: Buffer[] = [Buffer.alloc(0), ...target.seeds, ...keptSeeds(target.name)];
  const kinds = new Set<string>();
  let executions = 0;
  const first = corpus.length;
  while (executions < first || !stop(executions)) {
    const input = executions < first ? (corpus[executions] ?? Buffer.alloc(0)) : breed(corpus, target, random);
    executions += 1;
    const tried = await attempt(target, input);
    if (tried.error !== undefined)
      return { executions, kinds: kinds.size, finding: { input: await shrink(target, input), error: tried.error } };
    if (kinds.has(tried.kind)) continue;
    kinds.add(tried.kind);
    if (corpus.length < corpusMax) corpus.push(input);
    else corpus[first + random(corpusMax - first)] = input;
  }
  return { executions, kinds: kinds.size, finding: null };
}

/** Where inputs that once failed, or are worth keeping, live. */
export function seedFolder(name: string): URL {
  return new URL(`../../fixtures/fuzz/${name}/`, import.meta.url);
}

function keptSeeds(name: string): Buffer[] {
  const folder = seedFolder(name);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => readFileSync(new URL(file, folder)));
}

function breed(corpus: readonly Buffer[], target: FuzzTarget, random: ReturnType<typeof randomFrom>): Buffer {
  const pick = (): Buffer => corpus[random(corpus.length)] ?? Buffer.alloc(0);
  return mutate(pick(), pick(), target.words, random);
}

async function attempt(
  target: FuzzTarget,
  input: Buffer,
): Promise<{ readonly kind: string; readonly error?: unknown }> {
  try {
    // A machine that was busy with something else is told from an input that is slow by asking again.
    for (let tries = 3; tries > 0; tries--) {
      const begun = performance.now();
      const kind = await target.run(input);
      if (performance.now() - begun <= slowMs) return { kind };
    }
    throw new Error(`it took more than ${slowMs} ms`);
  } catch (error) {
    return { kind: '', error };
  }
}

/** The input with all left out that it fails without, within a thousand tries. */
async function shrink(target: FuzzTarget, failing: Buffer): Promise<Buffer> {
  let input = failing;
  let tries = 1000;
  for (let size = Math.ceil(input.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < input.length && tries > 0; tries--) {
      const shorter = Buffer.concat([input.subarray(0, at), input.subarray(at + size)]);
      if ((await attempt(target, shorter)).error === undefined) at += size;
      else input = shorter;
    }
  }
  return input;
}
