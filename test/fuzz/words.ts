import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { formatDuration, formatSize, parseDuration, parseSize } from '#/codec/forms/index.ts';
import { formatIp, formatNetwork, holds, parseIp, parseNetwork } from '#/model/index.ts';
import { bindSocket, parseHosts } from '#/net/index.ts';
import type { FuzzTarget } from './target.ts';

const texts = [
  '90s',
  '999999999999d',
  '50MB',
  '512KiB',
  '192.0.2.1',
  '::ffff:192.0.2.1',
  '2001:db8::/32',
  '10.0.0.0/8',
  'fe80::1%eth0',
  '127.0.0.1 localhost # here\n::1 localhost ip6-localhost\n192.0.2.7\tmx.example.test MX\n',
];

/** Small words of files: what is read is written in one way and read again alike; addresses are those that Node takes for addresses. */
export const words: FuzzTarget = {
  name: 'words',
  words: [
    'ms',
    's',
    'd',
    'kB',
    'KiB',
    'TB',
    '0',
    '9',
    ':',
    '::',
    '.',
    '/',
    '%',
    'ffff',
    '/128',
    '/0',
    ' ',
    '\t',
    '\n',
    '#',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  run(input) {
    const text = input.toString('utf8');
    const [ms, bytes, ip, network] = [parseDuration(text), parseSize(text), parseIp(text), parseNetwork(text)];
    if (ms !== null) assert.equal(parseDuration(formatDuration(ms)), ms);
    if (bytes !== null) assert.equal(parseSize(formatSize(bytes)), bytes);
    // Node takes anything for a zone; we take names of interfaces.
    if (!text.includes('%')) assert.equal(ip !== null, isIP(text) !== 0, 'Node thinks otherwise of this address');
    if (ip !== null) assert.deepEqual(parseIp(formatIp(ip)), ip);
    if (network !== null) {
      assert.deepEqual(parseNetwork(formatNetwork(network)), network);
      assert(holds(network, network), 'a network does not hold its own address');
    }
    const hosts = parseHosts(text);
    for (const addresses of hosts.values()) for (const address of addresses) assert(isIP(address) > 0);
    if (!/:\d{1,5}$/.test(text)) assert.throws(() => bindSocket(text), { code: 'config.invalid' });
    return `${ms === null} ${bytes === null} ${ip?.family} ${network?.family} ${network?.prefix} ${Math.min(hosts.size, 3)}`;
  },
};
