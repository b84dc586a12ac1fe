import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { parseCommand } from '#/codec/smtp/index.ts';
import type { FuzzTarget } from './target.ts';

const texts = [
  'NAME=mx.example.test ADDR=192.0.2.1 PORT=2525 PROTO=ESMTP HELO=mx',
  'ADDR=IPV6:2001:db8::1 NAME=[UNAVAILABLE] LOGIN=alice+40acme.test',
  'DESTADDR=198.51.100.1 DESTPORT=25 HELO=a+2Bb',
];

/** An identity by XCLIENT is whole or none, and nothing in it can end a line of a header field or of the log. */
export const xclient: FuzzTarget = {
  name: 'xclient',
  words: [
    'NAME=',
    'ADDR=',
    'PORT=',
    'PROTO=',
    'HELO=',
    'LOGIN=',
    'IPV6:',
    '[UNAVAILABLE]',
    '[TEMPUNAVAIL]',
    ' ',
    '+0A',
    '+0D',
    '+00',
    '+',
    '=',
    '65536',
    '%eth0',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  run(input) {
    const step = parseCommand(`XCLIENT ${input.toString('utf8')}`);
    if (step.kind !== 'command' || step.command.verb !== 'XCLIENT') return 'none';
    const read = step.command.attributes;
    for (const name of ['ADDR', 'DESTADDR'] as const)
      assert(read[name] === undefined || read[name] === null || isIP(read[name]) > 0, 'an address that is none');
    for (const value of Object.values(read))
      assert(value === null || !/[\0-\x1f\x7f]/.test(value), `a control: ${JSON.stringify(value)}`);
    return Object.entries(read)
      .map(([name, value]) => `${name}${value === null ? '?' : ''}`)
      .join();
  },
};
