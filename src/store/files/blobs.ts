/** The file keeper of `ports/blobs.ts`. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobRef, Call, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Blobs, BlobWriter, Clock } from '#/ports/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { newBlobKey, openingKey, readBlobKey, refuseLate, sealedSize, sealingKey } from '../sealed/index.ts';
import { isAbsent, onDisk } from './disk.ts';
import { blobFolder, draftFolder } from './places.ts';
import type { InUse } from './purge.ts';
import { condemnBlob, Purge } from './purge.ts';
import { readBlob } from './reader.ts';
import { openBlobWriter } from './writer.ts';

export interface FileBlobsOptions {
  /** `DATA/blobs`; made where it is absent. */
  readonly dir: string;
  readonly keyRing: KeyRing;
  readonly clock: Pick<Clock, 'now'>;
}

/** Blobs as files. Several processes may read and write; one at a time should purge. */
export function openFileBlobs(options: FileBlobsOptions): Blobs {
  return new FileBlobs(options);
}

class FileBlobs implements Blobs {
  readonly #dir: string;
  readonly #keyRing: KeyRing;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #purge: Purge;

  constructor({ dir, keyRing, clock }: FileBlobsOptions) {
    this.#dir = dir;
    this.#keyRing = keyRing;
    this.#clock = clock;
    this.#purge = new Purge(dir);
  }

  async create(tenant: TenantId, call: Call): Promise<BlobWriter> {
    refuseLate(call);
    const key = newBlobKey(this.#clock.now());
    return openBlobWriter({
      key,
      blobKey: await sealingKey(this.#keyRing, tenant, key),
      drafts: draftFolder(this.#dir),
      folder: blobFolder(this.#dir, tenant, key),
      signal: call.signal,
    });
  }

  async *read(tenant: TenantId, ref: BlobRef, call: Call): AsyncIterable<Uint8Array> {
    refuseLate(call);
    const blobKey = await openingKey(this.#keyRing, tenant, ref.key);
    yield* readBlob(join(blobFolder(this.#dir, tenant, ref.key), ref.key), blobKey, ref, call);
  }

  async has(tenant: TenantId, ref: BlobRef, call: Call): Promise<boolean> {
    refuseLate(call);
    if (readBlobKey(ref.key) === null) return false;
    try {
      const { size } = await stat(join(blobFolder(this.#dir, tenant, ref.key), ref.key));
      return size === sealedSize(ref.size);
    } catch (error) {
      if (isAbsent(error)) return false;
      throw new Fault('store.unavailable', (error as NodeJS.ErrnoException).code, error);
    }
  }

  async condemn(tenant: TenantId, keys: readonly string[], call: Call): Promise<void> {
    const at = this.#clock.now();
    for (const key of keys) {
      refuseLate(call);
      if (readBlobKey(key) !== null) await onDisk(() => condemnBlob(blobFolder(this.#dir, tenant, key), key, at));
    }
  }

  purge(before: number, inUse: InUse, call: Call): Promise<number> {
    return onDisk(() => this.#purge.walk(before, this.#clock.now(), inUse, call));
  }
}
