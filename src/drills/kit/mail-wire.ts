/** A TLS connection of a mail client in drills: lines and octets in, octets out. Every wait ends with the call that the connection was opened for. */
import { connect, type TLSSocket } from 'node:tls';
import type { Call } from '#/model/index.ts';

/** Octets that are held unread; a whole list of a drill is far below, and a server that never ends its line is cut off. */
const HELD_BYTES_MAX = 64 * 1024 * 1024;
const CR_LF = Buffer.from('\r\n');

/** One connection. What goes wrong with it makes each of its waits reject. */
export class MailWire implements Disposable {
  readonly #socket: TLSSocket;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal | undefined;
  readonly #abort = (): void => this.#fail('the drill was ended');
  /** What came and is not read yet: octets that were looked at, and pieces behind them. */
  #held: Buffer = Buffer.alloc(0);
  #pieces: Buffer[] = [];
  #piecesBytes = 0;
  #expected = 'the greeting';
  #failed: Error | null = null;
  #wake: () => void = () => {};

  /** Connects to a port of the loopback. The certificate of a throwaway installation is its own, and nobody has to believe it. */
  constructor(port: number, { deadlineAt, signal }: Call) {
    this.#socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false });
    this.#signal = signal;
    this.#timer = setTimeout(() => this.#fail('no answer in time'), Math.max(1, deadlineAt - performance.now()));
    signal?.addEventListener('abort', this.#abort, { once: true });
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (piece: Buffer) => this.#take(piece));
    this.#socket.on('error', ({ message }) => this.#fail(message));
    this.#socket.on('close', () => this.#fail('the server hung up'));
    if (signal?.aborted === true) this.#abort();
  }

  /** Writes; what is read afterwards says whether it came. */
  says(...parts: readonly (string | Buffer)[]): void {
    this.#socket.write(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part))));
  }

  /** Whose answer is waited for: what fails says so. */
  expects(what: string): void {
    this.#expected = what;
  }

  /** The next line, without its end; octets above 127 as latin1. */
  async line(): Promise<string> {
    return (await this.through(CR_LF)).toString('latin1').slice(0, -CR_LF.length);
  }

  /** Octets up to and including a mark. */
  async through(mark: Buffer): Promise<Buffer> {
    for (let from = 0; ; ) {
      const at = this.#held.indexOf(mark, from);
      if (at >= 0) return this.#cut(at + mark.length);
      from = Math.max(0, this.#held.length - mark.length + 1);
      await this.#more();
    }
  }

  /** So many octets. */
  async octets(count: number): Promise<Buffer> {
    while (this.#held.length < count) await this.#more();
    return this.#cut(count);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#abort);
    this.#socket.destroy();
  }

  #cut(count: number): Buffer {
    const cut = this.#held.subarray(0, count);
    this.#held = this.#held.subarray(count);
    return cut;
  }

  #take(piece: Buffer): void {
    this.#pieces.push(piece);
    this.#piecesBytes += piece.length;
    if (this.#held.length + this.#piecesBytes > HELD_BYTES_MAX) this.#fail('the answer has no end');
    this.#wake();
  }

  /** Waits until there is more to read than before. */
  async #more(): Promise<void> {
    while (this.#pieces.length === 0) {
      if (this.#failed !== null) throw this.#failed;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
    this.#held = Buffer.concat([this.#held, ...this.#pieces]);
    this.#pieces = [];
    this.#piecesBytes = 0;
  }

  #fail(why: string): void {
    this.#failed ??= new Error(`${why} (${this.#expected})`);
    this.#socket.destroy();
    this.#wake();
  }
}
