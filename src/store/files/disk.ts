/** The few things that the file keeper asks of the disk, with its failures in our words. */
import { mkdir, open, readdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Fault } from '#/model/index.ts';

const FULL = ['ENOSPC', 'EDQUOT', 'EFBIG'];

/** Whether an error says that there is no such file. */
export function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/** What `work` gives; `disk.full` where there is no room, `store.failed` for any other failure of the disk. */
export async function onDisk<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Fault) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? '';
    throw FULL.includes(code) ? new Fault('disk.full', undefined, error) : new Fault('store.failed', code, error);
  }
}

/** Makes names in a folder durable. */
export async function flushFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Makes a folder and those above it, durably: each new name is flushed in the folder that holds it. */
export async function makeFolder(dir: string): Promise<void> {
  const first = await mkdir(dir, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let made = dir; ; made = dirname(made)) {
    await flushFolder(dirname(made));
    if (made === first) return;
  }
}

/** Names in a folder, sorted; none where it is not there. */
export async function namesIn(dir: string): Promise<readonly string[]> {
  try {
    return (await readdir(dir)).sort();
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}
