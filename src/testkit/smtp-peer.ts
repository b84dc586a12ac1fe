/** A scripted SMTP client for tests that read like transcripts: `peer.says('NOOP')`, `await peer.hears('250')`. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** How long a peer waits for what it expects, ms. */
const PATIENCE_MS = 30_000;

export class SmtpPeer {
  #socket: Socket;
  #heard = '';
  #ended = false;
  #wake: () => void = () => undefined;
  readonly #patienceMs: number;
  /** What arrived, piece by piece as the network brought it. */
  readonly pieces: string[] = [];

  private constructor(socket: Socket, patienceMs = PATIENCE_MS) {
    this.#socket = socket;
    this.#patienceMs = patienceMs;
    this.#listen(socket);
  }

  /** Connects; with `tls`, the handshake comes first. */
  static async connect(port: number, options: PeerOptions = {}): Promise<SmtpPeer> {
    const { host = '127.0.0.1', localAddress } = options;
    const socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) });
    await event(socket, 'connect');
    if (options.first !== undefined) socket.write(options.first, 'latin1');
    if (options.tls !== true) return new SmtpPeer(socket, options.patienceMs);
    const secured = connectTls({ socket, rejectUnauthorized: false });
    await event(secured, 'secureConnect');
    return new SmtpPeer(secured, options.patienceMs);
  }

  /** Sends a line. */
  says(...lines: readonly string[]): void {
    this.sends(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Sends octets as they are, in one write. */
  sends(octets: string | Buffer): void {
    this.#socket.write(typeof octets === 'string' ? Buffer.from(octets, 'utf8') : octets);
  }

  /** Waits for one whole reply and checks its beginning, or a pattern in it. Returns it. */
  async hears(expected: string | RegExp, patienceMs = this.#patienceMs): Promise<string> {
    const reply = await this.#nextReply(patienceMs);
    if (typeof expected === 'string') assert.ok(reply.startsWith(expected), `expected ${expected}, heard ${reply}`);
    else assert.match(reply, expected);
    return reply;
  }

  /** Says one line and hears one reply. */
  async asks(line: string, expected: string | RegExp): Promise<string> {
    this.says(line);
    return this.hears(expected);
  }

  /** Nothing is heard for a moment. */
  async hearsNothing(ms = 50): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    assert.equal(this.#heard, '', 'expected silence');
  }

  /** STARTTLS and the handshake. */
  async startsTls(options: PeerTls = {}): Promise<void> {
    await this.asks('STARTTLS', '220');
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const secured = connectTls({ socket: plain, rejectUnauthorized: false, ...options });
    await event(secured, 'secureConnect');
    this.#socket = secured;
    this.#listen(secured);
  }

  /** Waits for the other side to close. */
  async hearsTheEnd(): Promise<void> {
    await this.#until(() => this.#ended);
  }

  /** Leaves what arrives in the network. */
  stopsReading(): void {
    this.#socket.pause();
  }

  /** Closes our side; replies can still be heard. */
  endsSpeaking(): void {
    this.#socket.end();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.pieces.push(chunk.toString('latin1'));
      this.#heard += chunk.toString('latin1');
      this.#wake();
    });
    const ended = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', ended).on('close', ended).on('error', ended);
  }

  async #nextReply(patienceMs: number): Promise<string> {
    const whole = /^(?:\d{3}-[^\r\n]*\r\n)*\d{3}(?: [^\r\n]*)?\r\n/;
    await this.#until(() => whole.test(this.#heard) || this.#ended, patienceMs);
    const reply = whole.exec(this.#heard)?.[0];
    assert.ok(reply !== undefined, `the connection ended instead of a reply; heard ${JSON.stringify(this.#heard)}`);
    this.#heard = this.#heard.slice(reply.length);
    return reply.trimEnd();
  }

  async #until(met: () => boolean, patienceMs = this.#patienceMs): Promise<void> {
    const late = AbortSignal.timeout(patienceMs);
    while (!met()) {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        late.onabort = () => reject(new Error(`nothing came in time; heard ${JSON.stringify(this.#heard)}`));
      });
    }
    late.onabort = null;
  }
}

/** TLS as old devices speak it, or with a certificate of the client's own. */
export interface PeerTls {
  readonly minVersion?: 'TLSv1';
  readonly maxVersion?: 'TLSv1';
  readonly ciphers?: string;
  readonly cert?: string;
  readonly key?: string;
}

export interface PeerOptions {
  readonly host?: string;
  readonly localAddress?: string;
  readonly tls?: boolean;
  /** How long it waits for what it expects, where that is not the usual. */
  readonly patienceMs?: number;
  /** Octets before anything else, such as a PROXY header. */
  readonly first?: string;
}

async function event(socket: Socket, name: 'connect' | 'secureConnect'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no ${name} in time`)), PATIENCE_MS);
    const over = (end: () => void): void => {
      clearTimeout(late);
      end();
    };
    socket.once(name, () => over(resolve));
    socket.once('error', (error) => over(() => reject(error)));
    socket.once('close', () => over(() => reject(new Error(`closed before ${name}`))));
  });
}
