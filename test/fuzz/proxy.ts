import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { ProxyReader, type ProxyStep, proxyHeaderBytesMax } from '#/codec/proxy/index.ts';
import { type FuzzTarget, octetByOctet, pieces, randomFrom, seedOf } from './target.ts';

const signature = '\r\n\r\n\0\r\nQUIT\n';
const texts = [
  'PROXY TCP4 192.0.2.1 198.51.100.2 1111 25\r\nEHLO x\r\n',
  'PROXY TCP6 ::1 2001:db8::1 1 2\r\n',
  'PROXY UNKNOWN\r\n',
  `${signature}\x21\x11\0\x0c\xc0\0\x02\x01\xc6\x33\x64\x02\x04\x57\0\x19EHLO`,
  `${signature}\x20\0\0\0`,
  `${signature}\x21\x21\0\x24${'\x01'.repeat(36)}`,
];

/** However the stream is cut, the caller is the same, every octet behind the header is handed on, and the wait is bounded. */
export const proxy: FuzzTarget = {
  name: 'proxy',
  words: [
    'PROXY ',
    'TCP4 ',
    'TCP6 ',
    'UNKNOWN',
    '\r\n',
    ' ',
    '127.0.0.1',
    '::',
    signature,
    '\x21\x11',
    '\0\x0c',
    '65535',
    '0',
  ],
  seeds: texts.map((text) => Buffer.from(text, 'latin1')),
  run(input) {
    const whole = read([input]);
    assert.deepEqual(read(pieces(input, randomFrom(seedOf(input)))), whole);
    if (input.length < 600) assert.deepEqual(read(octetByOctet(input)), whole);
    if (whole.kind === 'hungry') assert(input.length < proxyHeaderBytesMax, 'it waits without bound');
    if (whole.kind !== 'ready') return whole.kind === 'malformed' ? whole.why : 'hungry';
    for (const end of [whole.source, whole.destination])
      assert(end === null || (isIP(end.address) > 0 && end.port < 65_536));
    assert(input.toString('latin1').endsWith(whole.rest.toString('latin1')), 'octets behind the header are lost');
    return `ready ${whole.source === null ? 'nobody' : isIP(whole.source.address)} ${whole.rest.length > 0}`;
  },
};

function read(fed: readonly Buffer[]): ProxyStep {
  const reader = new ProxyReader();
  let step: ProxyStep = { kind: 'hungry' };
  for (const [i, piece] of fed.entries()) {
    if (piece.length > 0) step = reader.feed(piece);
    if (step.kind === 'ready') return { ...step, rest: Buffer.concat([step.rest, ...fed.slice(i + 1)]) };
    if (step.kind === 'malformed') return step;
  }
  return step;
}
