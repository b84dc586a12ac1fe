/** A wire that is listened to: a TCP port that hands everything on to another, and remembers what went by. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** One connection, as latin1 text. Only the beginning of each piece is kept: commands and replies, not megabytes of content. */
export interface TappedConnection {
  /** What the client sent, piece by piece as the network brought it. */
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

const PIECE_KEPT = 16_384;

/** Listens; `to` is asked at each connection, `localAddress` is whom the server then sees. */
export async function startTap(to: () => number, localAddress = '127.0.0.1'): Promise<Tap> {
  const connections: TappedConnection[] = [];
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const there = connect({ port: to(), host: '127.0.0.1', localAddress, allowHalfOpen: true });
    const tapped: TappedConnection = { said: [], heard: '' };
    connections.push(tapped);
    client.on('data', (piece: Buffer) => tapped.said.push(piece.toString('latin1', 0, PIECE_KEPT)));
    there.on('data', (piece: Buffer) => (tapped.heard += piece.toString('latin1', 0, PIECE_KEPT)));
    join(client, there, sockets);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    carrying: (text) => connections.filter(({ said }) => said.some((piece) => piece.includes(text))),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
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
