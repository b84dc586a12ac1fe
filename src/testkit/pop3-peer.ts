/** A scripted POP3 client for tests that read like transcripts: `await peer.asks('STAT', '+OK 2 320')`. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** How long a peer waits for what it expects, ms. */
const PATIENCE_MS = 30_000;

export interface Pop3PeerOptions {
  readonly tls?: boolean;
  /** Octets before anything else, such as a PROXY header. */
  readonly first?: string;
}

export class Pop3Peer {
  #socket: Socket;
  readonly #heard = new Heard();
  #ended = false;
  #wake: () => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    this.#listen(socket);
  }

  /** Connects; with `tls`, the handshake comes first. */
  static async connect(port: number, { tls = false, first }: Pop3PeerOptions = {}): Promise<Pop3Peer> {
    const socket = connect({ port, host: '127.0.0.1' });
    await event(socket, 'connect');
    if (first !== undefined) socket.write(first, 'latin1');
    if (!tls) return new Pop3Peer(socket);
    const secured = connectTls({ socket, rejectUnauthorized: false });
    await event(secured, 'secureConnect');
    return new Pop3Peer(secured);
  }

  /** Sends lines. */
  says(...lines: readonly string[]): void {
    this.sends(lines.map((line) => `${line}\r\n`).join(''));
  }

  /** Sends octets as they are, in one write. */
  sends(octets: string | Buffer): void {
    this.#socket.write(typeof octets === 'string' ? Buffer.from(octets, 'utf8') : octets);
  }

  /** Waits for one status line and checks its beginning, or a pattern in it. Returns it. */
  async hears(expected: string | RegExp): Promise<string> {
    const line = (await this.#until('\r\n')).toString('latin1').trimEnd();
    if (typeof expected === 'string') assert.ok(line.startsWith(expected), `expected ${expected}, heard ${line}`);
    else assert.match(line, expected);
    return line;
  }

  /** Says one line and hears one status line. */
  async asks(line: string, expected: string | RegExp): Promise<string> {
    this.says(line);
    return this.hears(expected);
  }

  /** Hears a multi-line part; its octets, dots taken off as RFC 1939 §3 says, the end too. */
  async hearsPart(): Promise<string> {
    await this.#wait(() => this.#heard.length >= 3 || this.#ended);
    if (this.#heard.text(3) === '.\r\n') {
      this.#heard.take(3);
      return '';
    }
    const part = (await this.#until('\r\n.\r\n')).toString('latin1');
    return part.slice(0, -3).replace(/(^|\r\n)\./g, '$1');
  }

  /** Says one line, hears its status line and its multi-line part. */
  async gets(line: string): Promise<string> {
    await this.asks(line, '+OK');
    return this.hearsPart();
  }

  /** Nothing is heard for a moment. */
  async hearsNothing(ms = 50): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, ms));
    assert.equal(this.#heard.text(500), '', 'expected silence');
  }

  /** STLS and the handshake. */
  async startsTls(): Promise<void> {
    await this.asks('STLS', '+OK');
    const plain = this.#socket;
    plain.removeAllListeners('data');
    const secured = connectTls({ socket: plain, rejectUnauthorized: false });
    await event(secured, 'secureConnect');
    this.#socket = secured;
    this.#listen(secured);
  }

  /** Waits for the other side to close; what it said before that and nobody asked for. */
  async hearsTheEnd(): Promise<string> {
    await this.#wait(() => this.#ended);
    return this.#heard.text();
  }

  /** Leaves what arrives in the network. */
  stopsReading(): void {
    this.#socket.pause();
  }

  readsOn(): void {
    this.#socket.resume();
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
      this.#heard.put(chunk);
      this.#wake();
    });
    const ended = (): void => {
      this.#ended = true;
      this.#wake();
    };
    socket.on('end', ended).on('close', ended).on('error', ended);
  }

  /** Takes what was heard up to and with `end`. */
  async #until(end: string): Promise<Buffer> {
    let searched = 0;
    let at = -1;
    await this.#wait(() => {
      at = this.#heard.indexOf(end, searched);
      searched = Math.max(0, this.#heard.length - end.length);
      return at >= 0 || this.#ended;
    });
    assert.ok(at >= 0, `the connection ended instead; heard ${JSON.stringify(this.#heard.text(500))}`);
    return this.#heard.take(at + end.length);
  }

  async #wait(met: () => boolean): Promise<void> {
    const late = AbortSignal.timeout(PATIENCE_MS);
    while (!met()) {
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve;
        late.onabort = () => reject(new Error(`nothing came in time; heard ${JSON.stringify(this.#heard.text(500))}`));
      });
    }
    late.onabort = null;
  }
}

/** Octets that came and nobody asked for yet; large messages are not copied at each piece. */
class Heard {
  #octets: Buffer = Buffer.alloc(64 * 1024);
  #from = 0;
  #to = 0;

  get length(): number {
    return this.#to - this.#from;
  }

  put(chunk: Buffer): void {
    if (this.#to + chunk.length > this.#octets.length) this.#grow(chunk.length);
    this.#to += chunk.copy(this.#octets, this.#to);
  }

  indexOf(text: string, from: number): number {
    return this.#octets.subarray(this.#from, this.#to).indexOf(text, from, 'latin1');
  }

  text(charactersMax = this.length): string {
    return this.#octets.toString('latin1', this.#from, Math.min(this.#to, this.#from + charactersMax));
  }

  take(bytes: number): Buffer {
    const taken = Buffer.from(this.#octets.subarray(this.#from, this.#from + bytes));
    this.#from += bytes;
    return taken;
  }

  #grow(bytes: number): void {
    const larger = Buffer.alloc((this.length + bytes) * 2);
    this.#octets.copy(larger, 0, this.#from, this.#to);
    [this.#octets, this.#from, this.#to] = [larger, 0, this.length];
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
