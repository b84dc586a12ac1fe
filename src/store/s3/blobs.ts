/** The S3 keeper of `ports/blobs.ts`. */
import { randomBytes } from 'node:crypto';
import type { S3Place } from '#/codec/s3/index.ts';
import type { BlobRef, Call, TenantId } from '#/model/index.ts';
import type { Blobs, BlobWriter, Clock, Log } from '#/ports/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { newBlobKey, openingKey, readBlobKey, refuseLate, sealedSize, sealingKey } from '../sealed/index.ts';
import { Breaker } from './breaker.ts';
import { Bucket } from './bucket.ts';
import { Client } from './client.ts';
import type { S3Credentials } from './credentials.ts';
import { contentOf, Exchange } from './exchange.ts';
import type { S3Limits } from './limits.ts';
import { S3_LIMITS } from './limits.ts';
import { blobName, markName } from './places.ts';
import type { InUse } from './purge.ts';
import { Purge } from './purge.ts';
import { readObject } from './reader.ts';
import { S3Writer } from './writer.ts';
import { WriterPlaces } from './writers.ts';

export interface S3BlobsOptions {
  readonly place: S3Place;
  readonly credentials: S3Credentials;
  readonly keyRing: KeyRing;
  /** Other bounds than the usual ones, for tests. */
  readonly limits?: Partial<S3Limits>;
}

export interface S3BlobsParts {
  readonly clock: Clock;
  readonly log: Pick<Log, 'info' | 'warn'>;
}

export interface S3Blobs extends Blobs, AsyncDisposable {
  /** Stores, reads and removes an object of its own: a fault whose detail says what to mend, for whoever checks a configuration. */
  check(call: Call): Promise<void>;
}

/** Blobs in a bucket. Opens no connection yet. Any number of processes and hosts may read, write and purge. */
export function openS3Blobs(options: S3BlobsOptions, parts: S3BlobsParts): S3Blobs {
  return new BucketBlobs(options, parts);
}

class BucketBlobs implements S3Blobs {
  readonly #keyRing: KeyRing;
  readonly #clock: Clock;
  readonly #limits: S3Limits;
  readonly #prefix: string;
  readonly #exchange: Exchange;
  readonly #breaker: Breaker;
  readonly #bucket: Bucket;
  readonly #writers: WriterPlaces;
  readonly #purge: Purge;

  constructor({ place, credentials, keyRing, limits }: S3BlobsOptions, { clock, log }: S3BlobsParts) {
    this.#keyRing = keyRing;
    this.#clock = clock;
    this.#limits = { ...S3_LIMITS, ...limits };
    this.#prefix = place.prefix;
    this.#exchange = new Exchange(place, credentials, this.#limits);
    this.#breaker = new Breaker(this.#limits, clock, log);
    const client = new Client(this.#exchange, this.#breaker, clock, this.#limits, place.origin);
    this.#bucket = new Bucket(client, place, this.#limits);
    this.#writers = new WriterPlaces(this.#limits.writersMax);
    this.#purge = new Purge(this.#bucket, place.prefix, this.#limits);
  }

  async create(tenant: TenantId, call: Call): Promise<BlobWriter> {
    refuseLate(call);
    // Said before a sender has sent it all.
    this.#breaker.refuseWhileOpen();
    const key = newBlobKey(this.#clock.now());
    const blobKey = await sealingKey(this.#keyRing, tenant, key);
    const ended = await this.#writers.take(call);
    const [name, signal] = [blobName(this.#prefix, tenant, key), call.signal];
    return new S3Writer({ bucket: this.#bucket, key, name, blobKey, limits: this.#limits, signal, ended });
  }

  async *read(tenant: TenantId, ref: BlobRef, call: Call): AsyncIterable<Uint8Array> {
    refuseLate(call);
    const blobKey = await openingKey(this.#keyRing, tenant, ref.key);
    const name = blobName(this.#prefix, tenant, ref.key);
    yield* readObject(this.#bucket, name, blobKey, ref, this.#limits.windowBytes, call);
  }

  async has(tenant: TenantId, ref: BlobRef, call: Call): Promise<boolean> {
    refuseLate(call);
    if (readBlobKey(ref.key) === null) return false;
    return (await this.#bucket.size(blobName(this.#prefix, tenant, ref.key), call)) === sealedSize(ref.size);
  }

  async condemn(tenant: TenantId, keys: readonly string[], call: Call): Promise<void> {
    const at = this.#clock.now();
    for (const key of keys) {
      refuseLate(call);
      if (readBlobKey(key) === null) continue;
      await this.#bucket.put(markName(blobName(this.#prefix, tenant, key), at), contentOf([]), call);
    }
  }

  purge(before: number, inUse: InUse, call: Call): Promise<number> {
    return this.#purge.walk(before, this.#clock.now(), inUse, call);
  }

  async check(call: Call): Promise<void> {
    const name = `${this.#prefix}check.${randomBytes(8).toString('hex')}`;
    await this.#bucket.list('', call);
    await this.#bucket.put(name, contentOf([Buffer.from('holdfast')]), call);
    await this.#bucket.get(name, 0, 7, call);
    await this.#bucket.remove(name, call);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#exchange[Symbol.dispose]();
  }
}
