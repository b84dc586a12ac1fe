/** A folder that is filled: files copied with the hash of what was written, durable once it is flushed. */
import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CopiedFile } from '#/ports/index.ts';
import { flushFolder, makeFolder, onDisk } from '../files/disk.ts';

const PIECE_BYTES = 1024 * 1024;
/** Beside a server: rests as long as it worked, and flushes so often, since one flush of everything would hold up those of the server. */
const REST_BYTES = 2 * PIECE_BYTES;
const REST_MS_MAX = 100;
const FLUSH_BYTES = 8 * PIECE_BYTES;

export class FolderCopy {
  readonly #dir: string;
  readonly #paced: boolean;
  readonly #touched = new Set<string>();

  /** `paced` where a server works on the same disks. */
  constructor(dir: string, paced: boolean) {
    this.#dir = dir;
    this.#paced = paced;
  }

  /** Where a file of it is, its folder being there. */
  async pathOf(path: string): Promise<string> {
    const file = join(this.#dir, path);
    const folder = dirname(file);
    if (!this.#touched.has(folder)) await onDisk(() => makeFolder(folder));
    this.#touched.add(folder);
    return file;
  }

  /** Copies `from` to `path`; nothing may stand there. `onPiece` hears how many bytes came. */
  async place(from: string, path: string, signal: AbortSignal, onPiece?: (bytes: number) => void): Promise<CopiedFile> {
    const to = await this.pathOf(path);
    await using source = await open(from, 'r');
    await using target = await open(to, 'wx', 0o600);
    const hash = createHash('sha256');
    let bytes = 0;
    let since = performance.now();
    for await (const piece of piecesOf(source)) {
      signal.throwIfAborted();
      hash.update(piece);
      bytes += piece.length;
      await onDisk(() => target.writeFile(piece));
      onPiece?.(piece.length);
      if (!this.#paced || bytes % REST_BYTES !== 0) continue;
      if (bytes % FLUSH_BYTES === 0) await onDisk(() => target.datasync());
      await sleep(Math.min(performance.now() - since, REST_MS_MAX));
      since = performance.now();
    }
    await onDisk(() => target.datasync());
    return { path, bytes, sha256: hash.digest('hex') };
  }

  /** What stands at `path` already, having been written by other hands. */
  async describe(path: string, signal: AbortSignal): Promise<CopiedFile> {
    await using file = await open(await this.pathOf(path), 'r');
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of piecesOf(file)) {
      signal.throwIfAborted();
      hash.update(piece);
      bytes += piece.length;
    }
    await onDisk(() => file.datasync());
    return { path, bytes, sha256: hash.digest('hex') };
  }

  /** Makes the names of all files durable. */
  async flush(): Promise<void> {
    for (const folder of this.#touched) await onDisk(() => flushFolder(folder));
  }
}

async function* piecesOf(file: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafe(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}
