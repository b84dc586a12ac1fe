/** One blob on its way into a file. Pieces are written as they fill; calls are served one after the other. */
import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { BlobWriter } from '#/ports/index.ts';
import { Sealer } from '../sealed/index.ts';
import { flushFolder, makeFolder, onDisk } from './disk.ts';

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
  readonly #sealer: Sealer;
  #state: 'open' | 'finished' | 'ended' = 'open';
  #turn: Promise<unknown> = Promise.resolve();

  constructor(place: WriterPlace, draft: string, file: FileHandle) {
    this.#place = place;
    this.#draft = draft;
    this.#file = file;
    this.#sealer = new Sealer(place.blobKey);
  }

  write(piece: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      for (const sealed of this.#sealer.push(piece)) await this.#file.writeFile(sealed);
    });
  }

  finish(): Promise<BlobRef> {
    return this.#inTurn(async () => {
      await this.#file.writeFile(this.#sealer.last());
      await this.#file.datasync();
      await this.#file.close();
      await makeFolder(this.#place.folder);
      await rename(this.#draft, join(this.#place.folder, this.#place.key));
      await flushFolder(this.#place.folder);
      this.#state = 'finished';
      return this.#sealer.ref(this.#place.key);
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

  async #end(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    await this.#file.close().catch(() => {});
    await rm(this.#draft, { force: true }).catch(() => {});
  }
}
