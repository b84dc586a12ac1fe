import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { parseNetwork, within } from '#/model/index.ts';
import { createDialer, whyNotPublic } from './index.ts';

const dialer = createDialer({ allow: [], authorities: [] });

test('design 6: addresses that are not public are refused before anything is sent', async () => {
  const refused = [
    ['127.0.0.1', '::1', '0.0.0.0', '::', '10.1.2.3', '100.64.0.1', '169.254.169.254', '172.31.0.1', '192.0.0.8'],
    ['192.168.1.1', '198.18.0.1', '224.0.0.1', '255.255.255.255', '::ffff:127.0.0.1', '::ffff:a00:1', 'fc00::1'],
    ['fe80::1', '64:ff9b::7f00:1', '::127.0.0.1', '2002:7f00:1::', 'ff02::1'],
  ].flat();
  for (const address of refused) {
    const target = { address, port: 25, trusted: false };
    await assert.rejects(dialer.connect(target, within(1_000)), /is not a public address/, address);
  }
  for (const address of ['1.1.1.1', '172.32.0.1', '100.128.0.1', '2606:4700::1111', '192.0.1.1', '11.0.0.1'])
    assert.equal(whyNotPublic(address), null, address);
});

test('design 6: a name is not dialled, only an address that somebody resolved and checked', async () => {
  await assert.rejects(
    dialer.connect({ address: 'localhost', port: 25, trusted: true }, within(1_000)),
    /not an address/,
  );
  await assert.rejects(
    dialer.connect({ address: 'localhost', port: 25, trusted: false }, within(1_000)),
    /not a public/,
  );
});

test('design 6: what the operator lists or trusts is dialled', async () => {
  await using server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const loopback = parseNetwork('127.0.0.0/8');
  assert.ok(loopback);
  const listed = createDialer({ allow: [loopback], authorities: [] });
  for (const [dial, trusted] of [
    [listed, false],
    [dialer, true],
  ] as const) {
    const socket = await dial.connect({ address: '127.0.0.1', port, trusted }, within(2_000));
    assert.equal((await socket.toArray()).join(''), 'hello');
  }
  server.close();
  await once(server, 'close');
  const gone = dialer.connect({ address: '127.0.0.1', port, trusted: true }, within(2_000));
  await assert.rejects(gone, { message: 'connection refused' });
});

test('B3: a peer that never answers is given up at the deadline, TLS too', async () => {
  await using server = createServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const socket = await dialer.connect({ address: '127.0.0.1', port, trusted: true }, within(2_000));
  const options = { servername: 'mx.test', verify: null };
  await assert.rejects(dialer.secure(socket, options, within(50)), { message: 'TLS handshake timed out' });
  assert.ok(socket.destroyed);

  const stopped = within(2_000, AbortSignal.abort());
  await assert.rejects(dialer.connect({ address: '127.0.0.1', port, trusted: true }, stopped), /given up/);
});

test('C2: a connection leaves from the address of ours that is asked for, and from one that is not ours not at all', async () => {
  await using server = createServer((socket) => socket.end(socket.remoteAddress ?? '')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const target = { address: '127.0.0.1', port, trusted: true };
  const heard = async (from: string | null): Promise<string> => {
    const socket = await dialer.connect({ ...target, from }, within(2_000));
    return (await socket.toArray()).join('');
  };
  assert.deepEqual([await heard('127.0.0.11'), await heard(null)], ['127.0.0.11', '127.0.0.1']);
  await assert.rejects(heard('192.0.2.1'), /no address of ours reaches it/);
  server.close();
});
