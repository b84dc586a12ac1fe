import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ClientAddresses } from './client-address.ts';

const clients = new ClientAddresses(['127.0.0.0/8', '10.0.0.0/8']);

function from(remoteAddress: string, headers: Readonly<Record<string, string>>): string {
  return clients.of({ socket: { remoteAddress }, headers } as unknown as Parameters<ClientAddresses['of']>[0]);
}

for (const [what, peer, headers, is] of [
  ['nothing is said', '127.0.0.1', {}, '127.0.0.1'],
  ['a mapped address', '::ffff:192.0.2.9', {}, '192.0.2.9'],
  ['who is not believed', '192.0.2.9', { 'x-forwarded-for': '203.0.113.1' }, '192.0.2.9'],
  ['a proxy', '::ffff:127.0.0.1', { 'x-forwarded-for': '203.0.113.1' }, '203.0.113.1'],
  ['what a stranger wrote before', '127.0.0.1', { 'x-forwarded-for': '198.51.100.1, 203.0.113.1' }, '203.0.113.1'],
  ['two proxies of ours', '127.0.0.1', { 'x-forwarded-for': '198.51.100.1, 203.0.113.1, 10.1.1.1' }, '203.0.113.1'],
  ['a port', '127.0.0.1', { 'x-forwarded-for': '203.0.113.1:4711' }, '203.0.113.1'],
  ['no address', '127.0.0.1', { 'x-forwarded-for': 'unknown' }, '127.0.0.1'],
  ['the standard', '127.0.0.1', { forwarded: 'proto=https; For="[2001:DB8::1]:4711"' }, '2001:db8::1'],
  ['a mark that a stranger opened', '127.0.0.1', { forwarded: 'for="198.51.100.1, for=203.0.113.1' }, '203.0.113.1'],
  ['both alike', '127.0.0.1', { forwarded: 'for=203.0.113.1', 'x-forwarded-for': '203.0.113.1' }, '203.0.113.1'],
  ['both, not alike', '127.0.0.1', { forwarded: 'for=1.2.3.4', 'x-forwarded-for': '203.0.113.1' }, '127.0.0.1'],
] as const) {
  test(`RFC 7239 §4: whose request it is, with ${what}`, () => assert.equal(from(peer, headers), is));
}
