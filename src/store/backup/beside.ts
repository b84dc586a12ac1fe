/** What lies in files whatever keeps custody: blobs, wrapped keys. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { CopiedFile, CopyWatch } from '#/ports/index.ts';
import { isAbsent, namesIn } from '../files/disk.ts';
import { isBlobName } from '../files/places.ts';
import { isKeyDay } from '../keys/index.ts';
import type { FolderCopy } from './folder-copy.ts';

/** Where the store's own files stand in a copy. */
export const STORE_FOLDER = 'data';

/** All blobs that are whole: those that only the end of a log names are among them. */
export async function* blobFilesOf(blobs: string, to: FolderCopy, watch: CopyWatch): AsyncIterable<CopiedFile> {
  const of = await sizeOfFolder(blobs);
  let done = 0;
  for await (const file of filesIn(blobs)) {
    const name = relative(blobs, file);
    if (!isBlobName(name)) continue;
    try {
      const copied = await to.place(file, `${STORE_FOLDER}/blobs/${name}`, watch.signal);
      done += copied.bytes;
      watch.progress('large mails', done, of);
      yield copied;
    } catch (error) {
      // Purged between two looks: nobody has needed it for a day.
      if (!isAbsent(error)) throw error;
    }
  }
}

/** The wrapped keys of days. */
export async function* keyFilesOf(keys: string, to: FolderCopy, watch: CopyWatch): AsyncIterable<CopiedFile> {
  for (const name of (await namesIn(keys)).filter(isKeyDay))
    yield await to.place(join(keys, name), `${STORE_FOLDER}/keys/${name}`, watch.signal);
}

/** Octets of a file; 0 where it is not there. */
export async function sizeOfFile(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isAbsent(error)) return 0;
    throw error;
  }
}

/** Octets of all files below a folder; 0 where it is not there. */
export async function sizeOfFolder(dir: string): Promise<number> {
  let sum = 0;
  for await (const file of filesIn(dir)) sum += await sizeOfFile(file);
  return sum;
}

/** All files below a folder; one folder's names in memory at a time. */
async function* filesIn(dir: string): AsyncGenerator<string> {
  const entries = await readdir(dir, { withFileTypes: true }).catch((error: unknown) => {
    if (isAbsent(error)) return [];
    throw error;
  });
  for (const entry of entries) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) yield* filesIn(path);
    else if (entry.isFile()) yield path;
  }
}
