/**
 * A next hop that counts: an SMTP server in this process that remembers what it took, and can be told to refuse softly, refuse for good,
 * or hang up, at chosen rates. It says when it hung up after the final dot, since then nobody can know whether the mail was taken.
 */
import { createServer, type Server, type Socket } from 'node:net';
import type { Tally } from './tally.ts';

export interface HopTemper {
  /** Chances from 0 to 1, per RCPT, RCPT, command and final dot. */
  softRefusal: number;
  hardRefusal: number;
  disconnect: number;
  /** Takes the mail, and hangs up instead of saying so. */
  silentTake: number;
  /** Takes the mail, and says not now: a broken peer, which gets mail twice and nobody can know. For tests of those who count. */
  readonly lies?: number;
  /** Says that it took the mail, and forgets it: the same. */
  readonly forgets?: number;
  /** Ms before each reply of a connection that is opened now. */
  readonly delayMs?: number;
}

const BUFFER_MAX = 64 * 1024 * 1024;
const CAPABILITIES =
  '250-hop.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES\r\n';

/** Takes everything. */
export const GENTLE: HopTemper = { softRefusal: 0, hardRefusal: 0, disconnect: 0, silentTake: 0 };

export interface ScriptedHop extends AsyncDisposable {
  readonly port: number;
  temper: HopTemper;
  /** How often each `X-Test-Id recipient` was taken. */
  readonly taken: Map<string, number>;
  /** Those taken without a reply. */
  readonly ambiguous: Set<string>;
  /** Those refused for good. */
  readonly refused: Set<string>;
  /** Other mails (DSNs and the like), whole. */
  readonly others: { sender: string; recipients: string[]; text: string }[];
  /** Messages taken, by the domain of their sender. */
  readonly bySenderDomain: Map<string, number>;
  /** Sender's domain and X-Test-Id of each mail taken, in order. */
  readonly order: { readonly domain: string; readonly id: string }[];
  /** Whether `taken` is kept; a benchmark of a million does without. */
  remember: boolean;
  /** Counts what it knows, which is remembered nowhere else; null for none. */
  tally: Pick<Tally, 'serve'> | null;
  /** Stops answering new connections, as a host that is down. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1, or on the port and address given. */
export async function startHop(roll: () => number = Math.random, port = 0, host = '127.0.0.1'): Promise<ScriptedHop> {
  const sockets = new Set<Socket>();
  const parts = {
    taken: new Map<string, number>(),
    ambiguous: new Set<string>(),
    refused: new Set<string>(),
    others: [] as ScriptedHop['others'],
    bySenderDomain: new Map<string, number>(),
    order: [] as { domain: string; id: string }[],
    remember: true,
    tally: null as ScriptedHop['tally'],
    temper: { ...GENTLE },
  };
  const make = () =>
    createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
      new HopSession(socket, hop, roll);
    });
  let server: Server = make();
  const listen = (at: number) => new Promise<void>((done) => server.listen(at, host, () => done()));
  await listen(port);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      for (const socket of sockets) socket.destroy();
    });
  const hop: ScriptedHop = {
    ...parts,
    port: bound,
    down: close,
    up: async () => {
      server = make();
      await listen(bound);
    },
    [Symbol.asyncDispose]: close,
  };
  return hop;
}

/** One session; text in latin1, as bytes. Replies and the end of the connection leave in order, each `delayMs` late. */
class HopSession {
  readonly #socket: Socket;
  readonly #hop: ScriptedHop;
  readonly #roll: () => number;
  readonly #delayMs: number;
  #rest = '';
  #replies = '';
  #sender = '';
  #recipients: string[] = [];
  #inData = false;
  #over = false;

