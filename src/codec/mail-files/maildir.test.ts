import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  DEFAULT_UIDL_FORMAT,
  flagsOfLetters,
  formatKeywords,
  formatLevel,
  formatMaildirFolder,
  formatMaildirName,
  formatSubscriptions,
  formatUidList,
  lettersOfFlags,
  parseKeywords,
  parseLevel,
  parseMaildirFolder,
  parseMaildirName,
  parseSubscriptions,
  parseUidList,
  parseUidlFormat,
  toWire,
} from './index.ts';
import { toLines } from './line-ends.ts';

const levels = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => !/[/\p{Cc}]/u.test(text));

test('O1: a Maildir file name tells base, flags and sizes', () => {
  const name = '1276528487.M364837P9451.kurkku,S=1355,W=1394:2,FSab';
  const parsed = parseMaildirName(name);
  assert.deepEqual(parsed, {
    base: '1276528487.M364837P9451.kurkku,S=1355,W=1394',
    letters: 'FSab',
    fileBytes: 1355,
    wireBytes: 1394,
  });
  assert.deepEqual(flagsOfLetters(parsed.letters, ['$Junk', undefined]), ['\\Flagged', '\\Seen', '$Junk']);
  assert.equal(formatMaildirName(parsed), name);
  assert.equal(parseMaildirName('1.x.host').base, '1.x.host');
  assert.equal(parseMaildirName('1.x.host;2,S').base, '1.x.host');
});

test('O1: flags become letters and come back, until there are no letters left', () => {
  const flags = ['\\Seen', '$Forwarded', 'b', 'a'];
  const keywords: string[] = [];
  const letters = lettersOfFlags(flags, keywords) ?? assert.fail();
  assert.equal(letters, 'PSab');
  assert.deepEqual(new Set(flagsOfLetters(letters, parseKeywords(formatKeywords(keywords)))), new Set(flags));
  assert.equal(
    lettersOfFlags(
      Array.from({ length: 27 }, (_, n) => `k${n}`),
      [],
    ),
    null,
  );
});

test('RFC 3501 §5.1.3: names of folders, in letters of any script and with dots inside, come back', () => {
  assert.deepEqual(parseMaildirFolder('.Sent.2024'), ['Sent', '2024']);
  assert.deepEqual(parseMaildirFolder('.&kAFP4W4IMH8-'), ['送信済み']);
  assert.equal(formatMaildirFolder(['送信済み', 'a.b']), '.&kAFP4W4IMH8-.a\\2eb');
  for (const odd of ['.', '..', 'cur', '.a..b', '..a']) assert.equal(parseMaildirFolder(odd), null, odd);
  fc.assert(
    fc.property(fc.array(levels, { minLength: 1, maxLength: 4 }), (name) => {
      const wanted = name.map((level) => level.normalize('NFC'));
      assert.deepEqual(parseMaildirFolder(formatMaildirFolder(wanted)), wanted);
    }),
  );
});

test('M1: no name of a mailbox leads out of the folder that it is exported to', () => {
  for (const level of ['..', '.', '../x', 'a/b', '.holdfast-export.jsonl', 'x.eml', 'CON:', 'x ']) {
    const name = formatLevel(level) ?? assert.fail();
    assert.ok(!/^\.|[/\\:]|\.eml$/.test(name), name);
    assert.equal(parseLevel(name), level);
  }
  assert.equal(formatLevel('長'.repeat(100)), null);
  fc.assert(fc.property(levels, (level) => assert.equal(parseLevel(formatLevel(level) ?? level), level)));
});

test('RFC 1939 §7: Dovecot’s list of UIDs tells UIDLs that it has kept', () => {
  const list = parseUidList(
    Buffer.from(
      '3 V1275660208 N25022 G3085f01b7f11094c501100008c4a11c1\n25006 P00000001abc W2481 :1276528487.M364837P9451.kurkku,S=1355,W=1394:2,\n25017 W2481 :1276533073.M242911P3632.kurkku:2,F\nnonsense\n0 :x\n',
    ),
  );
  assert.equal(list?.uidValidity, 1_275_660_208);
  assert.deepEqual(
    [...(list?.byBase ?? [])],
    [
      ['1276528487.M364837P9451.kurkku,S=1355,W=1394', { uid: 25_006, uidl: '00000001abc' }],
      ['1276533073.M242911P3632.kurkku', { uid: 25_017, uidl: null }],
    ],
  );
  assert.deepEqual(parseUidList(Buffer.from('1 7 9\n8 a:2,S\n'))?.byBase.get('a'), { uid: 8, uidl: null });
  assert.equal(parseUidList(Buffer.from('2 x\n')), null);
  assert.equal(parseUidList(Buffer.alloc(0)), null);
  const entries = [
    { base: 'a:b', uid: 5, uidl: 'x' },
    { base: 'c', uid: 9, uidl: null },
  ];
  const written = formatUidList({ uidValidity: 3, uidNext: 10 }, entries);
  assert.deepEqual(parseUidList(Buffer.from(written))?.byBase.get('a:b'), { uid: 5, uidl: 'x' });
});

test('RFC 1939 §7: UIDLs are made as Dovecot makes them', () => {
  const facts = { uid: 13, uidValidity: 0x4af6e4ad, fileName: 'base' };
  const made = (format: string) => parseUidlFormat(format)?.(facts);
  assert.equal(made(DEFAULT_UIDL_FORMAT), '0000000d4af6e4ad');
  assert.equal(made('%{uid | hex(8)}%{uidvalidity | hex(8)}'), '0000000d4af6e4ad');
  assert.equal(made('%v.%u'), '1257694381.13');
  assert.equal(made('UID%u-%v'), 'UID13-1257694381');
  assert.equal(made('%f'), 'base');
  assert.equal(parseUidlFormat('%f')?.({ ...facts, fileName: null }), null);
  for (const unknown of ['%g', '%m', '', '%', '%{guid}']) assert.equal(parseUidlFormat(unknown), null, unknown);
  assert.equal(made(`${'x'.repeat(71)}`), null);
});

test('O1: subscriptions are read as Dovecot writes them', () => {
  assert.deepEqual(parseSubscriptions('Sent\nWork.2026\n&kAFP4W4IMH8-\n'), [['Sent'], ['Work', '2026'], ['送信済み']]);
  assert.deepEqual(parseSubscriptions('V\t2\n\nSent\nWork\t2026\n'), [['Sent'], ['Work', '2026']]);
  assert.deepEqual(parseSubscriptions(formatSubscriptions([['a.b', 'c']])), [['a.b', 'c']]);
});

test('RFC 5322 §2.1: line ends of files become those of the wire, and back where nothing is lost', () => {
  const octets = fc.array(fc.constantFrom('\r', '\n', '\r\n', 'a')).map((all) => Buffer.from(all.join('')));
  fc.assert(
    fc.property(octets, (content) => {
      const wire = Buffer.from(toWire(content)).toString();
      assert.equal(wire, content.toString().replaceAll(/(?<!\r)\n/g, '\r\n'));
      const lines = toLines(content);
      if (lines !== null) assert.deepEqual(Buffer.from(toWire(lines)), content);
      else assert.ok(/\r(?!\n)|(?<!\r)\n/.test(content.toString()));
    }),
  );
});
