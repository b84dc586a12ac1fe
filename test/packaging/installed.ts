/** The published package laid out as npm would, without a registry: the tarball unpacked, its dependencies linked to those of the checkout. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { packNpm } from '../../tools/package/npm.ts';
import { program } from '../../tools/package/program.ts';
import { type Staged, stage } from '../../tools/package/stage.ts';

const HOME = dirname(dirname(import.meta.dirname));
const UNPACK_MS = 30_000;

/** An installation in a folder of its own. */
export interface Installed extends Disposable {
  /** Empty, to start in. */
  readonly folder: string;
  readonly staged: Staged;
  readonly tarball: string;
  /** Where the package lies. */
  readonly home: string;
}

/** Builds, packs and unpacks. */
export async function install(): Promise<Installed> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'holdfast-installed-')));
  const staged = await stage(join(root, 'staged'));
  const tarball = await packNpm(staged, root);
  const modules = join(root, 'away', 'node_modules');
  const home = join(modules, 'holdfast');
  mkdirSync(home, { recursive: true });
  mkdirSync(join(root, 'away', 'run'));
  await program('tar', ['-xzf', tarball, '-C', home, '--strip-components=1'], { deadlineMs: UNPACK_MS });
  for (const name of readdirSync(join(HOME, 'node_modules'))) {
    if (!name.startsWith('.')) symlinkSync(join(HOME, 'node_modules', name), join(modules, name));
  }
  return {
    folder: join(root, 'away', 'run'),
    staged,
    tarball,
    home,
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** An environment that says nothing of this checkout: a PATH without its node_modules, an empty home, no settings of ours. */
export function strangeEnvironment(home: string): NodeJS.ProcessEnv {
  return { PATH: foldersOutside().join(delimiter), HOME: home, LANG: 'C.UTF-8' };
}

/** A Node that is not the pinned one, as the machine of an operator may have; else the one that runs this test. */
export function otherNode(): string {
  return (
    foldersOutside()
      .map((folder) => join(folder, 'node'))
      .find((file) => existsSync(file)) ?? process.execPath
  );
}

function foldersOutside(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
}
