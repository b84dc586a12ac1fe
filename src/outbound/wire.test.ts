import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { TurnShare } from './turn-share.ts';
import { Watch } from './watch.ts';
import { Wire } from './wire.ts';

test('H4: an answer whose turn has not come is heard before the end of the connection that brought it', async () => {
  await using server = createServer((peer) => void peer.end('250 2.0.0 taken\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const turns = new TurnShare();
  const socket = await connected(port);
  const wire = new Wire(
    socket,
    { host: 'peer.test', address: '127.0.0.1', port, trusted: false },
    { watch: new Watch(), turns },
  );
  const heard: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  wire.listen({
    reply: ({ code }) => heard.push(String(code)),
    lost: () => {
      heard.push('lost');
      resolve();
    },
  });
  // Others have used up each turn, so that the answer still waits when the end comes.
  const greedy = (): void => {
    for (const until = performance.now() + 1.2; performance.now() < until; );
    if (heard.length === 0) turns.run(greedy);
  };
  for (let i = 0; i < 50; i++) turns.run(greedy);
  await promise;
  assert.deepEqual(heard, ['250', 'lost']);
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
