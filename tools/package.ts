/**
 * `npm run package [-- --out DIR] [--arch amd64|arm64] [--only npm|deb] [--check]`: makes what is published: the npm tarball and the Debian
 * package, each the same bytes for the same input. `--check` then installs both for real, each away from this checkout, and sends a mail.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { home } from './lib/tree.ts';
import { checkPackages } from './package/check.ts';
import { ownArchitecture, packDeb } from './package/deb.ts';
import { ARCHITECTURES, type Architecture } from './package/node.ts';
import { packNpm } from './package/npm.ts';
import { stage } from './package/stage.ts';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(home, 'out') },
    arch: { type: 'string', default: ownArchitecture() },
    only: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
const architecture = ARCHITECTURES.find((one) => one === values.arch);

if (architecture === undefined || !['npm', 'deb', undefined].includes(values.only)) {
  console.error('Usage: npm run package [-- --out DIR] [--arch amd64|arm64] [--only npm|deb] [--check]');
  process.exitCode = 2;
} else {
  process.exitCode = await make(resolve(values.out), architecture);
}

async function make(out: string, arch: Architecture): Promise<number> {
  const work = mkdtempSync(join(tmpdir(), 'holdfast-package-'));
  try {
    mkdirSync(out, { recursive: true });
    const staged = await stage(join(work, 'package'));
    const made = { tarball: '', deb: '' };
    if (values.only !== 'deb') made.tarball = said(await packNpm(staged, out));
    if (values.only !== 'npm') made.deb = said(await packDeb(staged, arch, { out, work, compression: 'xz' }));
    return values.check ? await checkPackages(made) : 0;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function said(file: string): string {
  console.log(`made ${relative(process.cwd(), file)}`);
  return file;
}