  constructor(socket: Socket, hop: ScriptedHop, roll: () => number) {
    this.#socket = socket;
    this.#hop = hop;
    this.#roll = roll;
    this.#delayMs = hop.temper.delayMs ?? 0;
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.write('220 hop.test ESMTP\r\n');
    socket.on('data', (chunk: string) => this.#hear(chunk));
  }

  #hear(chunk: string): void {
    if (this.#over) return;
    this.#rest += chunk;
    if (this.#rest.length > BUFFER_MAX) return void this.#socket.destroy();
    while (!this.#over && (this.#inData ? this.#content() : this.#command()));
    const replies = this.#replies;
    this.#replies = '';
    if (replies !== '' && !this.#over) this.#late(() => this.#socket.write(replies, 'latin1'));
  }

  // False where the end of the content has not come yet.
  #content(): boolean {
    const end = this.#rest.startsWith('.\r\n') ? 0 : this.#rest.indexOf('\r\n.\r\n');
    if (end === -1) return false;
    const text = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end === 0 ? 3 : end + 5);
    this.#inData = false;
    const { silentTake, lies = 0, forgets = 0 } = this.#hop.temper;
    const silent = this.#roll() < silentTake;
    if (forgets === 0 || this.#roll() >= forgets) take(this.#hop, this.#sender, this.#recipients, text, silent);
    this.#recipients = [];
    if (silent) this.#leave(() => this.#socket.destroy());
    else if (lies > 0 && this.#roll() < lies) this.#replies += '451 4.3.0 not now\r\n';
    else this.#replies += '250 2.0.0 taken\r\n';
    return true;
  }

  #command(): boolean {
    const end = this.#rest.indexOf('\r\n');
    if (end === -1) return false;
    const line = this.#rest.slice(0, end);
    this.#rest = this.#rest.slice(end + 2);
    const { disconnect } = this.#hop.temper;
    // What was taken before has its answer: only `silentTake` leaves one open.
    if (this.#roll() < disconnect) this.#hangUp('');
    else this.#answer(line);
    return true;
  }

  #answer(line: string): void {
    const verb = line.slice(0, 4).toUpperCase();
    if (verb === 'QUIT') this.#hangUp('221 2.0.0 bye\r\n');
    else if (verb === 'RCPT') this.#recipient(between(line));
    else if (verb === 'EHLO') this.#replies += CAPABILITIES;
    else if (verb === 'DATA') {
      this.#inData = this.#recipients.length > 0;
      this.#replies += this.#inData ? '354 go on\r\n' : '554 5.5.1 no recipients\r\n';
    } else {
      if (verb === 'MAIL') [this.#sender, this.#recipients] = [between(line), []];
      this.#replies += '250 2.0.0 ok\r\n';
    }
  }

  #recipient(recipient: string): void {
    const { softRefusal, hardRefusal } = this.#hop.temper;
    const fate = this.#roll();
    if (fate < softRefusal) this.#replies += '451 4.7.1 not now\r\n';
    else if (fate < softRefusal + hardRefusal) {
      this.#hop.refused.add(recipient);
      this.#replies += '550 5.1.1 nobody here by that name\r\n';
    } else {
      this.#recipients.push(recipient);
      this.#replies += '250 2.1.5 ok\r\n';
    }
  }

  // Says what is still to be said, hears nothing more, and ends.
  #hangUp(last: string): void {
    const replies = this.#replies + last;
    this.#leave(() => this.#socket.end(replies, 'latin1'));
  }

  #leave(how: () => void): void {
    this.#over = true;
    this.#late(how);
  }

  // Timers of one length fire in the order in which they were set.
  #late(act: () => void): void {
    if (this.#delayMs === 0) act();
    else setTimeout(act, this.#delayMs);
  }
}

function take(hop: ScriptedHop, sender: string, recipients: readonly string[], text: string, silent: boolean): void {
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  hop.bySenderDomain.set(domain, (hop.bySenderDomain.get(domain) ?? 0) + 1);
  if (!hop.remember) return;
  const { tally } = hop;
  if (tally !== null && recipients.filter((one) => tally.serve(one)).length > 0) return;
  const id = /^X-Test-Id: (\S+)/m.exec(text)?.[1];
  if (id === undefined || sender === '') {
    hop.others.push({ sender, recipients: [...recipients], text });
    return;
  }
  hop.order.push({ domain, id });
  for (const recipient of recipients) {
    const key = `${id} ${recipient}`;
    hop.taken.set(key, (hop.taken.get(key) ?? 0) + 1);
    if (silent) hop.ambiguous.add(key);
  }
}

function between(line: string): string {
  return line.slice(line.indexOf('<') + 1, line.indexOf('>'));
}
