/** A small IMAP client for drills (RFC 9051): one session, signed in over TLS, one command at a time. What is refused, cut off or late rejects. */
import type { Call } from '#/model/index.ts';
import { MailWire } from './mail-wire.ts';
import type { MailUser } from './pop3-client.ts';

export interface SelectTold {
  readonly exists: number;
  readonly uidValidity: number;
}

export class ImapClient implements Disposable {
  readonly #wire: MailWire;
  #commands = 0;

  private constructor(wire: MailWire) {
    this.#wire = wire;
  }

  static async open(port: number, { address, password }: MailUser, call: Call): Promise<ImapClient> {
    const client = new ImapClient(new MailWire(port, call));
    try {
      const greeting = await client.#wire.line();
      if (!greeting.startsWith('* OK')) throw new Error(`IMAP: greeted with "${greeting}"`);
      await client.asks(`LOGIN "${address}" "${password}"`);
    } catch (error) {
      client[Symbol.dispose]();
      throw error;
    }
    return client;
  }

  /** A command; its untagged answers, literals in them, and last the tagged one. */
  async asks(command: string, ...literals: readonly (string | Buffer)[]): Promise<readonly string[]> {
    const tag = `d${++this.#commands}`;
    this.#wire.expects(verbOf(command));
    this.#wire.says(`${tag} ${command}`, ...literals, '\r\n');
    const told: string[] = [];
    for (;;) {
      const answer = await this.#answer();
      told.push(answer);
      if (!answer.startsWith(`${tag} `)) continue;
      if (answer.startsWith(`${tag} OK`)) return told;
      throw new Error(`IMAP: ${verbOf(command)} was answered "${answer}"`);
    }
  }

  async select(mailbox: string): Promise<SelectTold> {
    const told = await this.asks(`SELECT ${mailbox}`);
    return {
      exists: Number(find(told, /^\* (\d+) EXISTS$/)),
      uidValidity: Number(find(told, /^\* OK \[UIDVALIDITY (\d+)\]/)),
    };
  }

  /** UID SEARCH ALL of what is selected, in the order in which it is told. */
  async uids(): Promise<readonly number[]> {
    const told = await this.asks('UID SEARCH ALL');
    return find(told, /^\* SEARCH ?(.*)$/)
      .split(' ')
      .filter(Boolean)
      .map(Number);
  }

  /** The octets of one message, without a mark that it was read. */
  async letter(uid: number): Promise<string> {
    const told = await this.asks(`UID FETCH ${uid} BODY.PEEK[]`);
    const [, body = ''] =
      /^\* \d+ FETCH \((?:UID \d+ )?BODY\[\] \{\d+\}\r\n(.*?)(?: UID \d+)?\)$/s.exec(told[0] ?? '') ?? [];
    return body;
  }

  /** Puts messages into a mailbox with one command (RFC 3502, RFC 7888); their UIDs, in order (RFC 4315 §3). */
  async append(mailbox: string, letters: readonly string[]): Promise<readonly number[]> {
    const literals = letters.map((letter) => ` {${letter.length}+}\r\n${letter}`);
    const told = await this.asks(`APPEND ${mailbox}`, Buffer.from(literals.join(''), 'latin1'));
    const uids = ranged(find(told, /\[APPENDUID \d+ ([\d:,]+)\]/));
    if (uids.length !== letters.length)
      throw new Error(`IMAP: ${letters.length} were put in, and ${uids.length} named`);
    return uids;
  }

  async logout(): Promise<void> {
    await this.asks('LOGOUT');
  }

  [Symbol.dispose](): void {
    this.#wire[Symbol.dispose]();
  }

  /** One answer with the literals that it has. */
  async #answer(): Promise<string> {
    let answer = await this.#wire.line();
    for (;;) {
      const announced = /\{(\d+)\}$/.exec(answer)?.[1];
      if (announced === undefined) return answer;
      const octets = await this.#wire.octets(Number(announced));
      answer += `\r\n${octets.toString('latin1')}${await this.#wire.line()}`;
    }
  }
}

/** Without its arguments: a password may be among them. */
function verbOf(command: string): string {
  return /^(?:UID )?\S+/.exec(command)?.[0] ?? '';
}

function find(told: readonly string[], pattern: RegExp): string {
  for (const answer of told) {
    const found = pattern.exec(answer)?.[1];
    if (found !== undefined) return found;
  }
  throw new Error(`IMAP: no answer is like ${pattern.source}: "${told.at(-1)}"`);
}

/** `3:5,7` as 3, 4, 5, 7. */
function ranged(set: string): number[] {
  return set.split(',').flatMap((range) => {
    const [from = 0, to = from] = range.split(':').map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
}
