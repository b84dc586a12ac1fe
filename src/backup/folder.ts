/**
 * The folder of a backup.
 * ```
 *   absent or empty ──begin──▶ unfinished ──manifest──▶ whole
 *                                 └──ended early: emptied; killed: emptied by the next begin──▶ absent or empty
 * ```
 * What must never happen: a whole backup that is written over; somebody's file that is deleted.
 */
import { mkdir, open, readdir, realpath, rm } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { Refusal } from '#/ports/index.ts';

/** It stands there while a backup is being made. */
const UNFINISHED = 'backup.unfinished';
/** All that a backup consists of, so that nothing else is ever removed. */
const OURS = ['manifest.json', 'manifest.json.new', 'files.sha256', 'README.txt', 'data', 'settings', 'database.dump'];

export interface BackupFolder {
  readonly path: string;
  /** It is whole. */
  finish(): Promise<void>;
  /** Leaves nothing behind. */
  abandon(): Promise<void>;
}

/** Makes the folder, or takes an empty one; what an interrupted backup left there goes. `data` is what is copied, and can't hold its own copy. */
export async function beginFolder(path: string, data: string): Promise<BackupFolder> {
  const made = await mkdir(path, { recursive: true, mode: 0o700 });
  const inside = relative(await realpath(data).catch(() => data), await realpath(path));
  if (inside === '' || !(inside === '..' || inside.startsWith('../'))) {
    if (made !== undefined) await rm(made, { recursive: true });
    throw new Refusal(
      2,
      `${path} lies in the data directory: it would be lost with it. Choose a folder elsewhere, best on another disk.`,
    );
  }
  const names = await readdir(path);
  const interrupted = names.includes(UNFINISHED);
  const foreign = names.filter((name) => name !== UNFINISHED && !(interrupted && OURS.includes(name)));
  if (foreign.length > 0) throw notEmpty(path, foreign);
  await writeDurably(join(path, UNFINISHED), 'A backup is being made here. Without manifest.json it is not whole.\n');
  await empty(path);
  return {
    path,
    finish: async () => {
      await rm(join(path, UNFINISHED));
      await flush(path);
    },
    abandon: async () => {
      await empty(path);
      await rm(join(path, UNFINISHED), { force: true });
      if (made !== undefined) await rm(made, { recursive: true, force: true });
    },
  };
}

/** Whether a backup was begun here and not finished. */
export async function isUnfinished(path: string): Promise<boolean> {
  const names: readonly string[] = await readdir(path).catch(() => []);
  return names.includes(UNFINISHED);
}

/** Writes a small file durably; its folder is the caller's to flush. */
export async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'w', 0o600);
  await file.writeFile(text);
  await file.sync();
}

/** Makes the names in a folder durable. */
export async function flush(path: string): Promise<void> {
  await using folder = await open(path, 'r');
  await folder.sync();
}

/** Whether an error says that there is no such file. */
export function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

async function empty(path: string): Promise<void> {
  for (const name of OURS) await rm(join(path, name), { recursive: true, force: true });
}

function notEmpty(path: string, found: readonly string[]): Refusal {
  const what = found.includes('manifest.json') ? 'a backup already' : `${found[0] ?? ''} already`;
  const example = join(dirname(path), `${basename(path)}-2`);
  return new Refusal(2, `${path} holds ${what}, and nothing is written over. Name a new folder, such as ${example}.`);
}
