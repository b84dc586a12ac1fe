/** The local socket of an installation, caller's side. One connection for many calls; after a loss the next call makes a new one. */
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Call } from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import { inTime, msLeft } from './deadline.ts';
import { placeToConnect } from './local-path.ts';
import type { Request, Response } from './local-protocol.ts';
import { FrameReader, formatFrame, reviveFailure } from './local-protocol.ts';

export interface LocalClient extends AsyncDisposable {
  /**
   * Calls a method of the server. Rejects with the server's fault or refusal, with `call.late` at the deadline, with
   * `server.unreachable` when the connection is lost: what was asked for may then still come to be.
   */
  call(method: string, args: unknown, call: Call, onProgress?: (value: unknown) => void): Promise<unknown>;
}

const CONNECT_MS = 5_000;

type Pending = {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress: ((value: unknown) => void) | undefined;
};

/** Connects to the server of `path` (`holdfast.sock` in the data directory); fault `server.unreachable` where none answers. */
export async function connectLocal(path: string): Promise<LocalClient> {
  const client = new Client(path);
  await client.connect(within(CONNECT_MS));
  return client;
}

class Client implements LocalClient {
  readonly #path: string;
  #link: Promise<Link> | null = null;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  async call(method: string, args: unknown, call: Call, onProgress?: (value: unknown) => void): Promise<unknown> {
    const link = await this.connect(call);
    return link.call(method, args, call, onProgress);
  }

  connect(call: Call): Promise<Link> {
    if (this.#closed) throw new Fault('server.unreachable', 'This client is closed.');
    const link = this.#link ?? this.#open();
    return inTime(
      call,
      () => link,
      () => new Fault('server.unreachable', 'It did not answer in time.'),
    );
  }

  #open(): Promise<Link> {
    const opening = openLink(this.#path);
    this.#link = opening;
    const forget = (): void => {
      if (this.#link === opening) this.#link = null;
    };
    opening.then((link) => link.gone.then(forget), forget);
    return opening;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    const link = await this.#link?.catch(() => null);
    await link?.close();
  }
}

async function openLink(path: string): Promise<Link> {
  const place = await placeToConnect(path);
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(place);
  socket.once('connect', () => resolve(socket));
  socket.once('error', (cause) => reject(new Fault('server.unreachable', `Looked for it at ${place}.`, cause)));
  return new Link(await promise);
}

class Link {
  readonly #socket: Socket;
  readonly #reader = new FrameReader();
  readonly #pending = new Map<number, Pending>();
  readonly gone: Promise<void>;
  #lastId = 0;
  lost = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    this.gone = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.on('close', () => this.#lose(new Fault('server.unreachable', 'The connection was lost.')));
  }

  async call(
    method: string,
    args: unknown,
    call: Call,
    onProgress: ((value: unknown) => void) | undefined,
  ): Promise<unknown> {
    const id = ++this.#lastId;
    this.#send({ kind: 'call', id, method, args, leftMs: msLeft(call) });
    try {
      return await inTime(call, (signal) => {
        signal.addEventListener('abort', () => this.#send({ kind: 'cancel', id }));
        const { promise, resolve, reject } = Promise.withResolvers<unknown>();
        this.#pending.set(id, { resolve, reject, onProgress });
        if (this.lost) reject(new Fault('server.unreachable', 'The connection was lost.'));
        return promise;
      });
    } finally {
      this.#pending.delete(id);
    }
  }

  async close(): Promise<void> {
    this.#socket.destroySoon();
    await this.gone;
  }

  #send(request: Request): void {
    const frame = formatFrame(request);
    if (frame === null) throw new Fault('call.refused', 'The request is too large: ask for less at once.');
    if (!this.lost) this.#socket.write(frame);
  }

  #receive(chunk: Buffer): void {
    try {
      for (const value of this.#reader.feed(chunk)) this.#take(value as Response);
    } catch (error) {
      this.#lose(error as Error);
      this.#socket.destroy();
    }
  }

  #take(response: Response): void {
    if (response.id === 0 && response.kind === 'failed') throw reviveFailure(response.failure);
    const pending = this.#pending.get(response.id);
    if (response.kind === 'progress') pending?.onProgress?.(response.value);
    else if (response.kind === 'done') pending?.resolve(response.value);
    else pending?.reject(reviveFailure(response.failure));
  }

  #lose(error: Error): void {
    this.lost = true;
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}
