/** A wire that is listened to: a TCP port that hands everything on to another, and remembers what went by. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** One connection, as latin1 text. Commands and replies are kept, not megabytes of content. */
export interface TappedConnection {
  /**
   * What the client sent between one answer and the next: the network may bring it in several pieces. Of long ones the middle is left out: an
   * envelope may stand behind the content of the mail before it (RFC 2920 §3.1).
   */
  readonly said: string[];
  /** What the server answered. */
  heard: string;
}

export interface Tap extends AsyncDisposable {
  readonly port: number;
  readonly connections: readonly TappedConnection[];
  /** Those over which `text` went from the client. */
  carrying(text: string): readonly TappedConnection[];
}

/** Of each end of what was said at once, and of each answer. */
const KEPT = 16_384;
const LEFT_OUT = '\r\n[…]\r\n';

/** Listens; `to` is asked at each connection, `localAddress` is whom the server then sees. */
export async function startTap(to: () => number, localAddress = '127.0.0.1'): Promise<Tap> {
  const connections: TappedConnection[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const there = connect({ port: to(), host: '127.0.0.1', localAddress, allowHalfOpen: true });
    const tapped: TappedConnection = { said: [], heard: '' };
    connections.push(tapped);
    listen(client, there, tapped);
    join(client, there, sockets);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    carrying: (text) => connections.filter(({ said }) => said.join('').includes(text)),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

function listen(client: Socket, there: Socket, tapped: TappedConnection): void {
  let goesOn = false;
  client.on('data', (piece: Buffer) => {
    const before = goesOn ? (tapped.said.pop() ?? '') : '';
    tapped.said.push(withoutMiddle(before + piece.toString('latin1')));
    goesOn = true;
  });
  there.on('data', (piece: Buffer) => {
    tapped.heard += piece.toString('latin1', 0, KEPT);
    goesOn = false;
  });
}

function withoutMiddle(text: string): string {
  if (text.length <= 2 * KEPT + LEFT_OUT.length) return text;
  return text.slice(0, KEPT) + LEFT_OUT + text.slice(-KEPT);
}

function join(client: Socket, there: Socket, sockets: Set<Socket>): void {
  for (const [from, to] of [
    [client, there],
    [there, client],
  ] as const) {
    sockets.add(from);
    from.setNoDelay(true);
    from.pipe(to);
    from.on('error', () => to.destroy()).on('close', () => sockets.delete(from));
  }
}
