/** One blob on its way into a file. Pieces are sealed as they fill; calls are served one after the other. */
import type { Hash } from 'node:crypto';
import { createHash, randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { BlobWriter } from '#/ports/index.ts';
import { flushFolder, makeFolder, onDisk } from './disk.ts';
import { PIECE_BYTES, sealPiece } from './seal-pieces.ts';

export interface WriterPlace {
  readonly key: string;
  readonly blobKey: Uint8Array;
  /** Folder of files that are being written. */
  readonly drafts: string;
  /** Folder of the finished file. */
  readonly folder: string;
  /** Ends the writing: nothing is left behind. */
  readonly signal: AbortSignal | undefined;
}

/** Begins a file; the writer leaves nothing behind until `finish`. */
export async function openBlobWriter(place: WriterPlace): Promise<BlobWriter> {
  const draft = join(place.drafts, randomBytes(12).toString('hex'));
  const file = await onDisk(async () => {
    await makeFolder(place.drafts);
    return open(draft, 'wx', 0o600);
  });
  return new FileWriter(place, draft, file);
}

class FileWriter implements BlobWriter {
  readonly #place: WriterPlace;
  readonly #draft: string;
  readonly #file: FileHandle;
  readonly #hash: Hash = createHash('sha256');
  readonly #piece = Buffer.allocUnsafe(PIECE_BYTES);
  #filled = 0;
  #pieces = 0;
  #size = 0;
  #state: 'open' | 'finished' | 'ended' = 'open';
  #turn: Promise<unknown> = Promise.resolve();

  constructor(place: WriterPlace, draft: string, file: FileHandle) {
    this.#place = place;
    this.#draft = draft;
    this.#file = file;
  }

  write(piece: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      this.#hash.update(piece);
      this.#size += piece.length;
      for (let rest = piece; rest.length > 0; ) {
        // The last piece is marked as such: a full one is sealed only when something follows it.
        if (this.#filled === PIECE_BYTES) await this.#seal(false);
        const part = rest.subarray(0, PIECE_BYTES - this.#filled);
        this.#piece.set(part, this.#filled);
        this.#filled += part.length;
        rest = rest.subarray(part.length);
      }
    });
  }

  finish(): Promise<BlobRef> {
    return this.#inTurn(async () => {
      await this.#seal(true);
      await this.#file.datasync();
      await this.#file.close();
      await makeFolder(this.#place.folder);
      await rename(this.#draft, join(this.#place.folder, this.#place.key));
      await flushFolder(this.#place.folder);
      this.#state = 'finished';
      return { key: this.#place.key, size: this.#size, sha256: this.#hash.digest('hex') };
    });
  }

  async abort(): Promise<void> {
    await this.#turn.catch(() => {});
    await this.#end();
  }

  // A failed write or flush is never tried again: the file is given up (design 1, Disk).
  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#guarded(work));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state !== 'open') throw new Fault('store.unavailable', 'This content has ended already.');
    try {
      if (this.#place.signal?.aborted) throw new Fault('call.late');
      return await onDisk(work);
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  async #seal(last: boolean): Promise<void> {
    const sealed = sealPiece(this.#place.blobKey, this.#pieces++, last, this.#piece.subarray(0, this.#filled));
    this.#filled = 0;
    await this.#file.writeFile(sealed);
  }

  async #end(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    await this.#file.close().catch(() => {});
    await rm(this.#draft, { force: true }).catch(() => {});
  }
}
