import assert from 'node:assert/strict';
import { test } from 'node:test';
import { docx, odt, pptx, type SampleEntry, xlsx, zipOf } from '../sample-files.ts';
import { factsOf, mailWith, partAt, textOf, unreadOf } from '../sample-mail.ts';

const ooxml = 'application/vnd.openxmlformats-officedocument';

async function read(name: string, octets: Buffer) {
  const facts = await factsOf(mailWith([name, octets]));
  return { facts, part: partAt(facts, '2') };
}

test('H1: words of a text document are whole though they are cut into runs', async () => {
  const { part, facts } = await read(
    '契約書.docx',
    docx(
      '<w:p><w:r><w:t>4111 11</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>11 1111 1111</w:t></w:r></w:p><w:p><w:r><w:t>機密の契約&amp;</w:t><w:tab/><w:t>山田</w:t></w:r></w:p>',
      { name: 'word/header1.xml', data: '<w:hdr><w:p><w:r><w:t>社外秘</w:t></w:r></w:p></w:hdr>' },
      {
        name: 'word/footnotes.xml',
        data: '<w:footnotes><w:footnote><w:p><w:t>脚注です</w:t></w:p></w:footnote></w:footnotes>',
      },
      {
        name: 'word/comments.xml',
        data: '<w:comments><w:comment w:author="佐藤"><w:p><w:t>a comment</w:t></w:p></w:comment></w:comments>',
      },
      { name: 'docProps/core.xml', data: '<cp><dc:title>Title words</dc:title><dc:creator>Alice</dc:creator></cp>' },
      {
        name: 'word/_rels/document.xml.rels',
        data: '<Relationships><Relationship Target="mailto:leak@x.test" TargetMode="External"/><Relationship Target="header1.xml"/></Relationships>',
      },
    ),
  );
  assert.equal(part.trueType, `${ooxml}.wordprocessingml.document`);
  assert.equal(part.name, '契約書.docx');
  for (const words of [
    '4111 1111 1111 1111',
    '機密の契約&\t山田',
    '社外秘',
    '脚注です',
    '佐藤',
    'a comment',
    'Title words\n',
    'Alice',
    'mailto:leak@x.test',
  ]) {
    assert.ok(part.text?.includes(words), `${words} in ${JSON.stringify(part.text)}`);
  }
  assert.ok(!part.text?.includes('header1.xml'));
  assert.deepEqual(facts.unread, []);
});

test('H1: a sheet is rows of cells, with numbers as people see them', async () => {
  const { part } = await read(
    'a.xlsx',
    xlsx([
      ['氏名', '電話'],
      ['山田太郎', '03-1234-5678', 4111111111111111],
      ['x', 12.5],
    ]),
  );
  assert.equal(part.trueType, `${ooxml}.spreadsheetml.sheet`);
  assert.ok(part.text?.includes('氏名\t電話\n山田太郎\t03-1234-5678\t4111111111111111\nx\t12.5\n'), part.text ?? '');
  assert.ok(part.text?.includes('名簿'));
});

test('H1: a string that no cell shows is read all the same', async () => {
  const sheet: SampleEntry = {
    name: 'xl/worksheets/sheet1.xml',
    data: '<worksheet><row><c t="inlineStr"><is><t>in place</t></is></c><c><f>A1&amp;"words in a formula"</f><v>7</v></c></row></worksheet>',
  };
  const strings: SampleEntry = { name: 'xl/sharedStrings.xml', data: '<sst><si><t>unseen</t></si></sst>' };
  const { part } = await read('a.xlsx', zipOf([{ name: '[Content_Types].xml', data: '<Types/>' }, sheet, strings]));
  for (const words of ['in place', 'words in a formula', '7', 'unseen'])
    assert.ok(part.text?.includes(words), part.text ?? '');
});

test('H1: slides, their notes and their charts are read', async () => {
  const { part } = await read(
    'a.pptx',
    pptx(
      '<a:r><a:t>売上</a:t></a:r><a:r><a:t>計画</a:t></a:r>',
      { name: 'ppt/notesSlides/notesSlide1.xml', data: '<p:notes><a:p><a:t>話すこと</a:t></a:p></p:notes>' },
      { name: 'ppt/charts/chart1.xml', data: '<c:chart><c:v>東京</c:v><c:v>大阪</c:v></c:chart>' },
    ),
  );
  assert.equal(part.trueType, `${ooxml}.presentationml.presentation`);
  for (const words of ['売上計画', '話すこと', '東京\n大阪']) assert.ok(part.text?.includes(words), part.text ?? '');
});

test('H1: OpenDocument: text, styles, properties, and the exact values of cells', async () => {
  const { part } = await read(
    'a.odt',
    odt(
      '<text:p>日<text:span>本</text:span>語<text:s text:c="2"/>x<text:tab/>y</text:p><table:table-row><table:table-cell office:value="4111111111111111"><text:p>4.1E15</text:p></table:table-cell></table:table-row>',
      { name: 'styles.xml', data: '<style:footer><text:p>フッター</text:p></style:footer>' },
      { name: 'meta.xml', data: '<meta><dc:title>題名</dc:title></meta>' },
    ),
  );
  assert.equal(part.trueType, 'application/vnd.oasis.opendocument.text');
  for (const words of ['日本語  x\ty', '4111111111111111', 'フッター', '題名'])
    assert.ok(part.text?.includes(words), part.text ?? '');
});

