import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ExtractLimits } from '../limits.ts';
import { type SampleEntry, zipOf } from '../sample-files.ts';
import { factsOf, mailWith, partAt, unreadOf } from '../sample-mail.ts';

const secret: SampleEntry = { name: 'plan.txt', data: 'the secret plan' };

async function read(octets: Buffer, limits: Partial<ExtractLimits> | null = null) {
  return await factsOf(mailWith(['a.zip', octets]), limits);
}

test('H1: files of an archive are parts, with names in the charset of whoever packed it', async () => {
  const facts = await read(
    zipOf([
      secret,
      { name: '資料/名簿.csv', data: 'a,b,c\n1,2,3\n' },
      { name: Buffer.from('93fa967b2e747874', 'hex'), data: 'x', flags: 0 },
      { name: 'stored.txt', data: 'as it is', method: 0 },
      { name: 'new.txt', data: 'packed by zstd', method: 93 },
    ]),
  );
  assert.deepEqual(
    facts.parts.slice(3).map(({ path, name, text, role }) => [path, name, text, role]),
    [
      ['2/plan.txt', 'plan.txt', 'the secret plan', 'inside'],
      ['2/資料/名簿.csv', '名簿.csv', 'a,b,c\n1,2,3\n', 'inside'],
      ['2/日本.txt', '日本.txt', 'x', 'inside'],
      ['2/stored.txt', 'stored.txt', 'as it is', 'inside'],
      ['2/new.txt', 'new.txt', 'packed by zstd', 'inside'],
    ],
  );
  assert.equal(partAt(facts, '2').trueType, 'application/zip');
  assert.deepEqual(facts.unread, []);
});

for (const [how, octets] of [
  ['octets in front of it', zipOf([secret], Buffer.from('#!/bin/sh\nexit\n'))],
  [
    'a file that its directory leaves out',
    zipOf([
      { name: 'a', data: 'x' },
      { ...secret, unlisted: true },
    ]),
  ],
  ['no directory at all', zipOf([secret]).subarray(0, 30 + 8 + 17)],
  ['a second archive behind it', Buffer.concat([zipOf([secret]), zipOf([{ name: 'a', data: 'x' }])])],
  ['a long comment', Buffer.concat([zipOf([secret]), Buffer.alloc(70_000, 0x20)])],
  ['names that differ', zipOf([{ ...secret, localName: 'else.txt' }])],
] as const) {
  test(`H1: an archive with ${how} hides nothing`, async () => {
    const facts = await read(octets);
    assert.ok(
      facts.parts.some(({ text }) => text === 'the secret plan'),
      JSON.stringify(facts, null, 1),
    );
  });
}

test('H1: the other name of a file counts too', async () => {
  const facts = await read(zipOf([{ ...secret, localName: 'virus.exe' }]));
  assert.deepEqual(partAt(facts, '2/plan.txt').otherNames, ['virus.exe']);
});

test('H1: archives in archives are opened, and a path out of the archive is a name', async () => {
  const inner = zipOf([{ name: '../../etc/passwd', data: 'inside' }]);
  const facts = await read(zipOf([{ name: 'b.zip', data: inner }]));
  assert.equal(partAt(facts, '2/b.zip/../../etc/passwd').text, 'inside');
});

test('H1: files with a password are told, each, and the archive where all of them have one', async () => {
  const locked = { name: 'a.xlsx', data: 'x', method: 0, flags: 0x801 };
  const all = await read(zipOf([locked, { ...locked, name: 'b', method: 99 }]));
  assert.deepEqual(unreadOf(all), ['2/a.xlsx encrypted', '2/b encrypted']);
  assert.equal(partAt(all, '2').encrypted, true);
  const some = await read(zipOf([locked, secret]));
  assert.equal(partAt(some, '2').encrypted, false);
  assert.equal(partAt(some, '2/plan.txt').text, 'the secret plan');
});

test('M4: what unpacks to too much is cut and told, and so is a nest without end', async () => {
  const bomb = zipOf([{ name: 'zeros', data: Buffer.alloc(9_000_000, 0x61) }]);
  const facts = await read(bomb);
  assert.deepEqual(
    unreadOf(facts)
      .filter((line) => line.startsWith('2/zeros'))
      .at(-1),
    '2/zeros too-large',
  );
  assert.ok(partAt(facts, '2/zeros').size < 10_000_000);
  let nest = zipOf([secret]);
  for (let level = 0; level < 20; level++) nest = zipOf([{ name: 'n.zip', data: nest }]);
  const deep = await read(nest);
  assert.deepEqual(
    deep.unread.map(({ why }) => why),
    ['too-deep'],
  );
  const total = await read(
    zipOf(Array.from({ length: 10 }, (_, i) => ({ name: `f${i}`, data: Buffer.alloc(100_000, 0x61) }))),
    { unpackedBytesMax: 250_000 },
  );
  assert.ok(total.parts.reduce((sum, { size, path }) => sum + (path.startsWith('2/') ? size : 0), 0) <= 600_000);
  assert.ok(total.unread.some(({ why }) => why === 'too-large'));
});

test('H1: an archive that is cut or changed anywhere is facts, and says that something is amiss or shows its file', async () => {
  const whole = zipOf([secret, { name: 'b.txt', data: 'x'.repeat(500) }]);
  await fc.assert(
    fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), fc.boolean(), async (at, octet, isCut) => {
      const changed = Buffer.from(isCut ? whole.subarray(0, at) : whole);
      if (!isCut) changed[at] = octet;
      const facts = await read(changed);
      assert.ok(facts.parts.length >= 3);
    }),
    { numRuns: 40 },
  );
});

test('M4: thousands of files in an archive, and of headers of nothing, are read in time', async () => {
  const many = await read(zipOf(Array.from({ length: 3000 }, (_, i) => ({ name: `f${i}`, data: 'x', method: 0 }))));
  assert.equal(many.parts.length, 3003);
  const heads = Buffer.concat(Array.from({ length: 20_000 }, () => Buffer.from('PK\x03\x04'.padEnd(30, '\0'))));
  await read(heads);
});

test('H1: a file whose two headers differ in how it is packed is read in both ways', async () => {
  const lying = zipOf([{ name: 'a.txt', data: Buffer.from('the secret plan') }]);
  // The directory says "stored"; what goes by the header unpacks it.
  lying.writeUInt16LE(0, lying.indexOf('PK\x01\x02') + 10);
  const facts = await read(lying);
  assert.ok(
    facts.parts.some(({ text }) => text === 'the secret plan'),
    JSON.stringify(facts.parts),
  );
});

test('M4: headers that lie one over the other have no names that fill the memory', async () => {
  const head = Buffer.from('PK\x03\x04'.padEnd(30, '\0'), 'latin1');
  head.writeUInt16LE(65_535, 26);
  const facts = await read(Buffer.concat(Array.from({ length: 10_000 }, () => head)));
  assert.ok(facts.parts.every(({ path }) => path.length < 5000));
});
