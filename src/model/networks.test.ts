import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Network } from './index.ts';
import { formatIp, formatNetwork, holds, networkTable, overlaps, parseIp, parseNetwork } from './index.ts';

function network(text: string): Network {
  const parsed = parseNetwork(text);
  assert.ok(parsed, text);
  return parsed;
}

const anyIp = fc.oneof(
  fc.ipV4(),
  fc.ipV6(),
  fc.ipV4().map((ip) => `::ffff:${ip}`),
);
const anyNetwork = fc.oneof(
  fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })).map(([ip, prefix]) => `${ip}/${prefix}`),
  fc.tuple(fc.ipV6(), fc.integer({ min: 0, max: 128 })).map(([ip, prefix]) => `${ip}/${prefix}`),
);

test('RFC 5952 §4: addresses are written in one way, however they came', () => {
  const forms = {
    '2001:0DB8:0:0:0:0:0:1': '2001:db8::1',
    '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    '::': '::',
    '1::': '1::',
    '::ffff:192.0.2.1': '192.0.2.1',
    '::FFFF:c000:201': '192.0.2.1',
    '64:ff9b::192.0.2.33': '64:ff9b::c000:221',
    'fe80::1%eth0': 'fe80::1',
    '10.0.0.1': '10.0.0.1',
  };
  for (const [given, wanted] of Object.entries(forms)) {
    const ip = parseIp(given);
    assert.equal(ip && formatIp(ip), wanted, given);
  }
});

test('M1: what is no address and no network is told apart, as Node does', () => {
  const wrong = [
    '',
    '1.2.3',
    '1.2.3.4.5',
    '01.2.3.4',
    '256.1.1.1',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    'g::',
    '1:2',
  ];
  for (const text of [...wrong, '1.2.3.4::', '12345::', '1:2:3:4:5:6:7:8:9', '::1.2.3', '1.2.3.4:5::', ' 1.2.3.4'])
    assert.equal(parseIp(text), null, text);
  for (const text of [
    '10.0.0.0/33',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10/8',
    '::ffff:10.0.0.0/95',
    '/8',
    '1.2.3.4/8/8',
  ])
    assert.equal(parseNetwork(text), null, text);
  fc.assert(
    fc.property(fc.oneof(anyIp, fc.stringMatching(/^[0-9a-f:.]{1,20}$/)), (text) => {
      assert.equal(parseIp(text) !== null, isIP(text) !== 0);
    }),
  );
});

test('M1: a network is written without the bits behind its prefix', () => {
  assert.equal(formatNetwork(network('192.0.2.77/24')), '192.0.2.0/24');
  assert.equal(formatNetwork(network('2001:db8::1')), '2001:db8::1/128');
  assert.equal(formatNetwork(network('::ffff:10.1.2.3/104')), '10.0.0.0/8');
  assert.equal(formatNetwork(network('1.2.3.4/0')), '0.0.0.0/0');
});

test('M1: a network holds what an independent matcher says it holds', () => {
  fc.assert(
    fc.property(anyNetwork, anyIp, fc.boolean(), (text, other, near) => {
      const [address = '', prefix = ''] = text.split('/');
      const ip = near ? address : other;
      // Node's list lets IPv6 networks hold IPv4 addresses; ours don't.
      const parsed = parseIp(ip);
      assert.ok(parsed);
      fc.pre(parsed.family === network(text).family && isIP(ip) === isIP(address));
      const oracle = new BlockList();
      oracle.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
      assert.equal(holds(network(text), parsed), oracle.check(ip, isIP(ip) === 4 ? 'ipv4' : 'ipv6'));
    }),
  );
});

test('M1: two networks overlap just when one holds the first address of the other', () => {
  assert.ok(overlaps(network('10.0.0.0/8'), network('10.2.0.0/16')));
  assert.ok(overlaps(network('10.2.0.0/16'), network('::ffff:10.0.0.0/104')));
  assert.ok(!overlaps(network('10.0.0.0/9'), network('10.128.0.0/9')));
  assert.ok(!overlaps(network('0.0.0.0/0'), network('::/0')));
});

test('M1: a table finds the narrowest network first, and mapped addresses as IPv4', () => {
  const table = networkTable([
    [network('10.0.0.0/8'), 'wide'],
    [network('10.1.0.0/16'), 'narrow'],
    [network('10.1.0.0/16'), 'second'],
    [network('2001:db8::/32'), 'six'],
  ]);
  assert.equal(table.find('10.1.2.3'), 'narrow');
  assert.deepEqual(table.findAll('::ffff:10.1.2.3'), ['narrow', 'second', 'wide']);
  assert.equal(table.find('10.2.2.3'), 'wide');
  assert.equal(table.find('2001:DB8:1::'), 'six');
  assert.equal(table.find('192.0.2.1'), undefined);
  assert.equal(table.find('not an address'), undefined);
});
