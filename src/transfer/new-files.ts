/** Files as we write them: new ones, for nobody else to read. */
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { SinkTrouble } from './sink.ts';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Opens a file that was not there. */
export async function newFile(path: string): Promise<FileHandle> {
  return await open(path, 'wx', FILE_MODE).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EEXIST')
      throw new SinkTrouble(`Two mailboxes or messages would be one file: ${path}. Export in another form.`);
    throw new SinkTrouble(`${path} can't be written: ${error.message}.`);
  });
}

/** Writes a whole new file. */
export async function writeNew(path: string, pieces: readonly (Uint8Array | string)[]): Promise<void> {
  const file = await newFile(path);
  try {
    for (const piece of pieces) await file.writeFile(piece);
  } finally {
    await file.close();
  }
}

/** Makes a folder and what is missing above it. */
export async function newFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: FOLDER_MODE }).catch((error: NodeJS.ErrnoException) => {
    throw new SinkTrouble(`${path} can't be made: ${error.message}.`);
  });
}
