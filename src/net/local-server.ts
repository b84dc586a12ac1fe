/**
 * The local socket of an installation, server's side: the command line and the other roles call methods of the process that writes
 * custody. Every call has a deadline, which is kept here and at the caller; calls of one connection run beside each other.
 *
 * What must never happen: a call without a deadline; a caller that reads nothing and fills our memory; a second server on a living socket.
 */
import { chmod, rm } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { inTime } from './deadline.ts';
import { placeToListen } from './local-path.ts';
import type { Failure, Request, Response } from './local-protocol.ts';
import { describeFailure, FrameReader, formatFrame } from './local-protocol.ts';

/** What a method may use. */
export interface MethodContext {
  /** The caller's deadline, and a signal that aborts when it is over, the caller cancels, or the connection is lost. */
  readonly call: Call;
  /** Shows the caller how far it is. Dropped where the caller does not read. */
  readonly progress: (value: unknown) => void;
}

export type LocalMethod = (args: unknown, context: MethodContext) => Promise<unknown>;

export interface LocalServerOptions {
  /** `holdfast.sock` in the data directory; a longer name than the system allows is replaced (see `local-path.ts`). */
  readonly path: string;
  readonly methods: ReadonlyMap<string, LocalMethod>;
}

const LISTEN_MODE = 0o600;
const CONNECTIONS_MAX = 256;
const CALLS_MAX = 256;
const CALL_MS_MAX = 24 * 3_600_000;
/** Unread answers of one connection; beyond, it is closed. */
const UNREAD_BYTES_MAX = 128 * 1024 * 1024;
const UNREAD_PROGRESS_BYTES_MAX = 1024 * 1024;

/**
 * Serves until disposed. A socket file that nobody answers is replaced; fault `store.locked` where somebody does.
 */
export async function startLocalServer(options: LocalServerOptions): Promise<AsyncDisposable> {
  const place = await placeToListen(options.path);
  const connections = new Set<Connection>();
  const server = createServer((socket) => {
    const connection: Connection = new Connection(socket, options.methods, () => connections.delete(connection));
    connections.add(connection);
  });
  server.maxConnections = CONNECTIONS_MAX;
  await listenAlone(server, place);
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const connection of connections) connection.close();
      await closed;
    },
  };
}

async function listenAlone(server: Server, place: string): Promise<void> {
  try {
    await listen(server, place);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    if (await isAnswered(place)) throw new Fault('store.locked', `Another server answers on ${place}.`);
    await rm(place, { force: true });
    await listen(server, place);
  }
  await chmod(place, LISTEN_MODE);
}

async function listen(server: Server, place: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  // The file is made within listen(): nobody else may have a moment's access to it.
  const before = process.umask(0o177);
  server.listen(place, resolve);
  process.umask(before);
  await promise;
  server.off('error', reject);
}

async function isAnswered(place: string): Promise<boolean> {
  const socket = connect(place);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
  // One that does not even accept is there all the same.
  const timer = setTimeout(() => resolve(true), 2_000);
  const answered = await promise;
  clearTimeout(timer);
  socket.destroy();
  return answered;
}

class Connection {
  readonly #socket: Socket;
  readonly #methods: ReadonlyMap<string, LocalMethod>;
  readonly #reader = new FrameReader();
  readonly #running = new Map<number, AbortController>();

  constructor(socket: Socket, methods: ReadonlyMap<string, LocalMethod>, gone: () => void) {
    this.#socket = socket;
    this.#methods = methods;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
    socket.on('close', () => {
      for (const stop of this.#running.values()) stop.abort();
      gone();
    });
  }

  close(): void {
    this.#socket.destroySoon();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const value of this.#reader.feed(chunk)) this.#take(value);
    } catch (error) {
      this.#fail(0, describeFailure(error));
      this.close();
    }
  }

  #take(value: unknown): void {
    const request = asRequest(value);
    if (request === null) throw new Fault('call.refused', 'A frame is no request.');
    if (request.kind === 'cancel') this.#running.get(request.id)?.abort();
    else void this.#serve(request);
  }

  async #serve(request: Request & { kind: 'call' }): Promise<void> {
    const { id, method } = request;
    const stop = new AbortController();
    try {
      const serve = this.#methods.get(method);
      if (serve === undefined) throw new Fault('call.refused', `There is no method ${method.slice(0, 60)}.`);
      if (this.#running.has(id)) throw new Fault('call.refused', 'Two calls have one number.');
      if (this.#running.size >= CALLS_MAX) throw new Fault('store.busy', 'Too many calls run on one connection.');
      this.#running.set(id, stop);
      this.#send({ kind: 'done', id, value: await this.#run(serve, request, stop.signal) });
    } catch (error) {
      this.#fail(id, describeFailure(error));
    } finally {
      if (this.#running.get(id) === stop) this.#running.delete(id);
    }
  }

  #run(serve: LocalMethod, { id, args, leftMs }: Request & { kind: 'call' }, signal: AbortSignal): Promise<unknown> {
    const deadlineAt = performance.now() + Math.min(leftMs, CALL_MS_MAX);
    const progress = (value: unknown): void => {
      if (this.#socket.writableLength < UNREAD_PROGRESS_BYTES_MAX) this.#send({ kind: 'progress', id, value });
    };
    return inTime({ deadlineAt, signal }, (ended) => serve(args, { call: { deadlineAt, signal: ended }, progress }));
  }

  #send(response: Response): void {
    if (this.#socket.destroyed) return;
    const frame = formatFrame(response);
    if (frame === null) throw new Fault('call.refused', 'The answer is too large: ask for less at once.');
    if (this.#socket.writableLength + frame.length > UNREAD_BYTES_MAX) this.#socket.destroy();
    else this.#socket.write(frame);
  }

  #fail(id: number, failure: Failure): void {
    this.#send({ kind: 'failed', id, failure });
  }
}

function asRequest(value: unknown): Request | null {
  if (typeof value !== 'object' || value === null) return null;
  const { kind, id, method, args, leftMs } = value as Record<string, unknown>;
  if (!Number.isSafeInteger(id)) return null;
  if (kind === 'cancel') return { kind, id: id as number };
  const whole = kind === 'call' && typeof method === 'string' && typeof leftMs === 'number' && leftMs >= 0;
  return whole ? { kind, id: id as number, method, args, leftMs } : null;
}
