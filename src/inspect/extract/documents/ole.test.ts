import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { biff, cfbOf, docx, long, property, short, wordDocument, zipOf } from '../sample-files.ts';
import { factsOf, mailWith, partAt, textOf, unreadOf } from '../sample-mail.ts';

async function read(name: string, octets: Buffer) {
  const facts = await factsOf(mailWith([name, octets]));
  return { facts, part: partAt(facts, '2') };
}

test('H1: text of a Word document up to 2003 is read piece by piece, in order', async () => {
  const { part, facts } = await read(
    'a.doc',
    wordDocument([
      ['機密の', true],
      ['plan\rof ', false],
      ['山田\x07', true],
    ]),
  );
  assert.equal(part.trueType, 'application/msword');
  assert.equal(part.text?.trimEnd(), '機密のplan\nof 山田');
  assert.deepEqual(facts.unread, []);
});

test('H1: a Word document up to 2003 with a password, and an encrypted document of today, are told', async () => {
  const old = await read('a.doc', wordDocument([['x', true]], 0x100));
  assert.deepEqual([old.part.encrypted, unreadOf(old.facts)], [true, ['2 encrypted']]);
  const today = await read(
    'a.xlsx',
    cfbOf({ EncryptedPackage: Buffer.alloc(5000), EncryptionInfo: Buffer.alloc(100) }),
  );
  assert.deepEqual([today.part.encrypted, unreadOf(today.facts)], [true, ['2 encrypted']]);
});

const wide = (text: string) => Buffer.concat([short(text.length), Buffer.from([1]), Buffer.from(text, 'utf16le')]);

test('H1: cells of a workbook up to 2003: shared strings, over the ends of records, and numbers of all forms', async () => {
  const number = Buffer.alloc(8);
  number.writeDoubleLE(4111111111111111);
  const half = Buffer.alloc(8);
  half.writeDoubleLE(12);
  // The second string is cut after its first letter, and goes on in octets.
  const strings = Buffer.concat([
    long(3, 3),
    wide('山田太郎'),
    short(5),
    Buffer.from([1]),
    Buffer.from('あ', 'utf16le'),
  ]);
  const more = Buffer.concat([Buffer.from([0]), Buffer.from('bcde', 'latin1'), wide('unseen')]);
  const workbook = Buffer.concat([
    biff(0x809, short(0x600, 5)),
    biff(0x85, long(0), Buffer.from([0, 0, 2, 1]), Buffer.from('名簿', 'utf16le')),
    biff(0xfc, strings),
    biff(0x3c, more),
    biff(0xfd, short(0, 0, 0), long(0)),
    biff(0xfd, short(0, 1, 0), long(1)),
    biff(0x203, short(1, 0, 0), number),
    biff(0x27e, short(1, 1, 0), long((1234 << 2) | 2)),
    biff(0x27e, short(1, 2, 0), Buffer.concat([long(half.readUInt32LE(4))])),
    biff(0xbd, short(2, 0), short(0), long((5 << 2) | 2), short(0), long((650 << 2) | 3), short(1)),
  ]);
  const { part } = await read('a.xls', cfbOf({ Workbook: workbook }));
  assert.equal(part.trueType, 'application/vnd.ms-excel');
  for (const words of ['名簿', '山田太郎\tあbcde\n', '4111111111111111\t1234\t12\n', '5\t6.5', 'unseen']) {
    assert.ok(part.text?.includes(words), `${words} in ${JSON.stringify(part.text)}`);
  }
  assert.equal(part.macro, false);
});

test('H1: a workbook up to 2003 with a password, and one with a sheet of macros, are told', async () => {
  const locked = await read(
    'a.xls',
    cfbOf({ Workbook: Buffer.concat([biff(0x809, short(0x600, 5)), biff(0x2f, short(1))]) }),
  );
  assert.equal(locked.part.encrypted, true);
  const old = await read(
    'a.xls',
    cfbOf({ Workbook: biff(0x85, long(0), Buffer.from([0, 1, 1, 0]), Buffer.from('M')) }),
  );
  assert.equal(old.part.macro, true);
});

const record = (type: number, data: Buffer, version = 0) =>
  Buffer.concat([short(version, type), long(data.length), data]);

test('H1: text of slides up to 2003 is read wherever it stands', async () => {
  const inner = Buffer.concat([
    record(0x0fa0, Buffer.from('売上計画', 'utf16le')),
    record(0x0fa8, Buffer.from('plain')),
  ]);
  const { part } = await read('a.ppt', cfbOf({ 'PowerPoint Document': record(0x03e8, record(0x03ee, inner, 15), 15) }));
  assert.equal(part.trueType, 'application/vnd.ms-powerpoint');
  assert.ok(part.text?.includes('売上計画\nplain'), part.text ?? '');
});