test('H1: a document in a document, and a file that nobody expects in one, are looked at', async () => {
  const inner = xlsx([['内側の名簿']]);
  const { facts } = await read(
    'a.docx',
    docx(
      '<w:p/>',
      { name: 'word/embeddings/sheet.xlsx', data: inner },
      { name: 'word/media/image1.png', data: zipOf([{ name: 'x.txt', data: 'in a picture' }]) },
      { name: 'note.txt', data: 'beside the parts' },
      { name: 'word/media/image2.png', data: '\x89PNG\r\n\x1a\n' },
    ),
  );
  assert.ok(partAt(facts, '2/word/embeddings/sheet.xlsx').text?.includes('内側の名簿'));
  assert.equal(partAt(facts, '2/word/media/image1.png/x.txt').text, 'in a picture');
  assert.equal(partAt(facts, '2/note.txt').text, 'beside the parts');
});

for (const [what, name, octets] of [
  ['VBA in a text document', 'a.docm', docx('<w:p/>', { name: 'word/vbaProject.bin', data: 'x' })],
  ['VBA in a workbook that is named .xlsx', 'a.xlsx', xlsx([['a']], { name: 'xl/vbaProject.bin', data: 'x' })],
  [
    'Excel 4 macros',
    'a.xlsm',
    xlsx([['a']], {
      name: 'xl/macrosheets/sheet1.xml',
      data: '<macrosheet><row><c><f>EXEC("calc")</f></c></row></macrosheet>',
    }),
  ],
  [
    'Basic in OpenDocument',
    'a.odt',
    odt('', { name: 'Basic/Standard/Module1.xml', data: '<script:module>Sub Main</script:module>' }),
  ],
] as const) {
  test(`H1: ${what} is told as a macro`, async () => {
    const { part } = await read(name, octets);
    assert.equal(part.macro, true);
  });
}

test('H1: documents without code are not told as such', async () => {
  const { part } = await read('a.odt', odt('<text:p>x</text:p>', { name: 'Basic/script-lc.xml', data: '<library/>' }));
  assert.equal(part.macro, false);
});

test('H1: an OpenDocument that opens with a password is told as encrypted', async () => {
  const manifest =
    '<manifest:manifest><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>';
  const { facts, part } = await read('a.odt', odt('', { name: 'META-INF/manifest.xml', data: manifest }));
  assert.equal(part.encrypted, true);
  assert.ok(unreadOf(facts).includes('2 encrypted'));
});

test('H1: XML in other charsets, with faults, with entities of its own and in UTF-16 is read', async () => {
  const { part } = await read(
    'a.docx',
    docx(
      '<w:p><w:t>before</w:t></w:p',
      { name: 'word/a.xml', data: Buffer.from('\ufeff<w:p><w:t>ワイド</w:t></w:p>', 'utf16le') },
      { name: 'word/b.xml', data: '<!DOCTYPE x [<!ENTITY e "expanded">]><w:p><w:t>&e;<<>> after</w:t></w:p>' },
    ),
  );
  for (const words of ['before', 'ワイド', 'after', 'expanded']) assert.ok(part.text?.includes(words), part.text ?? '');
});

test('M4: entities that would grow without end, or that name files, are text', async () => {
  const lol = Array.from({ length: 30 }, (_, i) => `<!ENTITY l${i + 1} "&l${i};&l${i};">`).join('');
  const xml = `<!DOCTYPE x [<!ENTITY l0 "lol">${lol}<!ENTITY f SYSTEM "file:///etc/passwd">]><w:p><w:t>&l30;&f;</w:t></w:p>`;
  const { facts } = await read('a.docx', docx('<w:p/>', { name: 'word/x.xml', data: xml }));
  assert.ok(textOf(facts).length < 5000 && !textOf(facts).includes('root:'));
});

test('M4: a document of a hundred thousand levels is read in time', async () => {
  const { part } = await read('a.docx', docx(`${'<w:p>'.repeat(100_000)}<w:t>at the ground</w:t>`));
  assert.ok(part.text?.includes('at the ground'));
});

test('H1: parts of a document are found wherever they lie', async () => {
  const types: SampleEntry = { name: '[Content_Types].xml', data: '<Types/>' };
  const document =
    '<w:document><w:p><w:r><w:t>4111 11</w:t></w:r><w:r><w:t>11 1111 1111</w:t></w:r></w:p></w:document>';
  const sheet = '<worksheet><row><c><v>4.111111111111111E+15</v></c></row></worksheet>';
  const { part } = await read(
    'a.docx',
    zipOf([types, { name: 'odd/place.xml', data: document }, { name: 'other/place.xml', data: sheet }]),
  );
  for (const words of ['4111 1111 1111 1111', '4111111111111111'])
    assert.ok(part.text?.includes(words), part.text ?? '');
});
