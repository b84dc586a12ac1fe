import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { test } from 'node:test';
import { TurnShare } from './turn-share.ts';
import { Watch } from './watch.ts';
import { Wire } from './wire.ts';

/** A connection to a peer that says one thing and closes, on turns that others have used up. */
async function crowded() {
  const server = createServer((peer) => void peer.end('250 2.0.0 taken\r\n')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const turns = new TurnShare();
  const socket = await connected(port);
  const target = { host: 'peer.test', address: '127.0.0.1', port, trusted: false };
  const wire = new Wire(socket, target, { watch: new Watch(), turns });
  const heard: string[] = [];
  const lost = Promise.withResolvers<void>();
  wire.listen({
    reply: ({ code }) => heard.push(String(code)),
    lost: () => {
      heard.push('lost');
      lost.resolve();
    },
  });
  const greedy = (): void => {
    for (const until = performance.now() + 1.2; performance.now() < until; );
    if (heard.length === 0) turns.run(greedy);
  };
  for (let i = 0; i < 50; i++) turns.run(greedy);
  const close = () => server[Symbol.asyncDispose]();
  return { wire, heard, lost: lost.promise, socket, [Symbol.asyncDispose]: close };
}

test('H4: an answer whose turn has not come is heard before the end of the connection that brought it', async () => {
  await using it = await crowded();
  await it.lost;
  assert.deepEqual(it.heard, ['250', 'lost']);
});

test('H4: an answer whose turn has not come is heard when the connection is given up, and when it is taken up again', async () => {
  for (const act of ['abort', 'hearDue'] as const) {
    await using it = await crowded();
    await once(it.socket, 'data');
    assert.deepEqual(it.heard, [], 'it waits for its turn');
    if (act === 'abort') it.wire.abort('was left');
    else it.wire.hearDue();
    assert.equal(it.heard[0], '250', act);
    await it.lost;
  }
});

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}
