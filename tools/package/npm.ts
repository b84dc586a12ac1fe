/** The tarball for npm: `npm pack` of the staged folder, which gives the same bytes for the same files. */
import { join } from 'node:path';
import { program } from './program.ts';
import type { Staged } from './stage.ts';

const DEADLINE_MS = 60_000;

/** Writes `NAME-VERSION.tgz` into `out`; its path. */
export async function packNpm(staged: Staged, out: string): Promise<string> {
  await program('npm', ['pack', '--silent', '--pack-destination', out], {
    cwd: staged.folder,
    deadlineMs: DEADLINE_MS,
  });
  return join(out, `${staged.name}-${staged.version}.tgz`);
}
