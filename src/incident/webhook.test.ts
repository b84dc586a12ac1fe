import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { createDialer } from '#/net/index.ts';
import type { Dialer } from '#/ports/index.ts';
import { callWebhook } from './index.ts';

const dialer = createDialer({ allow: [], authorities: [] });

test('design 6: a webhook inside a private network is not called, by its address or by a name that leads there', async () => {
  const inside = ['127.0.0.1', '10.1.2.3', '192.168.0.1', '169.254.169.254', '::1', 'fd00::1', '::ffff:127.0.0.1'];
  for (const address of inside) {
    const literal = new URL(address.includes(':') ? `https://[${address}]/hook` : `https://${address}/hook`);
    const nobody = { addresses: () => Promise.reject(new TypeError('A literal is not looked up.')) };
    await assert.rejects(
      callWebhook(literal, '{}', { dialer, resolver: nobody }, within(5_000)),
      /not a public address/,
    );
    const resolver = { addresses: async () => [address] };
    await assert.rejects(
      callWebhook(new URL('https://hook.example.test/'), '{}', { dialer, resolver }, within(5_000)),
      /not a public address/,
    );
  }
});

test('design 6: other ways to write such an address lead nowhere else', async () => {
  const resolver = { addresses: async () => [] };
  for (const host of ['0x7f000001', '2130706433', '127.1', '0177.0.0.1'])
    await assert.rejects(
      callWebhook(new URL(`https://${host}/`), '{}', { dialer, resolver }, within(5_000)),
      /not a public/,
    );
});

const HOOK = new URL('https://hook.example.test/in?key=1');
const PUBLIC = '192.88.98.1';
const INSIDE = '10.1.2.3';

/** A server that answers so, in place of every address that our dialer does not refuse. */
async function outside(answer: RequestListener) {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url} ${request.headers.host}`);
    answer(request, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const dialled: string[] = [];
  const there: Dialer = {
    connect: async ({ address }) => {
      if (address.startsWith('10.')) throw new Error(`${address} is not a public address`);
      dialled.push(address);
      const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
      await once(socket, 'connect');
      return socket;
    },
    secure: async (socket) => socket as never,
  };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { dialer: there, dialled, requests, [Symbol.asyncDispose]: close };
}

test('design 6: a name is asked once: what it leads to a moment later is dialled by nobody (DNS rebinding)', async () => {
  await using peer = await outside((_, response) => response.end());
  const answers = [[PUBLIC], [INSIDE]];
  const resolver = { addresses: async () => answers.shift() ?? [] };
  assert.equal(await callWebhook(HOOK, '{}', { dialer: peer.dialer, resolver }, within(30_000)), true);
  assert.deepEqual([peer.dialled, answers.length], [[PUBLIC], 1]);
  assert.deepEqual(peer.requests, ['POST /in?key=1 hook.example.test']);
  const mixed = { addresses: async () => [INSIDE, '127.0.0.1', PUBLIC] };
  const real: Dialer = {
    ...peer.dialer,
    connect: async (target, call) =>
      target.address === PUBLIC ? await peer.dialer.connect(target, call) : await dialer.connect(target, call),
  };
  assert.equal(await callWebhook(HOOK, '{}', { dialer: real, resolver: mixed }, within(30_000)), true);
  assert.deepEqual(peer.dialled, [PUBLIC, PUBLIC], 'of several addresses the public one alone');
});

test('design 6: a redirect is an answer like any other no, and is not followed', async () => {
  for (const status of [301, 302, 303, 307, 308]) {
    await using peer = await outside((_, response) =>
      response.writeHead(status, { location: 'http://169.254.169.254/latest/meta-data/' }).end(),
    );
    const resolver = { addresses: async () => [PUBLIC] };
    assert.equal(await callWebhook(HOOK, '{}', { dialer: peer.dialer, resolver }, within(30_000)), false);
    assert.deepEqual([peer.dialled.length, peer.requests.length], [1, 1], String(status));
  }
});

test('B3: a webhook that says nothing, or never ends, is given up; of what it says its status alone is read', async () => {
  const resolver = { addresses: async () => [PUBLIC] };
  await using silent = await outside(() => {});
  await assert.rejects(callWebhook(HOOK, '{}', { dialer: silent.dialer, resolver }, within(200)), /no answer in time/);
  await using endless = await outside((_, response) => response.writeHead(200).write('x'.repeat(10_000)));
  assert.equal(await callWebhook(HOOK, '{}', { dialer: endless.dialer, resolver }, within(30_000)), true);
  await using headers = await outside((_, response) =>
    response.writeHead(200, Array.from({ length: 900 }, (_one, n) => [`x-${n}`, 'y'.repeat(100)]).flat()).end(),
  );
  await assert.rejects(callWebhook(HOOK, '{}', { dialer: headers.dialer, resolver }, within(30_000)));
});
