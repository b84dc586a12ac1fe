/**
 * The remote control of Mozilla's programs: a connection on which each message is its length, a colon and a JSON array, `[0, id, name, arguments]` there and
 * `[1, id, error, result]` back. Scripts run with all rights of the program.
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

const ANSWER_MS = 120_000;
const OCTETS_MAX = 16 << 20;

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Marionette implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Map<number, Waiting>();
  #octets = Buffer.alloc(0);
  #sent = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    const over = (): void => this.#end();
    socket.on('close', over).on('error', over);
  }

  /** Begins a session on a port where the program listens already. */
  static async open(port: number): Promise<Marionette> {
    const socket = connect({ host: '127.0.0.1', port });
    await once(socket, 'connect');
    const marionette = new Marionette(socket);
    await marionette.#asks('WebDriver:NewSession', { capabilities: {} });
    await marionette.#asks('WebDriver:SetTimeouts', { script: ANSWER_MS });
    await marionette.#asks('Marionette:SetContext', { value: 'chrome' });
    return marionette;
  }

  /** Runs the body of an asynchronous function there, with these arguments; what it returns, as JSON. */
  async runs<T>(body: string, ...args: readonly unknown[]): Promise<T> {
    const script = `
      const [given, done] = arguments;
      (async (...args) => { ${body} })(...given).then(
        (value) => done({ value }),
        (error) => done({ error: String(error?.message ?? error) + "\\n" + (error?.stack ?? "") }),
      );`;
    const { value } = (await this.#asks('WebDriver:ExecuteAsyncScript', { script, args: [args] })) as {
      value: { value: T } | { error: string } | null;
    };
    if (value === null) throw new Error('the window in which the script ran is gone');
    if ('error' in value) throw new Error(`in the program: ${value.error}`);
    return value.value;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  async #asks(name: string, given: object): Promise<unknown> {
    const id = ++this.#sent;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#waiting.set(id, { resolve, reject });
    const late = setTimeout(() => reject(new Error(`${name} was not answered`)), ANSWER_MS);
    const message = Buffer.from(JSON.stringify([0, id, name, given]));
    this.#socket.write(`${message.length}:`);
    this.#socket.write(message);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(id);
    }
  }

  #hear(chunk: Buffer): void {
    this.#octets = Buffer.concat([this.#octets, chunk]);
    if (this.#octets.length > OCTETS_MAX) this.#socket.destroy();
    for (;;) {
      const colon = this.#octets.indexOf(':');
      const end = colon + 1 + Number(this.#octets.toString('latin1', 0, colon));
      if (colon < 0 || this.#octets.length < end) return;
      this.#take(JSON.parse(this.#octets.toString('utf8', colon + 1, end)));
      this.#octets = this.#octets.subarray(end);
    }
  }

  // The first thing it says is who it is: that is no array.
  #take(message: unknown): void {
    if (!Array.isArray(message)) return;
    const [, id, error, result] = message as [number, number, { message: string } | null, unknown];
    if (error === null) this.#waiting.get(id)?.resolve(result);
    else this.#waiting.get(id)?.reject(new Error(error.message));
  }

  #end(): void {
    for (const { reject } of this.#waiting.values()) reject(new Error('the program has gone'));
  }
}
