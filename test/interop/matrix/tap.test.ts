/** The wire that the matrix listens to. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { startTap } from './tap.ts';

const CONTENT_BYTES = 1_000_000;

test('RFC 2920 §3.1: a wire that is listened to shows the envelope behind a large content, and its two ends alone are kept', async () => {
  const server = createServer((socket) => void socket.resume().on('end', () => socket.end('250 taken\r\n')));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  await using tap = await startTap(() => (server.address() as AddressInfo).port);
  const client = connect(tap.port, '127.0.0.1');
  client.end(`DATA\r\n${'x'.repeat(CONTENT_BYTES)}\r\n.\r\nMAIL FROM:<b@acme.test> RET=HDRS\r\n`);
  await text(client);
  server.close();
  const [connection] = tap.carrying('MAIL FROM:<b@acme.test>');
  assert.match(connection?.said.join('') ?? '', /^DATA\r\nx+\r\n.*\r\nMAIL FROM:<b@acme\.test> RET=HDRS\r\n$/s);
  assert.ok((connection?.said.join('').length ?? 0) < CONTENT_BYTES / 10);
  assert.equal(connection?.heard, '250 taken\r\n');
});
