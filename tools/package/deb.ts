/**
 * The Debian package: the npm package below /usr/lib/holdfast with its dependencies and the pinned Node, and beside it what lies in
 * packaging/deb (units, account, settings, maintainer scripts). Times are those of the last commit, owners are root: the same input gives
 * the same bytes.
 */
import { chmodSync, cpSync, globSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home } from '../lib/tree.ts';
import { type Architecture, nodeOf } from './node.ts';
import { program } from './program.ts';
import type { Staged } from './stage.ts';

export interface DebOptions {
  /** Folder for the package. */
  readonly out: string;
  /** Folder for the files on the way. */
  readonly work: string;
  readonly compression: 'xz' | 'none';
}

const DEADLINE_MS = 10 * 60_000;
const SKELETON = join(home, 'packaging', 'deb');
const MONITORING = join(home, 'packaging', 'monitoring');
const DOCS = 'usr/share/doc/holdfast';

/** The architecture of this machine, as Debian names it. */
export function ownArchitecture(): Architecture {
  return process.arch === 'arm64' ? 'arm64' : 'amd64';
}

/** Writes `holdfast_VERSION_ARCH.deb`; its path. Throws where dpkg-deb or the Node of that architecture can't be had. */
export async function packDeb(staged: Staged, arch: Architecture, options: DebOptions): Promise<string> {
  const root = join(options.work, `deb-${arch}`);
  rmSync(root, { recursive: true, force: true });
  cpSync(SKELETON, root, { recursive: true });
  const library = join(root, 'usr/lib/holdfast');
  mkdirSync(join(library, 'bin'), { recursive: true });
  const node = await nodeOf(arch, options.work);
  cpSync(node, join(library, 'bin/node'));
  for (const part of ['dist', 'package.json'])
    cpSync(join(staged.folder, part), join(library, part), { recursive: true });
  copyLauncher(staged, library);
  copyDependencies(staged, library);
  copyDocs(staged, root);
  cpSync(MONITORING, join(root, 'usr/share/holdfast/monitoring'), { recursive: true });
  cpSync(join(node, '../../LICENSE'), join(root, DOCS, 'copyright.node'));
  setModes(root);
  // Debian sorts 1.0~beta.1 before 1.0, as semantic versions mean 1.0-beta.1.
  const version = staged.version.replace('-', '~');
  fillControl(root, { VERSION: version, ARCHITECTURE: arch, KIB: String(kibIn(root)) });
  const file = join(options.out, `${staged.name}_${version}_${arch}.deb`);
  const words = ['--root-owner-group', `-Z${options.compression}`, '--build', root, file];
  const env = { ...process.env, SOURCE_DATE_EPOCH: await changedAt() };
  await program('dpkg-deb', words, { env, deadlineMs: DEADLINE_MS });
  return file;
}

// Drills start `bin/holdfast.js` beside dist; it runs in the Node that starts it.
function copyLauncher(staged: Staged, library: string): void {
  for (const file of ['bin/holdfast.js', 'bin/launch.js']) cpSync(join(staged.folder, file), join(library, file));
}

/** Packages that the published lockfile names, without the Nodes: one stands in bin. */
function copyDependencies(staged: Staged, library: string): void {
  const lockfile = JSON.parse(readFileSync(join(staged.folder, 'npm-shrinkwrap.json'), 'utf8')) as {
    readonly packages: Record<string, { readonly optional?: boolean }>;
  };
  for (const path of Object.keys(lockfile.packages).sort()) {
    const nested = path.lastIndexOf('/node_modules/') > 0;
    if (path === '' || nested || path.startsWith('node_modules/node-')) continue;
    cpSync(join(home, path), join(library, path), { recursive: true });
  }
}

function copyDocs(staged: Staged, root: string): void {
  const docs = join(root, DOCS);
  cpSync(join(staged.folder, 'docs'), docs, { recursive: true });
  for (const name of ['README.md', 'CHANGELOG.md']) cpSync(join(staged.folder, name), join(docs, name));
  cpSync(join(staged.folder, 'LICENSE'), join(docs, 'copyright'));
}

/** The umask of whoever builds must not show: 755 for folders and programs, 644 for the rest. */
function setModes(root: string): void {
  chmodSync(root, 0o755);
  for (const name of globSync('**/*', { cwd: root })) {
    const path = join(root, name);
    const stats = lstatSync(path);
    if (stats.isSymbolicLink()) continue;
    const runs = stats.isDirectory() || /^(usr\/bin\/|usr\/lib\/holdfast\/bin\/node$|DEBIAN\/p)/.test(name);
    chmodSync(path, runs ? 0o755 : 0o644);
  }
}

function kibIn(root: string): number {
  const sizes = globSync('**/*', { cwd: root }).map((name) => lstatSync(join(root, name)).size);
  return Math.ceil(sizes.reduce((sum, bytes) => sum + bytes, 0) / 1024);
}

function fillControl(root: string, values: Readonly<Record<string, string>>): void {
  const file = join(root, 'DEBIAN/control');
  const text = readFileSync(file, 'utf8').replace(/@(\w+)@/g, (_, name: string) => values[name] ?? '');
  writeFileSync(file, text);
}

/** Seconds, as reproducible-builds.org names them. */
async function changedAt(): Promise<string> {
  if (process.env.SOURCE_DATE_EPOCH !== undefined) return process.env.SOURCE_DATE_EPOCH;
  try {
    return (await program('git', ['log', '-1', '--format=%ct'], { cwd: home, deadlineMs: DEADLINE_MS })).trim();
  } catch {
    // An archive without its history has no commit; any fixed time serves.
    return '315532800';
  }
}
