/** The verbs of a bucket that we use, each with its answer in our words. */
import type { S3Place } from '#/codec/s3/index.ts';
import { completionOf, type Listing, readListing, readUploadId, readUploads, type Uploads } from '#/codec/s3/index.ts';
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Client, Outcome } from './client.ts';
import type { S3Content } from './exchange.ts';
import { contentOf } from './exchange.ts';
import type { S3Limits } from './limits.ts';

export type Uploading = Uploads['uploads'][number];

export class Bucket {
  readonly #client: Client;
  readonly #place: S3Place;
  readonly #limits: Pick<S3Limits, 'listedMax'>;

  constructor(client: Client, place: S3Place, limits: Pick<S3Limits, 'listedMax'>) {
    this.#client = client;
    this.#place = place;
    this.#limits = limits;
  }

  /** Stores an object whole; durable when it resolves. */
  async put(name: string, content: S3Content, call: Call): Promise<void> {
    this.#tagOf(await this.#client.send({ method: 'PUT', name, content }, call));
  }

  /** Octets `from` to `to`, both included, and the length of the whole; null where there is no such object. */
  async get(name: string, from: number, to: number, call: Call): Promise<{ bytes: Buffer; total: number } | null> {
    const headers = { range: `bytes=${from}-${to}` };
    const { kind, answer } = await this.#client.send({ method: 'GET', name, headers }, call);
    if (kind === 'absent') return null;
    if (kind === 'no range') return { bytes: Buffer.alloc(0), total: 0 };
    const [, begin, total] = /^bytes (\d+)-\d+\/(\d+)$/.exec(String(answer.headers['content-range'])) ?? [];
    if (answer.status === 206 && Number(begin) === from) return { bytes: answer.body, total: Number(total) };
    return this.#strange('does not give a part of an object');
  }

  /** Length of an object; null where there is none. */
  async size(name: string, call: Call): Promise<number | null> {
    // Not HEAD: an answer without a text can't tell an object that is not there from a bucket that is not, and some stores send one.
    return (await this.get(name, 0, 0, call))?.total ?? null;
  }

  /** Removes an object; one that is not there is no matter. */
  async remove(name: string, call: Call): Promise<void> {
    await this.#client.send({ method: 'DELETE', name }, call);
  }

  /** A page of all names of ours behind `after`, in order. */
  async list(after: string, call: Call): Promise<Listing> {
    const { prefix } = this.#place;
    const behind = after === '' ? {} : { 'start-after': after };
    const query = { 'list-type': '2', prefix, 'max-keys': String(this.#limits.listedMax), ...behind };
    const { answer } = await this.#client.send({ method: 'GET', name: '', query }, call);
    return readListing(answer.body.toString()) ?? this.#strange('gives no list of its objects');
  }

  /** Begins an object whose length is not known yet; nothing is to be seen of it until it is completed. */
  async begin(name: string, call: Call): Promise<string> {
    const { answer } = await this.#client.send({ method: 'POST', name, query: { uploads: '' } }, call);
    return readUploadId(answer.body.toString()) ?? this.#strange('takes no object in parts');
  }

  /** Stores part `n`, from 1; its tag is what `complete` wants. */
  async part(name: string, uploadId: string, n: number, content: S3Content, call: Call): Promise<string> {
    const query = { partNumber: String(n), uploadId };
    const outcome = await this.#client.send({ method: 'PUT', name, query, content }, call);
    if (outcome.kind === 'no upload') return this.#strange('has given up what we were writing');
    return this.#tagOf(outcome);
  }

  /** Makes an object of `bytes` octets of its parts; durable when it resolves. */
  async complete(name: string, uploadId: string, tags: readonly string[], bytes: number, call: Call): Promise<void> {
    const content = contentOf([Buffer.from(completionOf(tags))]);
    const headers = { 'content-type': 'application/xml' };
    const request = { method: 'POST', name, query: { uploadId }, headers, content } as const;
    const { kind } = await this.#client.send(request, call);
    // A former attempt may have been done and its answer lost: then the upload has ended, and the object is there.
    if (kind !== 'done' && (await this.size(name, call)) !== bytes) this.#strange('did not put the parts together');
  }

  /** Gives up an object that was begun. */
  async abandon({ name, uploadId }: Uploading, call: Call): Promise<void> {
    await this.#client.send({ method: 'DELETE', name, query: { uploadId } }, call);
  }

  /** A page of what was begun and neither completed nor given up. */
  async uploads(after: Uploads['next'], call: Call): Promise<Uploads> {
    const markers = after === null ? {} : { 'key-marker': after.name, 'upload-id-marker': after.uploadId };
    const query = { uploads: '', prefix: this.#place.prefix, ...markers };
    const { answer } = await this.#client.send({ method: 'GET', name: '', query }, call);
    return readUploads(answer.body.toString()) ?? this.#strange('does not say which uploads are under way');
  }

  // Something between us and the store may say 200 to anything: only a store gives a tag.
  #tagOf({ kind, answer }: Outcome): string {
    const tag = answer.headers.etag;
    return kind === 'done' && tag !== undefined ? tag : this.#strange('does not say that it has stored an object');
  }

  #strange(what: string): never {
    throw new Fault('store.unavailable', `The blob store ${this.#place.origin} ${what}; check blobs.`);
  }
}
