/** A small POP3 client for drills (RFC 1939): one session, signed in over TLS. What is refused, cut off or late rejects. */
import type { Call } from '#/model/index.ts';
import { MailWire } from './mail-wire.ts';

/** Who signs in, and where. */
export interface MailUser {
  readonly address: string;
  readonly password: string;
}

/** A maildrop as STAT, LIST and UIDL tell of it, each for itself. */
export interface DropTold {
  readonly count: number;
  readonly bytes: number;
  readonly sizes: readonly number[];
  readonly uidls: readonly string[];
}

export class Pop3Client implements Disposable {
  readonly #wire: MailWire;

  private constructor(wire: MailWire) {
    this.#wire = wire;
  }

  static async open(port: number, { address, password }: MailUser, call: Call): Promise<Pop3Client> {
    const client = new Pop3Client(new MailWire(port, call));
    try {
      await client.#ok('the greeting');
      await client.#asks(`USER ${address}`);
      await client.#asks(`PASS ${password}`);
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
    return client;
  }

  /** STAT, LIST and UIDL. Rejects where the numbers of a list leave one out (RFC 1939 §5). */
  async tells(): Promise<DropTold> {
    const [count = Number.NaN, bytes = Number.NaN] = (await this.#asks('STAT')).split(' ').slice(1, 3).map(Number);
    const sizes = numbered('LIST', await this.#gets('LIST'));
    const uidls = numbered('UIDL', await this.#gets('UIDL'));
    return { count, bytes, sizes: sizes.map(Number), uidls };
  }

  /** RETR, without stuffed dots. */
  async letter(number: number): Promise<string> {
    return this.#gets(`RETR ${number}`);
  }

  async quit(): Promise<void> {
    await this.#asks('QUIT');
  }

  [Symbol.dispose](): void {
    this.#wire[Symbol.dispose]();
  }

  async #gets(line: string): Promise<string> {
    await this.#asks(line);
    const lines: string[] = [];
    for (;;) {
      const one = await this.#wire.line();
      if (one === '.') return lines.map((text) => `${text}\r\n`).join('');
      lines.push(one.startsWith('.') ? one.slice(1) : one);
    }
  }

  async #asks(line: string): Promise<string> {
    const verb = line.split(' ', 1)[0] ?? '';
    this.#wire.expects(verb);
    this.#wire.says(`${line}\r\n`);
    return this.#ok(verb);
  }

  async #ok(what: string): Promise<string> {
    const line = await this.#wire.line();
    if (!line.startsWith('+OK')) throw new Error(`POP3: ${what} was answered "${line}"`);
    return line;
  }
}

function numbered(verb: string, part: string): string[] {
  const lines = part.split('\r\n').slice(0, -1);
  return lines.map((line, at) => {
    const [number, value = ''] = line.split(' ');
    if (Number(number) !== at + 1) throw new Error(`POP3: line ${at + 1} of ${verb} is "${line}"`);
    return value;
  });
}
