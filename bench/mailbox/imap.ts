/** An IMAP client that costs little: it writes what it is told and looks for the tagged answer alone, so that the server is what is measured. */
import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';

const ANSWER_MS = 180_000;
/** Longer than any tagged answer of a server here. */
const TAIL_OCTETS = 4_096;

/** One session over TLS. */
export class Imap implements AsyncDisposable {
  readonly #socket: TLSSocket;
  #tags = 0;
  #tail = '';
  #octets = 0;
  #answered: ((line: string) => boolean) | null = null;
  #waiting: PromiseWithResolvers<string> | null = null;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    socket.on('error', (error) => this.#waiting?.reject(error));
    socket.on('close', () => this.#waiting?.reject(new Error('the server hung up')));
  }

  /** Connects, from this address of the loopback where one is given, and reads the greeting. */
  static async connect(port: number, from?: string): Promise<Imap> {
    const socket = connect({
      port,
      host: '127.0.0.1',
      rejectUnauthorized: false,
      ...(from === undefined ? {} : { localAddress: from }),
    });
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
    socket.setNoDelay(true);
    const imap = new Imap(socket);
    await imap.#until((line) => line.startsWith('* '));
    return imap;
  }

  /** Connects and signs in. */
  static async open(port: number, user: string, password: string, from?: string): Promise<Imap> {
    const imap = await Imap.connect(port, from);
    try {
      await imap.ask(`LOGIN ${user} "${password}"`);
      return imap;
    } catch (error) {
      await imap[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** A command, with its literals in it in the form that does not wait (RFC 7888). Rejects unless it is answered OK. Octets of the answer, and its last line. */
  async ask(command: string): Promise<{ readonly octets: number; readonly line: string }> {
    const tag = `t${++this.#tags}`;
    this.#octets = 0;
    const answer = this.#until((line) => line.startsWith(`${tag} `));
    this.#socket.write(Buffer.from(`${tag} ${command}\r\n`));
    const line = await answer;
    if (!line.startsWith(`${tag} OK`)) throw new Error(`${command.slice(0, 60)} was answered ${line}`);
    return { octets: this.#octets, line };
  }

  /** What comes before the tagged answer, for small answers. */
  async told(command: string): Promise<string> {
    let all = '';
    const hear = (chunk: Buffer): void => {
      all += chunk.toString('latin1');
    };
    this.#socket.on('data', hear);
    await this.ask(command);
    this.#socket.off('data', hear);
    return all;
  }

  /** Begins IDLE (RFC 2177) and leaves it so. */
  async idle(): Promise<void> {
    const going = this.#until((line) => line.startsWith('+'));
    this.#socket.write(`t${++this.#tags} IDLE\r\n`);
    await going;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  async #until(answered: (line: string) => boolean): Promise<string> {
    this.#answered = answered;
    this.#waiting = Promise.withResolvers();
    const late = setTimeout(() => this.#waiting?.reject(new Error('no answer in time')), ANSWER_MS);
    try {
      return await this.#waiting.promise;
    } finally {
      clearTimeout(late);
    }
  }

  #hear(chunk: Buffer): void {
    this.#octets += chunk.length;
    this.#tail = (this.#tail + chunk.subarray(-TAIL_OCTETS).toString('latin1')).slice(-TAIL_OCTETS);
    if (!this.#tail.endsWith('\r\n')) return;
    const line = this.#tail.slice(0, -2).split('\r\n').at(-1) ?? '';
    if (this.#answered?.(line) !== true) return;
    this.#tail = '';
    this.#waiting?.resolve(line);
  }
}

/** Puts messages into a mailbox, many with one command (RFC 3502). */
export async function appendAll(imap: Imap, mailbox: string, letters: readonly string[]): Promise<void> {
  const literals = letters.map((letter) => ` {${letter.length}+}\r\n${letter}`);
  await imap.ask(`APPEND ${mailbox}${literals.join('')}`);
}

/** How many messages a mailbox has. */
export async function messagesIn(imap: Imap, mailbox: string): Promise<number> {
  return Number(/MESSAGES (\d+)/.exec(await imap.told(`STATUS ${mailbox} (MESSAGES)`))?.[1]);
}
