/** A client's side of a protocol of lines, on one socket: what is said, and what is heard up to an end that the caller names. Bounded. */
import type { Socket } from 'node:net';

/** Octets of one answer: it holds a test mail, or the capabilities of a server. */
const HEARD_MAX = 256 * 1024;

export class LineTalk implements AsyncDisposable {
  readonly #socket: Socket;
  #heard = '';
  #waiting: {
    readonly end: RegExp;
    readonly resolve: (text: string) => void;
    readonly reject: (why: Error) => void;
  } | null = null;
  #failure: Error | null = null;
  #isDetached = false;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', this.#onData);
    socket.on('error', this.#fail);
    socket.on('close', this.#onClose);
  }

  /** Says a line and resolves with all that was heard until `end` matched. Rejects with what the network said. */
  ask(line: string, end: RegExp): Promise<string> {
    this.say(line);
    return this.hear(end);
  }

  say(line: string): void {
    this.#socket.write(`${line}\r\n`);
  }

  hear(end: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.#waiting = { end, resolve, reject };
    this.#step();
    return promise;
  }

  /** Gives the socket away, for TLS. */
  detach(): Socket {
    this.#isDetached = true;
    this.#socket.off('data', this.#onData);
    this.#socket.off('close', this.#onClose);
    return this.#socket;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isDetached) this.#socket.destroy();
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#heard += chunk.toString('latin1');
    if (this.#heard.length > HEARD_MAX) this.#fail(new Error('The server says too much.'));
    this.#step();
  };

  readonly #onClose = (): void => this.#fail(new Error('The server closed the connection.'));

  readonly #fail = (error: Error): void => {
    this.#failure ??= error;
    this.#step();
  };

  #step(): void {
    const waiting = this.#waiting;
    if (waiting === null) return;
    const heard = this.#heard;
    if (waiting.end.test(heard)) {
      this.#heard = '';
      waiting.resolve(heard);
    } else if (this.#failure === null) return;
    else waiting.reject(this.#failure);
    this.#waiting = null;
  }
}
