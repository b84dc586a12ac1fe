/**
 * The published package as a folder: src compiled to dist, the launcher, the operators' pages, and the manifest of publication with its
 * lockfile. What goes in is named here; whatever else lies in a checkout stays out.
 */
import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { filesOf, home, textOf } from '../lib/tree.ts';
import { compile } from './compile.ts';

/** A folder that holds the package, and what it is. */
export interface Staged {
  readonly folder: string;
  readonly name: string;
  readonly version: string;
}

type Manifest = Record<string, unknown> & { readonly name: string; readonly version: string };
type Locked = Record<string, unknown> & { readonly dev?: boolean; readonly devOptional?: boolean };
type Lockfile = Record<string, unknown> & { readonly packages: Record<string, Locked> };

/** Copied as they are. The launcher's setup.js serves checkouts alone. */
const COPIED = ['bin/holdfast.js', 'bin/launch.js', 'LICENSE', 'README.md', 'CHANGELOG.md'];
/** Pages that operators read; those of developers stay in the checkout. */
const PAGES = /^docs\/(handbook\/.+|settings|faults|benchmarks|interop|stores)(\.md)?$/;
/** Fields of package.json that mean something to who installs it. */
const KEPT = ['name', 'version', 'description', 'license', 'type', 'engines', 'bin', 'dependencies'];

/** Builds the package in `folder`, which is made anew. Throws with the compiler's words where it can't. */
export async function stage(folder: string): Promise<Staged> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await compile(join(folder, 'dist'));
  for (const file of [...COPIED, ...filesOf('docs').filter((page) => PAGES.test(page))]) copy(file, folder);
  const manifest = published(JSON.parse(textOf('package.json')) as Manifest);
  writeJson(join(folder, 'package.json'), manifest);
  writeJson(join(folder, 'npm-shrinkwrap.json'), locked(manifest, JSON.parse(textOf('package-lock.json')) as Lockfile));
  return { folder, name: manifest.name, version: manifest.version };
}

/** Files of a staged package, relative to it, in order. */
export function filesIn(folder: string): string[] {
  return globSync('**/*', { cwd: folder, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function copy(file: string, folder: string): void {
  const to = join(folder, file);
  mkdirSync(dirname(to), { recursive: true });
  cpSync(join(home, file), to);
}

function published(manifest: Manifest): Manifest {
  const kept = Object.fromEntries(KEPT.map((key) => [key, manifest[key]]));
  return {
    ...kept,
    name: manifest.name,
    version: manifest.version,
    // tsc rewrites relative imports alone: `#/queue/index.ts` goes on meaning the room's door, now compiled.
    imports: { '#/*.ts': './dist/*.js' },
    optionalDependencies: manifest.optionalDependencies,
  };
}

/** The lockfile without what only a checkout needs: who installs the package gets the versions that were tested, by their hashes. */
function locked(manifest: Manifest, lockfile: Lockfile): Lockfile {
  const { name, version, license, dependencies, optionalDependencies, bin, engines } = manifest;
  const root = { name, version, license, dependencies, optionalDependencies, bin, engines };
  const others = Object.entries(lockfile.packages).filter(
    ([path, entry]) => path !== '' && entry.dev !== true && entry.devOptional !== true,
  );
  return { ...lockfile, name, version, packages: { '': root, ...Object.fromEntries(others) } };
}

function writeJson(file: string, value: unknown): void {
  writeFileSync(file, `${JSON.stringify(value, null, 2)}\n`);
}
