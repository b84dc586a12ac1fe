/**
 * Calls the webhook of a subscriber: one POST over https, to where its name led at this moment, by the dialer that refuses private networks
 * (design 6). No redirect is followed: it could lead there.
 */
import { request } from 'node:http';
import type { Call } from '#/model/index.ts';
import type { Dialer, Resolver } from '#/ports/index.ts';

export interface WebhookParts {
  readonly dialer: Dialer;
  readonly resolver: Pick<Resolver, 'addresses'>;
}

const HTTPS_PORT = 443;
/** Addresses of one name that are tried. */
const ADDRESSES_MAX = 3;
const OK_FROM = 200;
const OK_TO = 300;

/** Whether it took it. Rejects with words that are fit for the log where it can't be reached. */
export async function callWebhook(
  url: URL,
  body: string,
  { dialer, resolver }: WebhookParts,
  call: Call,
): Promise<boolean> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const literal = /^[\d.]+$|:/.test(host);
  const addresses = literal ? [host] : await resolver.addresses(host, call);
  const port = url.port === '' ? HTTPS_PORT : Number(url.port);
  let last: unknown = new Error(`${host} has no address`);
  for (const address of addresses.slice(0, ADDRESSES_MAX)) {
    try {
      const plain = await dialer.connect({ address, port, trusted: false }, call);
      const socket = await dialer.secure(plain, { servername: host, verify: 'name' }, call);
      const status = await posted(socket, url, body, call);
      return status >= OK_FROM && status < OK_TO;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

type Secured = Awaited<ReturnType<Dialer['secure']>>;

async function posted(socket: Secured, url: URL, body: string, call: Call): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const giveUp = (why: string): void => {
    reject(new Error(why));
    socket.destroy();
  };
  const late = setTimeout(giveUp, Math.max(0, call.deadlineAt - performance.now()), 'it gave no answer in time');
  const given = (): void => giveUp('given up');
  call.signal?.addEventListener('abort', given);
  try {
    const headers = {
      host: url.host,
      connection: 'close',
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'user-agent': 'holdfast',
    };
    const path = `${url.pathname}${url.search}`;
    const sent = request({ method: 'POST', path, headers, createConnection: () => socket }, ({ statusCode }) =>
      resolve(statusCode ?? 0),
    );
    sent.on('error', reject);
    sent.on('close', () => reject(new Error('it hung up without an answer')));
    sent.end(body);
    return await promise;
  } finally {
    clearTimeout(late);
    call.signal?.removeEventListener('abort', given);
    // What it says beside its status is not read.
    socket.destroy();
  }
}
