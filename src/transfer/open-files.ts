/**
 * Files as we read them: regular ones alone, and never through a link. Who imports may be root, and whose mail it is may have laid a link to
 * what is none of theirs.
 */
import { constants } from 'node:fs';
import { type FileHandle, open, readdir } from 'node:fs/promises';
import { SourceTrouble } from './source.ts';

// A pipe that nobody writes must not hold us at opening.
const READING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Null where there is no such file; throws a `SourceTrouble` where it is none that we read. */
export async function openFile(
  path: string,
): Promise<(FileHandle & { readonly bytes: number; readonly mtimeMs: number }) | null> {
  const file = await open(path, READING).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new SourceTrouble(`${path} can't be read: ${wordsOf(error)}.`, false, error);
  });
  if (file === null) return null;
  const stat = await file.stat();
  if (stat.isFile()) return Object.assign(file, { bytes: stat.size, mtimeMs: Math.round(stat.mtimeMs) });
  await file.close();
  throw new SourceTrouble(`${path} can't be read: it is no plain file.`, false);
}

/** All octets of a file that has at most so many. Null where there is none; throws a `SourceTrouble` for what can't be read. */
export async function readWhole(
  path: string,
  bytesMax: number,
): Promise<{ readonly octets: Buffer; readonly mtimeMs: number } | null> {
  const file = await openFile(path);
  if (file === null) return null;
  try {
    if (file.bytes > bytesMax) throw new SourceTrouble(`It has ${file.bytes} octets; ${bytesMax} are allowed.`, false);
    return { octets: await file.readFile(), mtimeMs: file.mtimeMs };
  } finally {
    await file.close();
  }
}

/** The text of a small file, or null. */
export async function readText(path: string, bytesMax: number): Promise<string | null> {
  return (await readWhole(path, bytesMax))?.octets.toString('utf8') ?? null;
}

export interface Names {
  readonly files: readonly string[];
  readonly folders: readonly string[];
  /** Links, pipes and their like. */
  readonly others: readonly string[];
}

/** What a folder holds, by name; nothing where it is not there. */
export async function namesIn(path: string): Promise<Names> {
  const entries = await readdir(path, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw new SourceTrouble(`${path} can't be read: ${wordsOf(error)}.`, false, error);
  });
  const named = (wanted: (entry: (typeof entries)[number]) => boolean): readonly string[] =>
    entries
      .filter(wanted)
      .map(({ name }) => name)
      .sort();
  return {
    files: named((entry) => entry.isFile()),
    folders: named((entry) => entry.isDirectory()),
    others: named((entry) => !entry.isFile() && !entry.isDirectory()),
  };
}

function wordsOf({ code, message }: NodeJS.ErrnoException): string {
  const words: Readonly<Record<string, string>> = {
    EACCES: 'permission denied',
    EPERM: 'permission denied',
    ELOOP: 'it is a link',
    EISDIR: 'it is a folder',
    ENXIO: 'it is no plain file',
  };
  return words[code ?? ''] ?? message;
}
