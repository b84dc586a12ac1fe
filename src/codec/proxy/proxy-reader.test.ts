import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ProxyReader, type ProxyStep } from './index.ts';

function read(input: string | Buffer, pieceBytes = 1): ProxyStep {
  const bytes = Buffer.from(input as string, 'latin1');
  const reader = new ProxyReader();
  let step: ProxyStep = { kind: 'hungry' };
  let at = 0;
  for (; at < bytes.length && step.kind === 'hungry'; at += pieceBytes)
    step = reader.feed(bytes.subarray(at, at + pieceBytes));
  return step.kind === 'ready' ? { ...step, rest: Buffer.concat([step.rest, bytes.subarray(at)]) } : step;
}

function version2(command: number, family: number, ...octets: readonly number[]): Buffer {
  const head = Buffer.from([
    0x0d,
    0x0a,
    0x0d,
    0x0a,
    0,
    0x0d,
    0x0a,
    0x51,
    0x55,
    0x49,
    0x54,
    0x0a,
    0x20 | command,
    family,
    0,
    0,
  ]);
  head.writeUInt16BE(octets.length, 14);
  return Buffer.concat([head, Buffer.from(octets)]);
}

const source = { address: '192.0.2.1', port: 1111 };
const destination = { address: '198.51.100.2', port: 25 };
const addresses4 = [192, 0, 2, 1, 198, 51, 100, 2, 0x04, 0x57, 0, 25];

test('M1: a PROXY line is read, whole or octet by octet, and what follows is handed on', () => {
  for (const size of [1, 7, 1000]) {
    const step = read('PROXY TCP4 192.0.2.1 198.51.100.2 1111 25\r\nEHLO x\r\n', size);
    assert.deepEqual(step, { kind: 'ready', source, destination, rest: Buffer.from('EHLO x\r\n') });
  }
});

test('M1: version 2 is read with its extras skipped', () => {
  const step = read(Buffer.concat([version2(1, 0x11, ...addresses4, 4, 0, 1, 9), Buffer.from('EHLO')]), 5);
  assert.deepEqual(step, { kind: 'ready', source, destination, rest: Buffer.from('EHLO') });
});

test('M1: version 2 knows IPv6', () => {
  const loopback = [...Array<number>(15).fill(0), 1];
  const step = read(version2(1, 0x21, ...loopback, ...loopback, 0, 7, 0, 25));
  assert.deepEqual(step.kind === 'ready' && step.source, { address: '::1', port: 7 });
});

test('M1: a balancer that speaks for itself names nobody', () => {
  for (const input of [
    'PROXY UNKNOWN\r\n',
    'PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n',
    version2(0, 0),
    version2(1, 0x31, ...Array<number>(216).fill(1)),
  ]) {
    const step = read(input);
    assert(step.kind === 'ready' && step.source === null, String(input));
  }
});

test('B3: what breaks the form is malformed, and never waits for more than its bound', () => {
  const bad: readonly (string | Buffer)[] = [
    'EHLO x\r\n',
    'PROXY\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 1111\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 1111 25 9\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 011 25\r\n',
    'PROXY TCP4 192.0.2.1 198.51.100.2 1111 70000\r\n',
    'PROXY TCP4 ::1 ::1 1 2\r\n',
    'PROXY TCP6 fe80::1%lo ::1 1 2\r\n',
    'PROXY TCP9 1 2 3 4\r\n',
    `PROXY TCP4 ${'1'.repeat(200)}`,
    version2(2, 0x11, ...addresses4),
    version2(1, 0x11, 1, 2, 3),
    version2(1, 0x11, ...Array<number>(5000).fill(0)),
  ];
  for (const input of bad) assert.equal(read(input).kind, 'malformed', String(input));
});
