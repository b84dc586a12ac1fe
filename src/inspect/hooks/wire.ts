/** One connection to a server beside ours: everything that is read has a bound, every wait ends with the call. */
import type { Socket } from 'node:net';
import type { Call } from '#/model/index.ts';
import type { Connect } from './hook.ts';

/** Octets written in one piece. */
const PIECE_BYTES = 65_536;

export class Wire {
  readonly #socket: Socket;
  readonly #bytesMax: number;
  #pieces: Buffer[] = [];
  #length = 0;
  #ended = false;
  #failure: Error | null = null;
  #wake = Promise.withResolvers<void>();

  constructor(socket: Socket, bytesMax: number) {
    this.#socket = socket;
    this.#bytesMax = bytesMax;
    socket.on('data', (piece: Buffer) => this.#take(piece));
    socket.on('end', () => this.#end(null));
    socket.on('error', (error) => this.#end(error));
    socket.on('close', () => this.#end(null));
    socket.on('drain', () => this.#ring());
  }

  /** It has said something, or hung up: whoever still writes may as well look. */
  get hasHeard(): boolean {
    return this.#length > 0 || this.#ended;
  }

  /** Writes, no faster than the other side reads. Ends early, without an error, where the other side speaks or hangs up first. */
  async write(octets: Uint8Array): Promise<void> {
    for (let at = 0; at < octets.length && !this.hasHeard; at += PIECE_BYTES) {
      if (this.#socket.write(octets.subarray(at, at + PIECE_BYTES))) continue;
      while (this.#socket.writableNeedDrain && !this.hasHeard) await this.#wake.promise;
    }
  }

  /** The next so many octets. */
  async exactly(count: number): Promise<Buffer> {
    while (this.#length < count) await this.#more();
    const all = Buffer.concat(this.#pieces);
    this.#keep(all.subarray(count));
    return all.subarray(0, count);
  }

  /** All up to this octet, which is dropped. */
  async until(octet: number): Promise<Buffer> {
    for (;;) {
      const all = Buffer.concat(this.#pieces);
      const end = all.indexOf(octet);
      this.#keep(end < 0 ? all : all.subarray(end + 1));
      if (end >= 0) return all.subarray(0, end);
      await this.#more();
    }
  }

  /** All until it hangs up. */
  async rest(): Promise<Buffer> {
    while (!this.#ended) await this.#wake.promise;
    if (this.#failure !== null) throw this.#failure;
    return Buffer.concat(this.#pieces);
  }

  async #more(): Promise<void> {
    if (this.#ended) throw this.#failure ?? new Error('it hung up in the middle');
    await this.#wake.promise;
  }

  #keep(rest: Buffer): void {
    this.#pieces = [rest];
    this.#length = rest.length;
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#length += piece.length;
    if (this.#length > this.#bytesMax) this.#socket.destroy(new Error('its answer has no end'));
    this.#ring();
  }

  #end(failure: Error | null): void {
    this.#failure ??= failure;
    this.#ended = true;
    this.#ring();
  }

  #ring(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
  }
}

/** Talks on a connection of its own, which is closed behind it; rejects when the call is over. */
export async function talk<T>(
  connect: Connect,
  bytesMax: number,
  call: Call,
  say: (wire: Wire) => Promise<T>,
): Promise<T> {
  call.signal?.throwIfAborted();
  const socket = await connect(call);
  const wire = new Wire(socket, bytesMax);
  const late = setTimeout(
    () => socket.destroy(new Error('it gave no answer in time')),
    Math.max(0, call.deadlineAt - performance.now()),
  );
  const giveUp = (): void => void socket.destroy(new Error('given up'));
  call.signal?.addEventListener('abort', giveUp);
  // The signal may have come while the connection was made.
  if (call.signal?.aborted) giveUp();
  try {
    return await say(wire);
  } finally {
    clearTimeout(late);
    call.signal?.removeEventListener('abort', giveUp);
    socket.destroy();
  }
}
