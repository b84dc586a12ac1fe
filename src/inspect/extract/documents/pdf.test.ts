import assert from 'node:assert/strict';
import { test } from 'node:test';
import zlib from 'node:zlib';
import type { ExtractLimits } from '../limits.ts';
import { pdfOf, pdfPage, pdfStream } from '../sample-files.ts';
import { factsOf, mailWith, partAt, unreadOf } from '../sample-mail.ts';

async function read(octets: Buffer, limits: Partial<ExtractLimits> | null = null) {
  const facts = await factsOf(mailWith(['a.pdf', octets]), limits);
  return { facts, part: partAt(facts, '2') };
}

test('H1: text of a PDF is read, Japanese in fonts that are not in the file too', async () => {
  const { part, facts } = await read(pdfPage('Card 4111 1111 1111 1111', '機密情報です'));
  assert.equal(part.trueType, 'application/pdf');
  assert.equal(part.text?.trim(), 'Card 4111 1111 1111 1111\n機密情報です');
  assert.deepEqual(facts.unread, []);
});

test('H1: notes, forms, links, properties, outlines and attached files of a PDF are read', async () => {
  const { part, facts } = await read(
    pdfPage('x', '', {
      page: '/Annots[9 0 R 10 0 R 11 0 R 17 0 R]',
      catalog: '/Outlines 12 0 R/Names<</EmbeddedFiles<</Names[(plan.txt)14 0 R]>>>>/AcroForm<</Fields[10 0 R]>>',
      objects: [
        '<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/Contents(words of a note)/T(Alice)>>',
        '<</Type/Annot/Subtype/Widget/FT/Tx/T(f)/V(filled in)/Rect[0 0 9 9]>>',
        '<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI(https://leak.test/)>>>>',
        '<</First 13 0 R/Last 13 0 R/Count 1>>',
        '<</Title(words of an outline)/Parent 12 0 R>>',
        '<</Type/Filespec/F(plan.txt)/EF<</F 15 0 R>>>>',
        pdfStream('the secret plan', '/Type/EmbeddedFile'),
        '<</Title(words of a title)/Author(Bob)>>',
        '<</Type/Annot/Subtype/FileAttachment/Rect[0 0 9 9]/FS<</Type/Filespec/F(note.txt)/EF<</F 18 0 R>>>>>>',
        pdfStream('a file on a page', '/Type/EmbeddedFile'),
      ],
      trailer: '/Info 16 0 R',
    }),
  );
  for (const words of [
    'words of a note',
    'Alice',
    'filled in',
    'https://leak.test/',
    'words of an outline',
    'words of a title',
    'Bob',
  ]) {
    assert.ok(part.text?.includes(words), `${words} in ${part.text}`);
  }
  assert.equal(partAt(facts, '2/plan.txt').text, 'the secret plan');
  assert.equal(partAt(facts, '2/note.txt').text, 'a file on a page');
});

test('H1: a PDF that opens with a password only is told', async () => {
  const locked = pdfPage('x', '', {
    objects: [`<</Filter/Standard/V 1/R 2/P -4/O<${'00'.repeat(32)}>/U<${'11'.repeat(32)}>>>`],
    trailer: `/Encrypt 9 0 R/ID[<${'22'.repeat(16)}><${'22'.repeat(16)}>]`,
  });
  const { part, facts } = await read(locked);
  assert.equal(part.encrypted, true);
  assert.deepEqual(unreadOf(facts), ['2 encrypted']);
});

test('H1: a PDF behind other octets, and one whose table of places is wrong, are read', async () => {
  const whole = pdfPage('words of it', '');
  const behind = await read(Buffer.concat([Buffer.from('junk\n'.repeat(20)), whole]));
  assert.ok(behind.part.text?.includes('words of it'));
  const wrong = await read(Buffer.from(whole.toString('latin1').replace(/startxref\n\d+/, 'startxref\n7'), 'latin1'));
  assert.ok(wrong.part.text?.includes('words of it'));
});

test('H1: what is no PDF but its first octets is told as damaged', async () => {
  const { facts } = await read(Buffer.from(`%PDF-1.7\n${'x'.repeat(500)}`));
  assert.deepEqual(unreadOf(facts), ['2 damaged']);
});

test('M4: a PDF that swells, or takes for ever, is given up and told, and the next one is read', async () => {
  const swells = pdfPage('', '', {
    content: pdfStream(zlib.deflateSync(Buffer.alloc(60_000_000, '0 0 m ')), '/Filter/FlateDecode'),
  });
  const slow = await read(swells, { threadWaitMs: 300, threadMemoryMb: 4000 });
  assert.deepEqual(unreadOf(slow.facts), ['2 too-slow']);
  const both = await factsOf(mailWith(['a.pdf', swells], ['b.pdf', pdfPage('the next one', '')]), {
    threadMemoryMb: 60,
  });
  assert.deepEqual(unreadOf(both), ['2 too-large']);
  assert.ok(partAt(both, '3').text?.includes('the next one'));
});

test('M4: pages beyond the bound are told', async () => {
  const page = '<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>';
  const kids = Array.from({ length: 5 }, (_, i) => `${i + 3} 0 R`).join(' ');
  const many = pdfOf([
    '<</Type/Catalog/Pages 2 0 R>>',
    `<</Type/Pages/Kids[${kids}]/Count 5>>`,
    page,
    page,
    page,
    page,
    page,
  ]);
  const { facts } = await read(many, { pagesMax: 3 });
  assert.deepEqual(unreadOf(facts), ['2 too-many']);
});
