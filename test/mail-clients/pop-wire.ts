/** A plain POP3 client for tests (RFC 1939): lines out, replies in. Every wait has a deadline. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';

/** One reply; `lines` of a multi-line one, with dots unstuffed. Latin-1: a character an octet. */
export interface PopReply {
  readonly status: string;
  readonly lines: readonly string[] | null;
}

const ANSWER_MS = 20_000;

/** One connection. */
export class PopWire implements AsyncDisposable {
  readonly #socket: Socket;
  #octets = '';
  #wake: () => void = () => {};
  #gone = false;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#octets += chunk;
      this.#wake();
    });
    const leave = (): void => {
      this.#gone = true;
      this.#wake();
    };
    socket.on('close', leave).on('error', leave).on('end', leave);
  }

  /** Connects with TLS from the start, and reads the greeting. */
  static async open(port: number): Promise<PopWire> {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
    const wire = new PopWire(socket);
    const greeting = await wire.#line();
    if (!greeting.startsWith('+OK')) throw new Error(`greeted with ${greeting}`);
    return wire;
  }

  /** Says a line; where the reply may have several lines, all of them. */
  async say(line: string, multiLine = false): Promise<PopReply> {
    this.#socket.write(`${line}\r\n`);
    const status = await this.#line();
    if (!multiLine || !status.startsWith('+OK')) return { status, lines: null };
    const lines: string[] = [];
    for (let next = await this.#line(); next !== '.'; next = await this.#line()) lines.push(next.replace(/^\./, ''));
    return { status, lines };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  async #line(): Promise<string> {
    for (const deadline = performance.now() + ANSWER_MS; ; ) {
      const end = this.#octets.indexOf('\r\n');
      if (end >= 0) {
        const line = this.#octets.slice(0, end);
        this.#octets = this.#octets.slice(end + 2);
        return line;
      }
      if (this.#gone) throw new Error('the connection is gone');
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const late = setTimeout(resolve, Math.max(0, deadline - performance.now()));
      await promise;
      clearTimeout(late);
      if (performance.now() >= deadline) throw new Error(`no answer; so far: ${this.#octets.slice(0, 2_000)}`);
    }
  }
}
