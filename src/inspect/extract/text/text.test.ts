import assert from 'node:assert/strict';
import { test } from 'node:test';
import { factsOf, partAt } from '../sample-mail.ts';

const japanese = '東京都の顧客名簿をお送りします。山田太郎、電話は０３です。カタカナもある。';

/** Octets of a text, made with the programs' own tables. */
const written: readonly (readonly [charset: string, hex: string, text: string])[] = [
  ['shift_jis', '93fa967b8cea82cc835883708365834c83678140', '日本語のスパテキト　'],
  ['euc-jp', 'c6fccbdcb8eca4cea5b9a5d1a5c6a5ada5c8a1a1', '日本語のスパテキト　'],
  ['iso-2022-jp', '1b2442467c4b5c386c244e25391b2842', '日本語のス'],
  ['gb18030', 'ced2c3c7b5c4bfcdbba7c3fbb5a5d4dad5e2c0efa3acc7ebb2bbd2aab7d6cfed', '我们的客户名单在这里，请不要分享'],
  ['big5', 'a7daadccaabaabc8a4e1a657b3e6a662b36fb8cca141bdd0a4a3ad6ea4c0a8c9', '我們的客戶名單在這裡，請不要分享'],
  ['euc-kr', 'b0edb0b420b8edb4dcc0bb20bab8b3c0b4cfb4d9', '고객 명단을 보냅니다'],
];

function body(octets: Buffer, charset: string | null, subtype = 'plain'): Buffer {
  const type = charset === null ? '' : `Content-Type: text/${subtype}; charset=${charset}\r\n`;
  return Buffer.concat([Buffer.from(`Subject: x\r\n${type}\r\n`), octets]);
}

async function readAs(octets: Buffer, charset: string | null, subtype = 'plain'): Promise<string> {
  return partAt(await factsOf(body(octets, charset, subtype)), '1').text ?? '';
}

for (const [charset, hex, text] of written) {
  for (const label of [charset, null, 'us-ascii', 'utf-8', 'iso-8859-1', 'x-nobody-knows']) {
    test(`H1: text in ${charset} that is labelled ${label ?? 'with nothing'} is read as its reader sees it`, async () => {
      assert.equal((await readAs(Buffer.from(hex, 'hex'), label)).trim(), text.trim());
    });
  }
}

for (const [charset, swap, mark] of [
  ['utf-16le', false, ''],
  ['utf-16be', true, ''],
  ['utf-16', true, ''],
  ['utf-16', false, '\ufeff'],
  ['us-ascii', false, '\ufeff'],
] as const) {
  test(`H1: ${swap ? 'big' : 'little'}-endian UTF-16 labelled ${charset}${mark === '' ? '' : ', with a mark,'} is read`, async () => {
    const octets = Buffer.from(`${mark}${japanese}`, 'utf16le');
    const encoded = (swap ? octets.swap16() : octets).toString('base64');
    const mail = `Content-Type: text/plain; charset=${charset}\r\nContent-Transfer-Encoding: base64\r\n\r\n${encoded}`;
    assert.equal(partAt(await factsOf(mail), '1').text, japanese);
  });
}

test('H1: UTF-7 is read where the label says so', async () => {
  assert.equal(await readAs(Buffer.from('card +ADQ-111'), 'utf-7'), 'card 4111');
});

test('H1: accents of Western languages are not taken for Russian or Chinese', async () => {
  for (const text of ['Jørn Støylen', 'résumé à côté', 'São João, coração', 'Eelanalüüsi päring', 'für Gäste: Größe']) {
    assert.equal(await readAs(Buffer.from(text, 'latin1'), null), text);
  }
});

test('H1: letters that nobody sees do not part a word', async () => {
  assert.equal(
    await readAs(Buffer.from('41\u00ad11\u200b 11\u2060\ufeff11 sec\u034fret', 'utf8'), 'utf-8'),
    '4111 1111 secret',
  );
  assert.equal(await readAs(Buffer.from('se\0cret'), 'utf-8'), 'secret');
});

test('RFC 3676 §4.2: lines that flow are one, and with DelSp Japanese words are whole', async () => {
  const mail = (more: string, text: string) => `Content-Type: text/plain; format=flowed${more}\r\n\r\n${text}`;
  const plain = await factsOf(mail('', 'one \r\ntwo\r\n> a \r\n> b\r\n  c\r\n-- \r\nme'));
  assert.equal(partAt(plain, '1').text, 'one two\n> a b\n c\n-- \nme');
  const deleted = await factsOf(mail('; delsp=yes', 'cre \r\ndit'));
  assert.equal(partAt(deleted, '1').text, 'credit');
});

const pages: readonly (readonly [html: string, shown: string, hidden: string])[] = [
  ['<p>Hello<br>world &amp; &commat; &#x41;&#12354;', 'Hello\nworld & @ Aあ', ''],
  ['<b>41</b><i>11</i>', '4111', ''],
  ['<table><tr><td>a</td><td>b</td></tr></table>', 'a\nb', ''],
  ['41<span style="display: none">x</span>11', '4111', 'x'],
  ['41<span style="font-size:0px">x</span>11', '4111', 'x'],
  [
    '<style>.q, p { color: red } .h{display:none}</style>41<span class="a h">x</span>11',
    '4111',
    '.q, p { color: red } .h{display:none}\nx',
  ],
  ['a<!-- said <b>so</b> -->b', 'ab', 'said  so'],
  ['<img alt="a word" src="cid:x">', '', 'a word\ncid:x'],
  ['<title>t</title><script>var s = "secret"</script>x', 'x', 't\nvar s = "secret"'],
  ['x<div hidden>y</div>z', 'x\nz', 'y'],
  ['x<a href="mailto:a@b.test', 'x', '<a href="mailto:a@b.test'],
  ['<p>a\n  b', 'a b', ''],
  ['a&#8203;b', 'ab', ''],
];

for (const [html, shown, hidden] of pages) {
  test(`H1: of the page ${JSON.stringify(html)} people see ${JSON.stringify(shown)}`, async () => {
    const text = await readAs(Buffer.from(html), 'utf-8', 'html');
    assert.equal(text.replace(/\n\n.*/s, ''), shown);
    assert.ok(text.includes(hidden), text);
  });
}

test('H1: a page says its charset where the mail does not', async () => {
  const page = Buffer.from('<meta charset=shift_jis><p>\x93\xfa\x96{', 'latin1');
  const mail = Buffer.concat([Buffer.from('Content-Type: text/html\r\n\r\n'), page]);
  assert.ok(partAt(await factsOf(mail), '1').text?.startsWith('日本'));
});

test('H1: a file that stands in a page itself is looked at', async () => {
  const data = Buffer.from('secret words').toString('base64');
  const facts = await factsOf(body(Buffer.from(`<a href="data:text/plain;base64,${data}">x</a>`), 'utf-8', 'html'));
  assert.equal(partAt(facts, '1/data-1').text, 'secret words');
});

for (const [name, scrap] of [
  ['elements that are never closed', '<div>'],
  ['tags that are never closed', '<a href="'],
  ['comments that are never closed', '<!--'],
  ['closing tags alone', '</p>'],
  ['blanks between tags', '<b> </b>'],
  ['entities', '&#x41'],
  ['style rules', '<style>.a{display:none}</style>'],
] as const) {
  test(`M4: a page of nothing but ${name} is read in time and says that no more than itself`, async () => {
    const facts = await factsOf(body(Buffer.from(scrap.repeat(50_000)), 'utf-8', 'html'));
    assert.ok((partAt(facts, '1').text?.length ?? 0) <= scrap.length * 50_000 * 2);
  });
}
