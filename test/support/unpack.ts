/** Debian packages unpacked below .cache/peers, with what they need beyond what is installed. */
import { execFile } from 'node:child_process';
import { existsSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Folder in which the packages' files lie as below `/`, or why there is none. */
export type Unpacked = { folder: string } | { missing: string };

const CACHE = join(dirname(dirname(import.meta.dirname)), '.cache');
const FETCH_DEADLINE_MS = 120_000;
const LOCK_DEADLINE_MS = 180_000;
const FAILURE_KEPT_MS = 15 * 60_000;

// Root's apt would fetch as another user, who can't write below a private folder.
const AS_CALLER = ['-o', 'APT::Sandbox::User=root'];

const start = promisify(execFile);

/** Unpacks once; a failure is remembered for a quarter of an hour, so that each test need not wait for it anew. */
export async function unpack(name: string, packages: readonly string[]): Promise<Unpacked> {
  const folder = join(CACHE, 'peers', name);
  const failure = `${folder}.missing`;
  if (existsSync(folder)) return { folder };
  if (!(await lock(folder))) return { missing: 'another process has been fetching it for too long' };
  try {
    if (existsSync(folder)) return { folder };
    if (isRecent(failure)) return { missing: readFileSync(failure, 'utf8') };
    await fetchInto(folder, packages);
    return { folder };
  } catch (error) {
    const reason = `its packages can't be fetched (${firstLine(error)})`;
    writeFileSync(failure, reason);
    return { missing: reason };
  } finally {
    rmSync(`${folder}.lock`, { recursive: true, force: true });
  }
}

async function fetchInto(folder: string, packages: readonly string[]): Promise<void> {
  const part = `${folder}.part`;
  rmSync(part, { recursive: true, force: true });
  mkdirSync(join(part, 'archives'), { recursive: true });
  const own = listsAreThere() ? [] : await ownLists();
  const wanted = await withNeeds(packages, own);
  await apt([...own, 'download', ...wanted], join(part, 'archives'));
  for (const archive of globSync('archives/*.deb', { cwd: part })) {
    await start('dpkg', ['-x', archive, '.'], { cwd: part, timeout: FETCH_DEADLINE_MS });
  }
  rmSync(join(part, 'archives'), { recursive: true });
  renameSync(part, folder);
}

// What apt would fetch to install them: the packages and those needs that this system lacks. It leaves out what lies in
// its store of archives, so it is shown an empty one.
async function withNeeds(packages: readonly string[], own: readonly string[]): Promise<string[]> {
  const empty = join(CACHE, 'apt', 'no-archives');
  mkdirSync(join(empty, 'partial'), { recursive: true });
  const words = [
    ...own,
    '-o',
    `Dir::Cache::archives=${empty}`,
    '-o',
    'Debug::NoLocking=1',
    'install',
    '--print-uris',
    '-qq',
    '-y',
    '--no-install-recommends',
  ];
  const said = await apt([...words, ...packages], CACHE);
  return [...said.matchAll(/^'[^']+' ([^_\s]+)_/gm)].map((match) => match[1] ?? '');
}

function listsAreThere(): boolean {
  return globSync('/var/lib/apt/lists/*_Packages*').length > 0;
}

async function ownLists(): Promise<string[]> {
  for (const name of ['apt/lists/partial', 'apt/cache/archives/partial']) {
    mkdirSync(join(CACHE, name), { recursive: true });
  }
  const own = ['-o', `Dir::State::Lists=${join(CACHE, 'apt/lists')}`, '-o', `Dir::Cache=${join(CACHE, 'apt/cache')}`];
  await apt([...own, 'update', '-qq'], CACHE);
  return own;
}

async function apt(words: readonly string[], cwd: string): Promise<string> {
  const { stdout } = await start('apt-get', [...AS_CALLER, ...words], {
    cwd,
    timeout: FETCH_DEADLINE_MS,
    maxBuffer: 8 << 20,
  });
  return stdout;
}

// A folder is made by one process only; its holder removes it, and a forgotten one grows too old.
async function lock(folder: string): Promise<boolean> {
  mkdirSync(dirname(folder), { recursive: true });
  const deadline = Date.now() + LOCK_DEADLINE_MS;
  while (Date.now() < deadline) {
    try {
      mkdirSync(`${folder}.lock`);
      return true;
    } catch {
      const since = statSync(`${folder}.lock`, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
      if (Date.now() - since > LOCK_DEADLINE_MS) rmSync(`${folder}.lock`, { recursive: true, force: true });
      await sleep(200);
    }
  }
  return false;
}

function isRecent(file: string): boolean {
  const since = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - since < FAILURE_KEPT_MS;
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split('\n').find((line) => line.startsWith('E:')) ?? text.split('\n')[0] ?? 'no reason given';
}
