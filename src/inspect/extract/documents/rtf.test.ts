import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cfbOf, long } from '../sample-files.ts';
import { factsOf, mailWith, partAt, textOf } from '../sample-mail.ts';

async function read(rtf: string) {
  const facts = await factsOf(mailWith(['a.rtf', Buffer.from(rtf, 'latin1')]));
  return { facts, text: partAt(facts, '2').text ?? '' };
}

const cases: readonly (readonly [what: string, rtf: string, text: string])[] = [
  ['octets in the charset of the document', "{\\rtf1\\ansi\\ansicpg932 \\'93\\'fa\\'96\\'7b\\par x}", '日本\nx'],
  [
    'octets in the charset of a font',
    "{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}{\\f1\\fcharset128 MS;}}\\f1 \\'93\\'fa\\'96\\'7b\\f0 \\'e9}",
    '日本é',
  ],
  ['Unicode with a stand-in', "{\\rtf1\\uc1\\u26085?\\u26412\\'3f!}", '日本!'],
  ['Unicode with two stand-ins, and none', '{\\rtf1{\\uc2\\u26085??}\\uc0\\u26412 x}', '日本x'],
  ['negative numbers', '{\\rtf1\\u-26247?}', '\u9979'],
  ['words that are cut by marks', '{\\rtf1 41\\b 11\\b0  {\\i 11}11}', '4111 1111'],
  ['a table', '{\\rtf1 a\\cell b\\cell\\row c}', 'a\tb\t\nc'],
  ['signs', '{\\rtf1 a\\~b\\_c\\{\\}\\\\\\emdash }', 'a b-c{}\\—'],
  ['pictures and styles', '{\\rtf1{\\stylesheet{\\s0 Normal;}}{\\*\\themedata 504b}{\\pict 89504e47}x}', 'x'],
  ['a result of a field', '{\\rtf1{\\field{\\*\\fldinst HYPERLINK}{\\fldrslt seen}}}', 'seen'],
  ['what is not closed', '{\\rtf1 {{{a', 'a'],
];

for (const [what, rtf, text] of cases) {
  test(`H1: rich text: ${what}`, async () => {
    const found = await read(rtf);
    assert.equal(found.text.replace(/\n\n.*/s, ''), text);
    assert.deepEqual(found.facts.unread, []);
  });
}

test('H1: rich text: hidden letters part no word, and are read beside it, as are notes, titles and unknown places', async () => {
  const { text } = await read(
    '{\\rtf1{\\info{\\title Title words}}{\\header top}41{\\v no}11{\\*\\unknown dark}{\\footnote note}}',
  );
  assert.ok(text.startsWith('4111'));
  for (const words of ['Title words', 'top', 'no', 'dark', 'note']) assert.ok(text.includes(words), text);
});

test('H1: rich text: an object in it is looked at', async () => {
  const object = cfbOf({ Contents: Buffer.from('words in an object') });
  const packed = Buffer.concat([
    long(0x501, 2, 8),
    Buffer.from('Package\0'),
    long(0, 0, 0),
    Buffer.from('\x02\0plan.txt\0plan.txt\0'),
    long(0x30000, 1),
    Buffer.from('\0'),
    long(15),
    Buffer.from('the secret plan'),
  ]);
  const facts = (
    await read(
      `{\\rtf1{\\object\\objemb{\\*\\objdata ${object.toString('hex')}}}{\\object{\\*\\objdata ${packed.toString('hex')}}}}`,
    )
  ).facts;
  assert.ok(textOf(facts).includes('words in an object'));
  assert.equal(partAt(facts, '2/plan.txt').text, 'the secret plan');
});

test('M4: rich text: any octets, and a hundred thousand groups, end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary-ascii' }), async (tail) => void (await read(`{\\rtf1${tail}`))),
    { numRuns: 50 },
  );
  await read(`{\\rtf1${'{'.repeat(100_000)}x`);
  await read(`{\\rtf1${'\\u26085?'.repeat(30_000)}`);
});
