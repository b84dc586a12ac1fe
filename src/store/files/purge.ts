/**
 * The second phase of deletion, one folder after the other. A blob goes when it was condemned before the given time and still no row
 * names it. One that no row names and nobody condemned (its acceptance never came to be, or the mark was lost) is condemned now, and
 * goes the next time: so every one has its full grace.
 */
import { rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Call } from '#/model/index.ts';
import { isTenantName, readBlobKey } from '../sealed/index.ts';
import { isAbsent, namesIn } from './disk.ts';
import { condemnedName, draftFolder, keyOfCondemned } from './places.ts';

export type InUse = (keys: readonly string[]) => Promise<ReadonlySet<string>>;

const ASK_AT_ONCE = 500;

/** A walk over all folders that stops at a call's deadline and goes on from there the next time. */
export class Purge {
  readonly #dir: string;
  #after = '';

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Returns how many blobs and left-over drafts went. Times are wall-clock ms. */
  async walk(before: number, nowMs: number, inUse: InUse, call: Call): Promise<number> {
    let gone = await removeDrafts(draftFolder(this.#dir), before);
    for (const folder of await this.#foldersLeft()) {
      if (call.signal?.aborted || performance.now() > call.deadlineAt) return gone;
      gone += await purgeFolder(join(this.#dir, folder), before, nowMs, inUse);
      this.#after = folder;
    }
    this.#after = '';
    return gone;
  }

  async #foldersLeft(): Promise<string[]> {
    const tenants = (await namesIn(this.#dir)).filter(isTenantName);
    const below = await Promise.all(
      tenants.map(async (tenant) => (await namesIn(join(this.#dir, tenant))).map((name) => `${tenant}/${name}`)),
    );
    return below.flat().filter((folder) => folder > this.#after);
  }
}

/** Marks a blob as not needed since `atMs`. A mark that is there already stays. */
export async function condemnBlob(folder: string, key: string, atMs: number): Promise<void> {
  const mark = join(folder, condemnedName(key));
  try {
    await writeFile(mark, '', { flag: 'wx', mode: 0o600 });
    await utimes(mark, atMs / 1_000, atMs / 1_000);
  } catch (error) {
    // Already marked, or there is nothing of this tenant to mark.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' && !isAbsent(error)) throw error;
  }
}

async function purgeFolder(folder: string, before: number, nowMs: number, inUse: InUse): Promise<number> {
  const names = await namesIn(folder);
  const marked = new Set(names.map(keyOfCondemned).filter((key) => key !== null));
  const keys = names.filter((name) => (readBlobKey(name)?.begunAt ?? before) < before);
  let gone = 0;
  for (let at = 0; at < keys.length; at += ASK_AT_ONCE) {
    const asked = keys.slice(at, at + ASK_AT_ONCE);
    const needed = await inUse(asked);
    for (const key of asked) gone += await decide(folder, key, marked.has(key), needed.has(key), before, nowMs);
  }
  const there = new Set(names);
  for (const key of marked) if (!there.has(key)) await rm(join(folder, condemnedName(key)), { force: true });
  return gone;
}

async function decide(
  folder: string,
  key: string,
  marked: boolean,
  needed: boolean,
  before: number,
  nowMs: number,
): Promise<0 | 1> {
  const mark = join(folder, condemnedName(key));
  if (needed) {
    if (marked) await rm(mark, { force: true });
    return 0;
  }
  if (!marked) await condemnBlob(folder, key, nowMs);
  else if ((await stat(mark)).mtimeMs < before) {
    await rm(join(folder, key), { force: true });
    await rm(mark, { force: true });
    return 1;
  }
  return 0;
}

// What a process that died left behind.
async function removeDrafts(folder: string, before: number): Promise<number> {
  let gone = 0;
  for (const name of await namesIn(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found === null || found.mtimeMs >= before) continue;
    await rm(path, { force: true });
    gone++;
  }
  return gone;
}
