/**
 * One request and its answer. Signed with what it carries (AWS Signature Version 4), so that the store itself refuses content that was
 * changed on the way. Silence ends it, and so does the call. A redirect is an answer like others: nobody follows it.
 */
import { createHash } from 'node:crypto';
import type { ClientRequest, IncomingHttpHeaders, IncomingMessage } from 'node:http';
import http from 'node:http';
import https from 'node:https';
import { AwsV4Signer } from 'aws4fetch';
import type { S3Place } from '#/codec/s3/index.ts';
import type { S3Credentials } from './credentials.ts';
import type { S3Limits } from './limits.ts';

/** What a request carries: in pieces, as it was sealed. */
export interface S3Content {
  readonly pieces: readonly Uint8Array[];
  readonly sha256: string;
}

export interface S3Request {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** Name of the object; empty for the bucket. */
  readonly name: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly content?: S3Content;
}

export interface S3Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** The store gave no answer, or not a whole one; the message is fit for a log. */
export class NoAnswer extends Error {}

const NOTHING: S3Content = contentOf([]);

/** Pieces as what a request carries. */
export function contentOf(pieces: readonly Uint8Array[]): S3Content {
  const hash = createHash('sha256');
  for (const piece of pieces) hash.update(piece);
  return { pieces, sha256: hash.digest('hex') };
}

/** The connections to one bucket, kept between requests. */
export class Exchange implements Disposable {
  readonly #place: S3Place;
  readonly #credentials: S3Credentials;
  readonly #limits: Pick<S3Limits, 'stallMs' | 'socketsMax' | 'answerBytesMax'>;
  readonly #agent: http.Agent;
  readonly #signingKeys = new Map<string, ArrayBuffer>();
  readonly #base: string;

  constructor(
    place: S3Place,
    credentials: S3Credentials,
    limits: Pick<S3Limits, 'stallMs' | 'socketsMax' | 'answerBytesMax'>,
  ) {
    this.#place = place;
    this.#credentials = credentials;
    this.#limits = limits;
    const { protocol, host } = new URL(place.origin);
    const [Agent, socketsMax] = [protocol === 'https:' ? https.Agent : http.Agent, limits.socketsMax];
    this.#agent = new Agent({ keepAlive: true, maxSockets: socketsMax, maxFreeSockets: socketsMax });
    this.#base = place.style === 'host' ? `${protocol}//${place.bucket}.${host}/` : `${place.origin}/${place.bucket}/`;
  }

  /** The whole answer, whatever its status. Rejects with `NoAnswer`, or the reason of `signal`. */
  async send(request: S3Request, signal: AbortSignal): Promise<S3Answer> {
    const { url, headers } = await this.#signed(request);
    const { promise, resolve, reject } = Promise.withResolvers<S3Answer>();
    const { agent, begin } = { agent: this.#agent, begin: url.protocol === 'https:' ? https.request : http.request };
    const outgoing = begin(url, {
      method: request.method,
      headers: { ...headers, ...lengthOf(request) },
      agent,
      signal,
    });
    const fail = (cause: unknown): void => reject(signal.aborted ? signal.reason : noAnswer(cause));
    outgoing.on('error', fail);
    outgoing.setTimeout(this.#limits.stallMs, () => outgoing.destroy(new Error('it does not answer')));
    outgoing.on('response', (incoming) => {
      incoming.on('error', fail);
      this.#read(outgoing, incoming, resolve);
    });
    for (const piece of request.content?.pieces ?? []) outgoing.write(piece);
    outgoing.end();
    return promise;
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }

  #read(outgoing: ClientRequest, incoming: IncomingMessage, whole: (answer: S3Answer) => void): void {
    const pieces: Buffer[] = [];
    let bytes = 0;
    incoming.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes <= this.#limits.answerBytesMax) pieces.push(piece);
      else outgoing.destroy(new Error('its answer has no end'));
    });
    incoming.on('end', () => {
      if (!incoming.complete) return;
      whole({ status: incoming.statusCode ?? 0, headers: incoming.headers, body: Buffer.concat(pieces) });
    });
  }

  // Signed by the machine's own time, which the store compares with its own: a test's clock has no say here.
  async #signed({ method, name, query, headers, content = NOTHING }: S3Request): Promise<{
    url: URL;
    headers: Record<string, string>;
  }> {
    const url = new URL(`${this.#base}${name}`);
    for (const [key, value] of Object.entries(query ?? {})) url.searchParams.set(key, value);
    const { accessKeyId, secretAccessKey, sessionToken } = this.#credentials;
    const signed = await new AwsV4Signer({
      method,
      url: url.href,
      headers: { ...headers, 'x-amz-content-sha256': content.sha256 },
      accessKeyId,
      secretAccessKey,
      ...(sessionToken === null ? {} : { sessionToken }),
      service: 's3',
      region: this.#place.region,
      cache: this.#signingKeys,
    }).sign();
    return { url: signed.url, headers: Object.fromEntries(signed.headers) };
  }
}

function lengthOf({ method, content }: S3Request): Record<string, string> {
  if (content === undefined && method !== 'PUT' && method !== 'POST') return {};
  const bytes = content?.pieces.reduce((sum, { length }) => sum + length, 0) ?? 0;
  return { 'content-length': String(bytes) };
}

function noAnswer(cause: unknown): NoAnswer {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new NoAnswer(REASONS[code ?? ''] ?? message ?? String(cause), { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'it refuses connections',
  ECONNRESET: 'it broke the connection off',
  EPIPE: 'it broke the connection off',
  ETIMEDOUT: 'it does not answer',
  ENOTFOUND: 'its name is not in DNS',
  EAI_AGAIN: 'its name can’t be looked up now',
};
