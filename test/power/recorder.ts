/** Builds disk-recorder.c, where there is a compiler. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findPeer } from '../support/peers.ts';

/** The library to load before a program, in `folder`; or what is missing for it. */
export async function buildRecorder(
  folder: string,
): Promise<{ readonly library: string } | { readonly missing: string }> {
  const gcc = await findPeer('gcc');
  if ('missing' in gcc) return gcc;
  const source = fileURLToPath(new URL('./disk-recorder.c', import.meta.url));
  const library = join(folder, 'disk-recorder.so');
  execFileSync(gcc.path('gcc'), ['-shared', '-fPIC', '-O2', '-o', library, source, '-ldl', '-lpthread'], {
    env: gcc.env,
  });
  return { library };
}
