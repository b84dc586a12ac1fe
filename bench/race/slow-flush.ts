/** Makes the flushes of both servers 2 ms slower, and counts them: a program whose flushes go around the shim would win by cheating. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findPeer } from '../../test/support/peers.ts';

const run = promisify(execFile);
const SOURCE = fileURLToPath(new URL('./slow-flush.c', import.meta.url));
const EXTRA_US = 2_000;
const COMPILE_MS = 60_000;
const PROGRAMS = ['ours', 'peer'] as const;

/** Whose flushes are counted together. */
export type Counted = (typeof PROGRAMS)[number];

export interface SlowFlush extends AsyncDisposable {
  /** For all processes of a program. */
  env(program: Counted): NodeJS.ProcessEnv;
  /** Flushes so far. */
  count(program: Counted): Promise<number>;
}

/** Compiles the shim. */
export async function makeSlowFlush(): Promise<SlowFlush | { missing: string }> {
  const gcc = await findPeer('gcc');
  if ('missing' in gcc) return gcc;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-slow-flush-'));
  // Postfix's daemons run as a user of their own.
  await chmod(folder, 0o755);
  const library = join(folder, 'slow-flush.so');
  const words = ['-shared', '-fPIC', '-O2', '-o', library, SOURCE, '-ldl'];
  await run(gcc.path('gcc'), words, { env: gcc.env, timeout: COMPILE_MS });
  const counter = (program: Counted): string => join(folder, `${program}.count`);
  for (const program of PROGRAMS) {
    await writeFile(counter(program), Buffer.alloc(8));
    await chmod(counter(program), 0o666);
  }
  return {
    env: (program) => ({
      LD_PRELOAD: library,
      SLOW_FLUSH_US: String(EXTRA_US),
      SLOW_FLUSH_COUNT: counter(program),
    }),
    count: async (program) => Number((await readFile(counter(program))).readBigUInt64LE()),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
