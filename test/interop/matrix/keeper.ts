/**
 * The last hop behind Holdfast: an SMTP server that takes everything and keeps it as it came, envelope and content. It reads the wire by
 * itself, with no code of the product's, so that both can't be wrong in the same way.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** One transaction. */
export interface KeptMail {
  /** Between the angle brackets of MAIL; empty is the null reverse-path. */
  readonly sender: string;
  /** The words behind it. */
  readonly mailWords: string;
  readonly recipients: readonly { readonly address: string; readonly words: string }[];
  /** Wire form, unstuffed. */
  readonly content: Buffer;
}

export interface Keeper extends AsyncDisposable {
  readonly port: number;
  readonly mails: readonly KeptMail[];
}

const OFFERS = ['keeper.test', 'PIPELINING', 'SIZE 100000000', '8BITMIME', 'SMTPUTF8', 'DSN', 'ENHANCEDSTATUSCODES'];
const END = Buffer.from('\r\n.\r\n');

/** Listens on a free port of 127.0.0.1. */
export async function startKeeper(): Promise<Keeper> {
  const mails: KeptMail[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
    socket.on('end', () => socket.end());
    new Visit(socket, mails).greet();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    mails,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

class Visit {
  readonly #socket: Socket;
  readonly #mails: KeptMail[];
  #rest: Buffer = Buffer.alloc(0);
  #content: Buffer[] | null = null;
  #sender = { address: '', words: '' };
  #recipients: { address: string; words: string }[] = [];

  constructor(socket: Socket, mails: KeptMail[]) {
    this.#socket = socket;
    this.#mails = mails;
  }

  greet(): void {
    this.#socket.write('220 keeper.test ESMTP\r\n');
    this.#socket.on('data', (piece: Buffer) => {
      this.#rest = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
      while (this.#content === null ? this.#line() : this.#body(this.#content));
    });
  }

  #line(): boolean {
    const end = this.#rest.indexOf('\r\n');
    if (end < 0) return false;
    const line = this.#rest.toString('utf8', 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    this.#socket.write(this.#answer(line));
    if (/^QUIT$/i.test(line)) this.#socket.end();
    return true;
  }

  #answer(line: string): string {
    const [, address = '', words = ''] = /<(.*?)>\s*(.*)$/.exec(line) ?? [];
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
        return OFFERS.map((offer, i) => `250${i === OFFERS.length - 1 ? ' ' : '-'}${offer}\r\n`).join('');
      case 'MAIL':
        this.#sender = { address, words };
        this.#recipients = [];
        return '250 2.1.0 ok\r\n';
      case 'RCPT':
        this.#recipients.push({ address, words });
        return '250 2.1.5 ok\r\n';
      case 'DATA':
        // The CRLF before the body, so that a body of one dot has its end too.
        this.#content = [Buffer.from('\r\n')];
        return '354 go on\r\n';
      case 'QUIT':
        return '221 2.0.0 bye\r\n';
      default:
        return '250 2.0.0 ok\r\n';
    }
  }

  // Keeps back what may be the first part of the end.
  #body(content: Buffer[]): boolean {
    const last = content.pop() ?? Buffer.alloc(0);
    const seam = Buffer.concat([last.subarray(Math.max(0, last.length - 4)), this.#rest]);
    const before = last.subarray(0, Math.max(0, last.length - 4));
    const end = seam.indexOf(END);
    content.push(before, end < 0 ? seam : seam.subarray(0, end + 2));
    this.#rest = end < 0 ? Buffer.alloc(0) : seam.subarray(end + END.length);
    if (end < 0) return false;
    this.#content = null;
    this.#keep(Buffer.concat(content).subarray(2));
    this.#socket.write('250 2.0.0 kept\r\n');
    return true;
  }

  #keep(stuffed: Buffer): void {
    const content = Buffer.from(stuffed.toString('latin1').replace(/(?<=^|\r\n)\./g, ''), 'latin1');
    this.#mails.push({
      sender: this.#sender.address,
      mailWords: this.#sender.words,
      recipients: this.#recipients,
      content,
    });
  }
}
