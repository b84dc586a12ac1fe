/**
 * One blob on its way into the bucket; calls are served one after the other. What fits into one part is put whole, the rest goes part by
 * part as it comes, so that memory holds one part a writer.
 *
 *   open ── finish ──▶ finished          open ── fault, abort ──▶ ended: what was begun is given up
 */
import { createHash } from 'node:crypto';
import type { BlobRef, Call } from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import type { BlobWriter } from '#/ports/index.ts';
import { Sealer } from '../sealed/index.ts';
import type { Bucket } from './bucket.ts';
import type { S3Content } from './exchange.ts';
import type { S3Limits } from './limits.ts';

export interface WriterPlace {
  readonly bucket: Bucket;
  readonly key: string;
  /** Name of its object. */
  readonly name: string;
  readonly blobKey: Uint8Array;
  readonly limits: Pick<S3Limits, 'partBytes' | 'operationMs'>;
  /** Ends the writing: nothing is left behind. */
  readonly signal: AbortSignal | undefined;
  /** Once, when nothing of it is in memory any more. */
  readonly ended: () => void;
}

export class S3Writer implements BlobWriter {
  readonly #place: WriterPlace;
  readonly #sealer: Sealer;
  readonly #tags: string[] = [];
  #part: Buffer[] = [];
  #partHash = createHash('sha256');
  #partBytes = 0;
  #bytes = 0;
  #uploadId: string | null = null;
  #state: 'open' | 'finished' | 'ended' = 'open';
  #turn: Promise<unknown> = Promise.resolve();

  constructor(place: WriterPlace) {
    this.#place = place;
    this.#sealer = new Sealer(place.blobKey);
  }

  write(piece: Uint8Array): Promise<void> {
    return this.#inTurn(async () => {
      for (const sealed of this.#sealer.push(piece)) {
        this.#add(sealed);
        if (this.#partBytes >= this.#place.limits.partBytes) await this.#sendPart();
      }
    });
  }

  finish(): Promise<BlobRef> {
    return this.#inTurn(async () => {
      const { bucket, name, key } = this.#place;
      this.#add(this.#sealer.last());
      if (this.#uploadId === null) await bucket.put(name, this.#taken(), this.#call());
      else {
        await this.#sendPart();
        await bucket.complete(name, this.#uploadId, this.#tags, this.#bytes, this.#call());
      }
      this.#state = 'finished';
      this.#place.ended();
      return this.#sealer.ref(key);
    });
  }

  async abort(): Promise<void> {
    await this.#turn;
    await this.#end();
  }

  async #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(() => this.#guarded(work));
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    if (this.#state !== 'open') throw new Fault('store.unavailable', 'This content has ended already.');
    try {
      if (this.#place.signal?.aborted) throw new Fault('call.late');
      return await work();
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  #add(sealed: Buffer): void {
    this.#part.push(sealed);
    this.#partHash.update(sealed);
    this.#partBytes += sealed.length;
    this.#bytes += sealed.length;
  }

  async #sendPart(): Promise<void> {
    const { bucket, name } = this.#place;
    this.#uploadId ??= await bucket.begin(name, this.#call());
    this.#tags.push(await bucket.part(name, this.#uploadId, this.#tags.length + 1, this.#taken(), this.#call()));
  }

  #taken(): S3Content {
    const content = { pieces: this.#part, sha256: this.#partHash.digest('hex') };
    this.#part = [];
    this.#partHash = createHash('sha256');
    this.#partBytes = 0;
    return content;
  }

  #call(): Call {
    return within(this.#place.limits.operationMs, this.#place.signal);
  }

  // Where the store is away, what was begun stays with it until the purge.
  async #end(): Promise<void> {
    if (this.#state !== 'open') return;
    this.#state = 'ended';
    const { bucket, name, ended, limits } = this.#place;
    this.#part = [];
    ended();
    if (this.#uploadId !== null)
      await bucket.abandon({ name, uploadId: this.#uploadId }, within(limits.operationMs)).catch(() => {});
  }
}
