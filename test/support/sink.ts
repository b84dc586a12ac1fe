/**
 * A second SMTP server for tests that count: it remembers what it took, and can be told to refuse softly, refuse for good, or hang up,
 * at chosen rates. It says when it hung up after the final dot, since then nobody can know whether the mail was taken.
 */
import { createServer, type Server, type Socket } from 'node:net';

export interface SinkTemper {
  /** Chances from 0 to 1, per RCPT, RCPT, command and final dot. */
  softRefusal: number;
  hardRefusal: number;
  disconnect: number;
  /** Takes the mail, and hangs up instead of saying so. */
  silentTake: number;
}

export const GENTLE: SinkTemper = { softRefusal: 0, hardRefusal: 0, disconnect: 0, silentTake: 0 };

export interface Sink extends AsyncDisposable {
  readonly port: number;
  temper: SinkTemper;
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
  /** Stops answering new connections, as a host that is down. */
  down(): Promise<void>;
  up(): Promise<void>;
}

/** Listens on a free port of 127.0.0.1, or on the port and address given. */
export async function startSink(roll: () => number = Math.random, port = 0, host = '127.0.0.1'): Promise<Sink> {
  const sockets = new Set<Socket>();
  const parts = {
    taken: new Map<string, number>(),
    ambiguous: new Set<string>(),
    refused: new Set<string>(),
    others: [] as Sink['others'],
    bySenderDomain: new Map<string, number>(),
    order: [] as { domain: string; id: string }[],
    remember: true,
    temper: { ...GENTLE },
  };
  const make = () =>
    createServer((socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
      serve(socket, sink, roll);
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
  const sink: Sink = {
    ...parts,
    port: bound,
    down: close,
    up: async () => {
      server = make();
      await listen(bound);
    },
    [Symbol.asyncDispose]: close,
  };
  return sink;
}

/** One session; text in latin1, as bytes. */
function serve(socket: Socket, sink: Sink, roll: () => number): void {
  let rest = '';
  let sender = '';
  let recipients: string[] = [];
  let inData = false;
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.write('220 sink.test ESMTP\r\n');
  socket.on('data', (chunk: string) => {
    rest += chunk;
    let replies = '';
    for (;;) {
      if (inData) {
        const end = rest.startsWith('.\r\n') ? 0 : rest.indexOf('\r\n.\r\n');
        if (end === -1) break;
        const text = rest.slice(0, end);
        rest = rest.slice(end === 0 ? 3 : end + 5);
        inData = false;
        const silent = roll() < sink.temper.silentTake;
        take(sink, sender, recipients, text, silent);
        recipients = [];
        if (silent) return void socket.destroy();
        replies += '250 2.0.0 taken\r\n';
        continue;
      }
      const end = rest.indexOf('\r\n');
      if (end === -1) break;
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      // What was taken before has its answer: only `silentTake` leaves one open.
      if (roll() < sink.temper.disconnect) return leave(socket, replies);
      const verb = line.slice(0, 4).toUpperCase();
      if (verb === 'EHLO')
        replies +=
          '250-sink.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-DSN\r\n250 ENHANCEDSTATUSCODES\r\n';
      else if (verb === 'MAIL') {
        sender = between(line);
        recipients = [];
        replies += '250 2.1.0 ok\r\n';
      } else if (verb === 'RCPT') {
        const recipient = between(line);
        const fate = roll();
        if (fate < sink.temper.softRefusal) replies += '451 4.7.1 not now\r\n';
        else if (fate < sink.temper.softRefusal + sink.temper.hardRefusal) {
          sink.refused.add(recipient);
          replies += '550 5.1.1 nobody here by that name\r\n';
        } else {
          recipients.push(recipient);
          replies += '250 2.1.5 ok\r\n';
        }
      } else if (verb === 'DATA') {
        inData = recipients.length > 0;
        replies += inData ? '354 go on\r\n' : '554 5.5.1 no recipients\r\n';
      } else if (verb === 'QUIT') return void socket.end(`${replies}221 2.0.0 bye\r\n`);
      else replies += '250 2.0.0 ok\r\n';
    }
    if (replies !== '') socket.write(replies, 'latin1');
  });
}

/** Says what is still to be said, hears nothing more, and hangs up. */
function leave(socket: Socket, replies: string): void {
  socket.removeAllListeners('data');
  socket.resume();
  socket.end(replies, 'latin1');
}

function take(sink: Sink, sender: string, recipients: readonly string[], text: string, silent: boolean): void {
  const domain = sender.slice(sender.lastIndexOf('@') + 1);
  sink.bySenderDomain.set(domain, (sink.bySenderDomain.get(domain) ?? 0) + 1);
  if (!sink.remember) return;
  const id = /^X-Test-Id: (\S+)/m.exec(text)?.[1];
  if (id === undefined || sender === '') {
    sink.others.push({ sender, recipients: [...recipients], text });
    return;
  }
  sink.order.push({ domain, id });
  for (const recipient of recipients) {
    const key = `${id} ${recipient}`;
    sink.taken.set(key, (sink.taken.get(key) ?? 0) + 1);
    if (silent) sink.ambiguous.add(key);
  }
}

function between(line: string): string {
  return line.slice(line.indexOf('<') + 1, line.indexOf('>'));
}
