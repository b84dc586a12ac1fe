/** A disk that does not come back, for one process: builds hung-disk.c, where there is a compiler. */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPeer } from './peers.ts';

export interface HungDisk extends AsyncDisposable {
  /** For the program whose processes may be hung. */
  readonly env: NodeJS.ProcessEnv;
  /** From now on no write to the log and no flush of this process ends. */
  hang(pid: number): Promise<void>;
}

export async function makeHungDisk(): Promise<HungDisk | { missing: string }> {
  const gcc = await findPeer('gcc');
  if ('missing' in gcc) return gcc;
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-hung-disk-'));
  const library = join(folder, 'hung-disk.so');
  const source = fileURLToPath(new URL('./hung-disk.c', import.meta.url));
  execFileSync(gcc.path('gcc'), ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl'], { env: gcc.env });
  const named = join(folder, 'hung');
  return {
    env: { LD_PRELOAD: library, HUNG_DISK: named },
    hang: (pid) => writeFile(named, `${pid}\n`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  };
}
