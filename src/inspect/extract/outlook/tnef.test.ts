import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { long, short } from '../sample-files.ts';
import { factsOf, mailWith, partAt, unreadOf } from '../sample-mail.ts';
import { inflateRtf } from './compressed-rtf.ts';

const attribute = (level: number, id: number, data: Buffer) =>
  Buffer.concat([Buffer.from([level]), long(id, data.length), data, short(0)]);

function properties(...values: readonly (readonly [id: number, type: number, octets: Buffer])[]): Buffer {
  const list = values.map(([id, type, octets]) => {
    const name = id >= 0x8000 ? Buffer.concat([Buffer.alloc(16), long(1, 4), Buffer.from('a\0b\0')]) : Buffer.alloc(0);
    const padded = Buffer.concat([octets, Buffer.alloc((4 - (octets.length % 4)) % 4)]);
    return Buffer.concat([
      short(type, id),
      name,
      type === 3 ? octets : Buffer.concat([long(1, octets.length), padded]),
    ]);
  });
  return Buffer.concat([long(values.length), ...list]);
}

const wide = (text: string) => Buffer.from(`${text}\0`, 'utf16le');

const tnef = Buffer.concat([
  Buffer.from('789f3e220100', 'hex'),
  attribute(1, 0x18004, Buffer.from('Subject words\0')),
  attribute(
    1,
    0x69003,
    properties(
      [0x37, 0x1f, wide('件名')],
      [0x17, 3, long(1)],
      [0x8001, 0x1f, wide('named')],
      [0x1013, 0x102, Buffer.from('<p>page words')],
    ),
  ),
  attribute(2, 0x69002, Buffer.alloc(14)),
  attribute(2, 0x18010, Buffer.from('meibo.csv\0')),
  attribute(2, 0x6800f, Buffer.from('a,b\n1,2\n')),
  attribute(2, 0x69005, properties([0x3707, 0x1f, wide('名簿.csv')])),
  attribute(2, 0x69002, Buffer.alloc(14)),
  attribute(2, 0x18010, Buffer.from('two.txt\0')),
  attribute(2, 0x6800f, Buffer.from('second')),
]);

test('H1: winmail.dat: words of the mail, and its files under all of their names', async () => {
  const facts = await factsOf(mailWith(['winmail.dat', tnef, 'application/ms-tnef']));
  const part = partAt(facts, '2');
  assert.equal(part.trueType, 'application/vnd.ms-tnef');
  for (const words of ['Subject words', '件名', 'named']) assert.ok(part.text?.includes(words), part.text ?? '');
  assert.equal(partAt(facts, '2/body.html').text, 'page words');
  const file = partAt(facts, '2/名簿.csv');
  assert.deepEqual([file.name, file.otherNames, file.text], ['名簿.csv', ['meibo.csv'], 'a,b\n1,2\n']);
  assert.equal(partAt(facts, '2/two.txt').text, 'second');
  assert.deepEqual(facts.unread, []);
});

test('H1: winmail.dat that is cut says so, and shows what came before', async () => {
  const facts = await factsOf(mailWith(['winmail.dat', tnef.subarray(0, tnef.length - 3)]));
  assert.deepEqual(unreadOf(facts), ['2 damaged']);
  assert.equal(partAt(facts, '2/名簿.csv').text, 'a,b\n1,2\n');
});

test('M4: winmail.dat of any octets ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(tnef.length - 1), fc.nat(255)), { maxLength: 10 }), async (changes) => {
      const changed = Buffer.from(tnef);
      for (const [at, octet] of changes) changed[at] = octet;
      await factsOf(mailWith(['winmail.dat', changed]));
    }),
    { numRuns: 60 },
  );
});

test('H1: compressed rich text: the example of its specification (MS-OXRTFCP §4.1) is read', () => {
  const packed = Buffer.from(
    '2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0',
    'hex',
  );
  assert.equal(inflateRtf(packed)?.toString('latin1'), '{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n');
});
