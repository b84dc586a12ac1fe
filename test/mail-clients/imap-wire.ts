/** A plain IMAP client for tests: sends what it is told, octet by octet, and gives back what was said as trees. Every wait has a deadline. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:tls';
import { parseResponse, type Tree } from './imap-tree.ts';

/** What a command brought. */
export interface Said {
  /** `OK`, `NO` or `BAD`. */
  readonly verdict: string;
  /** Of its tagged answer. */
  readonly code: readonly Tree[];
  /** What came before it, without the `*`. */
  readonly untagged: readonly (readonly Tree[])[];
}

/** A bound for hangs: a machine at work, or a server that begins anew, may take its time. */
const ANSWER_MS = 60_000;
const OCTETS_MAX = 64 << 20;

/** The server, or the network, has ended the connection. */
export class ConnectionLost extends Error {}

/** One connection. */
export class ImapWire implements AsyncDisposable {
  readonly #socket: Socket;
  /** Hears each untagged response as it is read, without its `*`. */
  heard: (words: readonly Tree[]) => void = () => undefined;
  #octets = '';
  #wake: () => void = () => {};
  #gone = false;
  #tags = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true).setEncoding('latin1');
    socket.on('data', (chunk: string) => {
      this.#octets += chunk;
      if (this.#octets.length > OCTETS_MAX) socket.destroy();
      this.#wake();
    });
    const leave = (): void => {
      this.#gone = true;
      this.#wake();
    };
    socket.on('close', leave).on('error', leave).on('end', leave);
  }

  /** Connects with TLS from the start, and reads the greeting. */
  static async open(port: number): Promise<ImapWire> {
    const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
    const wire = new ImapWire(socket);
    const greeting = await wire.#response();
    if (!greeting.startsWith('* OK')) throw new Error(`greeted with ${greeting}`);
    return wire;
  }

  /** Sends a command and waits for its tagged answer. Buffers go as synchronizing literals (RFC 9051 §4.3). */
  async command(...parts: readonly (string | Buffer)[]): Promise<Said> {
    const tag = await this.begin(...parts);
    return this.end(tag);
  }

  /** Sends a command; returns its tag. */
  async begin(...parts: readonly (string | Buffer)[]): Promise<string> {
    this.#tags += 1;
    const tag = `a${this.#tags}`;
    this.#write(Buffer.from(`${tag} `));
    for (const [at, part] of parts.entries()) {
      if (typeof part === 'string') this.#write(Buffer.from(part));
      else {
        this.#write(Buffer.from(`{${part.length}}\r\n`));
        const refused = await this.#untilContinued(tag);
        if (refused !== null) {
          this.#refused = refused;
          return tag;
        }
        this.#write(part);
      }
      if (at === parts.length - 1) this.#write(Buffer.from('\r\n'));
    }
    return tag;
  }

  #refused: Said | null = null;

  /** Waits for the tagged answer. */
  async end(tag: string): Promise<Said> {
    const refused = this.#refused;
    this.#refused = null;
    return refused ?? (await this.#until(tag, () => false)) ?? this.#lost();
  }

  /** Waits for the next untagged response. */
  async untagged(): Promise<readonly Tree[]> {
    const words = parseResponse(await this.#response()).slice(1);
    this.heard(words);
    return words;
  }

  /** Waits until the server asks to go on (`+`), as after IDLE; what it says before is left out. */
  async continued(tag: string): Promise<void> {
    const refused = await this.#untilContinued(tag);
    if (refused !== null) throw new Error(`not continued: ${JSON.stringify(refused)}`);
  }

  /** Sends a line without a tag. */
  line(text: string): void {
    this.#write(Buffer.from(`${text}\r\n`));
  }

  /** Signs in by LOGIN. */
  async login(user: string, password: string): Promise<Said> {
    return this.command(`LOGIN "${user}" "${password}"`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  #write(octets: Buffer): void {
    this.#socket.write(octets);
  }

  #untilContinued(tag: string): Promise<Said | null> {
    return this.#until(tag, (response) => response.startsWith('+'));
  }

  // Null when `enough` says so of a response.
  async #until(tag: string, enough: (response: string) => boolean): Promise<Said | null> {
    const untagged: (readonly Tree[])[] = [];
    for (;;) {
      const response = await this.#response();
      if (enough(response)) return null;
      const words = parseResponse(response);
      if (words[0] === tag) {
        const [, verdict = '', code = []] = words;
        return { verdict: String(verdict).toUpperCase(), code: typeof code === 'string' ? [code] : code, untagged };
      }
      this.heard(words.slice(1));
      untagged.push(words.slice(1));
    }
  }

  // One response with its literals, without the last CRLF.
  async #response(): Promise<string> {
    let at = 0;
    for (const deadline = performance.now() + ANSWER_MS; ; ) {
      const end = this.#octets.indexOf('\r\n', at);
      const literal = end < 0 ? null : /\{(\d+)\}$/.exec(this.#octets.slice(at, end));
      if (end >= 0 && literal === null) {
        const response = this.#octets.slice(0, end);
        this.#octets = this.#octets.slice(end + 2);
        return response;
      }
      if (literal !== null && this.#octets.length >= end + 2 + Number(literal[1])) at = end + 2 + Number(literal[1]);
      else await this.#more(deadline);
    }
  }

  async #more(deadline: number): Promise<void> {
    if (this.#gone) this.#lost();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    const late = setTimeout(resolve, Math.max(0, deadline - performance.now()));
    await promise;
    clearTimeout(late);
    if (performance.now() >= deadline) throw new Error(`no answer; so far: ${this.#octets.slice(0, 2_000)}`);
  }

  #lost(): never {
    throw new ConnectionLost(`the connection is gone; so far: ${this.#octets.slice(0, 2_000)}`);
  }
}
