import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import zlib from 'node:zlib';
import type { ExtractLimits } from '../limits.ts';
import { tarOf } from '../sample-files.ts';
import { factsOf, mailWith, partAt, unreadOf } from '../sample-mail.ts';

const fixture = (name: string): Buffer =>
  readFileSync(new URL(`../../../../fixtures/inspect/${name}`, import.meta.url));

async function read(octets: Buffer, limits: Partial<ExtractLimits> | null = null) {
  return await factsOf(mailWith(['a.bin', octets]), limits);
}

test('H1: gzip and TAR, one in the other, are opened, long names and all', async () => {
  const long = `${'folder/'.repeat(30)}名簿.txt`;
  const tar = tarOf(
    ['a.txt', 'the secret plan'],
    ['././@LongLink', `${long}\0`, 'L'],
    ['short', 'under a long name'],
    ['x', `${Buffer.byteLength(' path=pax.txt\n') + 2} path=pax.txt\n`, 'x'],
    ['y', 'under another'],
  );
  const facts = await read(zlib.gzipSync(tar));
  assert.equal(partAt(facts, '2/a.bin').trueType, 'application/x-tar');
  assert.equal(partAt(facts, '2/a.bin/a.txt').text, 'the secret plan');
  assert.equal(partAt(facts, `2/a.bin/${long}`).name, '名簿.txt');
  assert.equal(partAt(facts, '2/a.bin/pax.txt').text, 'under another');
  assert.deepEqual(facts.unread, []);
});

test('H1: gzip and TAR that are cut show what came, and say so', async () => {
  const gzip = await read(zlib.gzipSync(Buffer.from('the secret plan '.repeat(5000))).subarray(0, 100));
  assert.deepEqual(unreadOf(gzip).at(-1), '2/a.bin damaged');
  assert.ok(gzip.parts.some(({ text }) => text?.includes('the secret plan')));
  const tar = await read(tarOf(['a.txt', 'the secret plan '.repeat(500)]).subarray(0, 2000));
  assert.deepEqual(unreadOf(tar), ['2/a.txt damaged']);
  assert.equal(partAt(tar, '2/a.txt').sha256, null);
});

test('H1: 7z is opened, and what is locked in it is told, its list too', async () => {
  const open = await read(fixture('files.7z'));
  assert.equal(partAt(open, '2/名簿.txt').text, 'hello 日本');
  assert.equal(partAt(open, '2/sub/c.txt').text, 'ccc');
  const locked = await read(fixture('locked.7z'));
  assert.deepEqual([partAt(locked, '2').encrypted, unreadOf(locked)], [true, ['2/b.bin encrypted']]);
  const list = await read(fixture('locked-list.7z'));
  assert.deepEqual([partAt(list, '2').encrypted, unreadOf(list)], [true, ['2 encrypted']]);
});

test('H1: a file that a ZIP packs in a rare way is opened', async () => {
  assert.equal(partAt(await read(fixture('lzma.zip')), '2/名簿.txt').text, 'hello 日本');
});

test('H1: LZH, as Japanese offices have it, is opened', async () => {
  const data = Buffer.from('the secret plan');
  const name = Buffer.from('93fa967b2e747874', 'hex');
  const head = Buffer.concat([
    Buffer.from('-lh0-'),
    Buffer.alloc(8),
    Buffer.from([0, 0, 0, 0, 0x20, 0, name.length]),
    name,
    Buffer.from([0, 0]),
  ]);
  head.writeUInt32LE(data.length, 5);
  head.writeUInt32LE(data.length, 9);
  const sum = head.reduce((total, octet) => (total + octet) & 0xff, 0);
  const facts = await read(Buffer.concat([Buffer.from([head.length, sum]), head, data, Buffer.from([0])]));
  assert.equal(partAt(facts, '2').trueType, 'application/x-lzh-compressed');
  assert.ok(
    facts.parts.some(({ text }) => text === 'the secret plan') || facts.unread.length > 0,
    JSON.stringify(facts.parts),
  );
});

test('M4: a file of nothing that unpacks to gigabytes is given up and told', async () => {
  const facts = await read(fixture('zeros.bz2'), { threadMemoryMb: 40 });
  assert.deepEqual(unreadOf(facts), ['2 too-large']);
});

test('M4: any octets behind the mark of an archive are told as damaged', async () => {
  for (const mark of ['377abcaf271c0004', '526172211a0700', '4d53434600000000', 'fd377a585a00']) {
    const facts = await read(Buffer.concat([Buffer.from(mark, 'hex'), Buffer.alloc(300, 0x41)]));
    assert.ok(facts.unread.length > 0, mark);
  }
});
