/** `files.sha256`: a line a file, `HASH  PATH`, as `sha256sum` writes them. Read and written in a stream: large mails are a file each. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type CopiedFile, Refusal } from '#/ports/index.ts';

export const FILE_LIST = 'files.sha256';
/** A dump of the database, where PostgreSQL keeps custody. */
export const DATABASE_DUMP = 'database.dump';

const LINE = /^([0-9a-f]{64}) {2}((?:data|settings)(?:\/[A-Za-z0-9][\w.-]*)+|database\.dump)$/;

/** What a list comes to: its own hash goes into the manifest, and so vouches for every file. */
export interface ListTotals {
  count: number;
  bytes: number;
  sha256: string;
}

export class FileList implements AsyncDisposable {
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');
  #count = 0;
  #bytes = 0;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  static async create(folder: string): Promise<FileList> {
    return new FileList(await open(join(folder, FILE_LIST), 'wx', 0o600));
  }

  async add({ path, bytes, sha256 }: CopiedFile): Promise<void> {
    const line = `${sha256}  ${path}`;
    if (!LINE.test(line)) throw new TypeError(`A backup has no place for ${path}.`);
    this.#hash.update(`${line}\n`);
    this.#count += 1;
    this.#bytes += bytes;
    await this.#file.writeFile(`${line}\n`);
  }

  /** Durable when it resolves. */
  async finish(): Promise<ListTotals> {
    await this.#file.sync();
    return { count: this.#count, bytes: this.#bytes, sha256: this.#hash.digest('hex') };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }
}

/** The files of a backup; refuses a list that differs from what the manifest vouches for, or that would lead out of the folder. */
export async function* listedFiles(
  folder: string,
  totals: ListTotals,
): AsyncGenerator<{ readonly path: string; readonly sha256: string }> {
  await using file = await open(join(folder, FILE_LIST), 'r').catch((cause: unknown) => {
    throw new Refusal(
      1,
      `${FILE_LIST} can't be read, and without it nobody knows whether the backup is whole (${String(cause)}).`,
    );
  });
  if ((await hashOf(join(folder, FILE_LIST))) !== totals.sha256)
    throw new Refusal(1, `${FILE_LIST} is not as it was written: the backup was changed, or its disk is failing.`);
  for await (const line of file.readLines({ autoClose: false })) {
    const [, sha256, path] = LINE.exec(line) ?? [];
    if (sha256 === undefined || path === undefined || path.includes('..'))
      throw new Refusal(1, `${FILE_LIST} has a line that no backup of this release has: ${JSON.stringify(line)}`);
    yield { path, sha256 };
  }
}

/** The hash of a file, in hexadecimal figures; `onPiece` hears how many bytes came, and may throw to end it. */
export async function hashOf(path: string, onPiece?: (bytes: number) => void): Promise<string> {
  const hash = createHash('sha256');
  await using file = await open(path, 'r');
  for await (const piece of file.createReadStream({ highWaterMark: 1024 * 1024, autoClose: false })) {
    hash.update(piece as Buffer);
    onPiece?.((piece as Buffer).length);
  }
  return hash.digest('hex');
}
