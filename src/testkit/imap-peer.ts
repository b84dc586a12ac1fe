/** A scripted IMAP client for tests that read like transcripts: `peer.says('a1 NOOP')`, `await peer.hears('a1 OK')`. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** How long a peer waits for what it expects, ms. */
const PATIENCE_MS = 30_000;

export interface ImapPeerOptions {
  readonly host?: string;
  readonly localAddress?: string;
  readonly tls?: boolean;
  /** Octets before anything else, such as a PROXY header. */
  readonly first?: string;
}

export class ImapPeer {
  #socket: Socket;
  #heard: Buffer = Buffer.alloc(0);
  /** What arrived behind it, not joined yet. */
  #pieces: Buffer[] = [];
  #pieceBytes = 0;
  /** Octets that must have arrived before a response can be whole. */
  #neededBytes = 1;
  #ended = false;
  #wake: () => void = () => undefined;
  #commands = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Connects; with `tls`, the handshake comes first. */
  static async connect(port: number, options: ImapPeerOptions = {}): Promise<ImapPeer> {
    const { host = '127.0.0.1', localAddress } = options;
    const socket = connect({ port, host, ...(localAddress === undefined ? {} : { localAddress }) });
    await event(socket, 'connect');
    if (options.first !== undefined) socket.write(options.first, 'latin1');
    if (options.tls !== true) return new ImapPeer(socket);
    const secured = connectTls({ socket, rejectUnauthorized: false });
    await event(secured, 'secureConnect');
    return new ImapPeer(secured);
  }

  /** Sends lines. */
  says(...lines: readonly string[]): void {
    this.sends(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Sends octets as they are, in one write. */
  sends(octets: string | Buffer): void {
    this.#socket.write(typeof octets === 'string' ? Buffer.from(octets, 'utf8') : octets);
  }

  /** Waits for one response, its literals included, and checks its beginning, or a pattern in it. Returns it without its CRLF. */
  async hears(expected: string | RegExp): Promise<string> {
    const response = await this.#nextResponse();
    if (typeof expected === 'string') {
      assert.ok(response.startsWith(expected), `expected ${expected}, heard ${response}`);
    } else assert.match(response, expected);
    return response;
  }

  /** Sends a command under a tag of its own, and gives all that is heard up to its end. */
  async asks(command: string): Promise<string[]> {
    this.#commands += 1;
    const tag = `c${this.#commands}`;
    this.says(`${tag} ${command}`);
    return this.hearsUpTo(tag);
  }

  /** Sends a command that must be answered OK; what was said before that. */
  async does(command: string): Promise<string[]> {
    const responses = await this.asks(command);
    const last = responses.pop() ?? '';
    assert.match(last, /^c\d+ OK/, `${command} was answered ${last}`);
    return responses;
  }

  /** Sends a command that must not be done, and its answer without the tag. */
  async failsTo(command: string, expected: string | RegExp): Promise<void> {
    const last = (await this.asks(command)).at(-1)?.replace(/^c\d+ /, '') ?? '';
    if (typeof expected === 'string') assert.ok(last.startsWith(expected), `expected ${expected}, heard ${last}`);
    else assert.match(last, expected);
  }

  /** All responses up to the one with this tag. */
  async hearsUpTo(tag: string): Promise<string[]> {
    const responses: string[] = [];
    for (;;) {
      const response = await this.#nextResponse();
      responses.push(response);
      if (response.startsWith(`${tag} `)) return responses;
    }
  }

  /** Nothing is heard for a moment. */
  async hearsNothing(ms = 50): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    this.#join();
    assert.equal(this.#heard.toString('latin1'), '', 'expected silence');
  }

  /** STARTTLS and the handshake. */
  async startsTls(): Promise<void> {
    await this.does('STARTTLS');
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const secured = connectTls({ socket: plain, rejectUnauthorized: false });
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

  readsOn(): void {
    this.#socket.resume();
  }

  /** Octets that were heard and not asked for yet. */
  get unread(): number {
    return this.#heard.length + this.#pieceBytes;
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #listen(socket: Socket): void {
    socket.on('data', (chunk: Buffer) => {
      this.#pieces.push(chunk);
      this.#pieceBytes += chunk.length;
      this.#wake();
    });
    const ended = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', ended).on('close', ended).on('error', ended);
  }

  async #nextResponse(): Promise<string> {
    let end = 0;
    await this.#until(() => {
      end = this.#wholeResponse();
      return end > 0 || this.#ended;
    });
    assert.ok(end > 0, `the connection ended instead of a response; heard ${JSON.stringify(this.#heard.toString())}`);
    const response = this.#heard.toString('utf8', 0, end - 2);
    this.#heard = this.#heard.subarray(end);
    return response;
  }

  /** Octets of the first response, where it is whole; else 0. Large ones are not joined piece by piece. */
  #wholeResponse(): number {
    if (this.unread < this.#neededBytes) return 0;
    this.#join();
    const end = endOfResponse(this.#heard);
    this.#neededBytes = end > 0 ? 1 : -end;
    return Math.max(end, 0);
  }

  #join(): void {
    this.#heard = Buffer.concat([this.#heard, ...this.#pieces]);
    this.#pieces = [];
    this.#pieceBytes = 0;
  }

  async #until(met: () => boolean): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (!met()) {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        late.onabort = () => reject(new Error(`nothing came in time; heard ${this.#heard.toString('utf8', 0, 2000)}`));
      });
    }
    late.onabort = null;
  }
}

/** Octets of the first response, its CRLF included; negative, how many it needs at least, where it is not whole yet. */
function endOfResponse(heard: Buffer): number {
  let at = 0;
  for (;;) {
    const end = heard.indexOf('\r\n', at);
    if (end < 0) return -(heard.length + 1);
    const literal = /\{(\d+)\}$/.exec(heard.toString('latin1', Math.max(at, end - 20), end));
    if (literal === null) return end + 2;
    at = end + 2 + Number(literal[1]);
    if (at > heard.length) return -at;
  }
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
