import assert from 'node:assert/strict';
import { test } from 'node:test';
import { within } from '#/model/index.ts';
import { createDialer } from '#/net/index.ts';
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