test('H1: code in compound files, and in files within documents, is told', async () => {
  const doc = await read('a.doc', cfbOf({ 'Macros/VBA/dir': Buffer.from('x'), WordDocument: Buffer.alloc(10) }));
  assert.equal(doc.part.macro, true);
  const inner = cfbOf({ 'VBA/dir': Buffer.from('x'), 'VBA/Module1': Buffer.from('x') });
  const today = await read('a.docx', docx('<w:p/>', { name: 'word/renamed.bin', data: inner }));
  assert.equal(today.part.macro, true);
});

test('H1: a file that was put into a document is looked at, by its own name', async () => {
  const file = zipOf([{ name: 'x.txt', data: 'deep inside' }]);
  const native = Buffer.concat([
    long(0),
    short(2),
    Buffer.from('plan.zip\0C:\\plan.zip\0'),
    long(0x30000, 5),
    Buffer.from('C:\\t\0'),
    long(file.length),
    file,
  ]);
  const old = await read('a.doc', cfbOf({ 'ObjectPool/_1/\x01Ole10Native': native }));
  assert.equal(partAt(old.facts, '2/plan.zip/x.txt').text, 'deep inside');
  const today = await read(
    'a.docx',
    docx('<w:p/>', { name: 'word/embeddings/oleObject1.bin', data: cfbOf({ '\x01Ole10Native': native }) }),
  );
  assert.ok(textOf(today.facts).includes('deep inside'));
});

test('H1: where the text of a document can not be told from the rest, what looks like words is taken, and the rest told', async () => {
  const octets = Buffer.concat([
    Buffer.alloc(20),
    Buffer.from('秘密の計画です', 'utf16le'),
    Buffer.alloc(20),
    Buffer.from('plain words'),
  ]);
  const { part, facts } = await read('a.doc', cfbOf({ WordDocument: octets }));
  assert.ok(part.text?.includes('秘密の計画です') && part.text.includes('plain words'), part.text ?? '');
  assert.deepEqual(unreadOf(facts), ['2 damaged']);
});

test('H1: a mail of Outlook as a file: people, subject, text, attachments, and the mail inside of it', async () => {
  const under = '__attach_version1.0_#00000001/__substg1.0_3701000D/';
  const mail = cfbOf(
    Object.fromEntries([
      ['__properties_version1.0', Buffer.alloc(32)],
      property('', 0x37, '件名です'),
      property('', 0x1000, '本文です。'),
      property('', 0x1013, Buffer.from('<p>as <b>a</b> page')),
      property('__recip_version1.0_#00000000/', 0x3003, 'bob@b.test'),
      property('__attach_version1.0_#00000000/', 0x3707, '名簿.csv'),
      property('__attach_version1.0_#00000000/', 0x3701, Buffer.from('a,b\n1,2\n')),
      [`${under}__properties_version1.0`, Buffer.alloc(32)],
      property(under, 0x1000, 'the inner mail'),
    ]),
  );
  const { part, facts } = await read('a.msg', mail);
  assert.equal(part.trueType, 'application/vnd.ms-outlook');
  for (const words of ['件名です', '本文です。', 'bob@b.test', 'the inner mail'])
    assert.ok(part.text?.includes(words), part.text ?? '');
  assert.equal(partAt(facts, '2/body.html').text, 'as a page');
  assert.equal(partAt(facts, '2/名簿.csv').text, 'a,b\n1,2\n');
});

test('M4: chains that loop and lead anywhere end', async () => {
  const whole = wordDocument([['機密'.repeat(3000), true]]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { maxLength: 20 }), async (changes) => {
      const changed = Buffer.from(whole);
      for (const [at, octet] of changes) changed[at] = octet;
      await read('a.doc', changed);
    }),
    { numRuns: 60 },
  );
  for (let sector = 0; sector < whole.length - 4; sector += 512) {
    const loop = Buffer.from(whole);
    loop.writeUInt32LE(0, sector);
    await read('a.doc', loop);
  }
});

test('M4: pieces of a text that lie one over the other come to no more than the file', async () => {
  const whole = wordDocument(Array.from({ length: 2000 }, () => ['secret words', true] as const));
  const table = whole.indexOf(Buffer.from([2]), whole.length - 40_000);
  // All pieces begin where the first one does, and go on for a megabyte.
  for (let index = 0; index <= 2000; index++) whole.writeUInt32LE(index * 1_000_000, table + 5 + index * 4);
  for (let index = 0; index < 2000; index++) whole.writeUInt32LE(1024, table + 5 + 2001 * 4 + index * 8 + 2);
  const { part } = await read('a.doc', whole);
  assert.ok((part.text?.length ?? 0) <= whole.length * 2);
});
