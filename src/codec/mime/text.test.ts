import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBody, decodeText, htmlToText, type MessageFacts, readMessage, type TextPartFields } from './index.ts';
import { previewCharsMax, termsMax, textBytesMax } from './limits.ts';
import { assertLinear } from './linear-time.ts';

function decode(encoding: string, text: string): string | null {
  const decoded = decodeBody(encoding, Buffer.from(text, 'latin1'));
  return decoded === null ? null : Buffer.from(decoded).toString('latin1');
}

const bodies: readonly (readonly [string, string, string | null])[] = [
  ['base64', 'aGVs\r\nbG8=\r\n', 'hello'],
  ['BASE64', 'aGVs bG8', 'hello'],
  ['base64', 'aGV*s!bG8=', 'hello'],
  ['base64', 'aGVsbG8=\r\nIQ==\r\n', 'hello!'],
  ['base64', '', ''],
  ['base64', '====', ''],
  ['quoted-printable', 'a=3Db=\r\nc\r\n', 'a=bc\r\n'],
  ['quoted-printable', 'a=e9 =\nb', 'a\xe9 b'],
  ['quoted-printable', 'a \t\r\nb  \nc=20\r\n', 'a\r\nb\nc \r\n'],
  ['quoted-printable', 'a=  \r\nb', 'ab'],
  ['quoted-printable', '=ZZ=4', '=ZZ=4'],
  ['quoted-printable', 'a=', 'a'],
  ['7bit', 'a=3D', 'a=3D'],
  ['8bit', '\xff', '\xff'],
  ['binary', '\0', '\0'],
  ['x-uuencode', 'begin', null],
];

for (const [encoding, text, expected] of bodies) {
  test(`RFC 2045 §6: ${JSON.stringify(text)} in ${encoding} is ${JSON.stringify(expected)}`, () => {
    assert.equal(decode(encoding, text), expected);
  });
}

test('RFC 2045 §6.7: what is written in quoted-printable is read as it was', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (octets) => {
      const escaped = Array.from(octets, (octet) => `=${octet.toString(16).padStart(2, '0').toUpperCase()}`);
      const lines = escaped.map((octet, i) => (i % 20 === 19 ? `${octet}=\r\n` : octet));
      assert.deepEqual(
        Buffer.from(decodeBody('quoted-printable', Buffer.from(lines.join(''))) ?? []),
        Buffer.from(octets),
      );
    }),
  );
});

test('RFC 2045 §6.8: base64 of pieces, each padded, is all of them', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 10 }), { maxLength: 6 }), (pieces) => {
      const text = pieces.map((octets) => Buffer.from(octets).toString('base64')).join('\r\n');
      assert.deepEqual(Buffer.from(decodeBody('base64', Buffer.from(text)) ?? []), Buffer.concat(pieces));
    }),
  );
});

function part(charset: string | null, encoding: string, subtype = 'plain'): TextPartFields {
  return { type: 'text', subtype, parameters: charset === null ? [] : [['charset', charset]], encoding };
}

const charsets: readonly (readonly [string | null, string, string, string])[] = [
  ['utf-8', '8bit', '\xe5\xb1\xb1', '山'],
  ['"UTF-8"'.slice(1, -1), 'quoted-printable', '=E5=B1=B1', '山'],
  ['iso-2022-jp', '7bit', '\x1b$BF|K\\\x1b(B', '日本'],
  ['shift_jis', '8bit', '\x93\xfa\x96\x7b', '日本'],
  ['us-ascii', '7bit', '\x1b$BF|K\\\x1b(B', '日本'],
  [null, '8bit', '\xe5\xb1\xb1', '山'],
  [null, '8bit', 'caf\xe9', 'café'],
  ['x-nobody', '8bit', 'caf\xe9', 'café'],
  ['utf-8', 'x-uuencode', 'as it is', 'as it is'],
];

for (const [charset, encoding, octets, expected] of charsets) {
  test(`RFC 2046 §4.1.2: ${JSON.stringify(octets)} in ${charset}, ${encoding}, reads ${expected}`, () => {
    assert.equal(decodeText(part(charset, encoding), Buffer.from(octets, 'latin1')), expected);
  });
}

const pages: readonly (readonly [string, string])[] = [
  ['<p>One <b>t</b>wo</p><p>three</p>', 'One two three'],
  ['a<br>b<BR/>c<td>d', 'a b c d'],
  ['<style>p { a > b }</style>x<script>if (a<b) "</p>"</script>y<title>t</title>', 'x y'],
  ['<script>never closed', ''],
  ['x<!-- <p>no</p> -->y<!DOCTYPE html><![if !mso]>z<?xml ?>', 'xyz'],
  ['x<!-->y', 'xy'],
  ['x<!-- never closed', 'x'],
  ['<a title="a > b" href=\'>\'>link</a>', 'link'],
  ['<a title="never closed>one</a> <b>two', 'one two'],
  ['1 < 2 and 3 > 2 & 4', '1 < 2 and 3 > 2 & 4'],
  [
    'M&uuml;ller &amp; S&ouml;hne &lt;x&gt; &#233;&#xe9; &eacute &nope; &#0;&#x110000;&#150;',
    'Müller & Söhne <x> éé é &nope; \ufffd\ufffd–',
  ],
  ['<p', ''],
  ['</', ''],
  ['', ''],
];

for (const [html, expected] of pages) {
  test(`RFC 9051 §6.4.4: the text of ${html} is ${expected}`, () => {
    assert.equal(htmlToText(html).replace(/\s+/g, ' ').trim(), expected);
  });
}

test('B3: hostile HTML is read in linear time', () => {
  for (const scrap of [
    '<',
    '<a',
    '<a "',
    '<a x="',
    '&',
    '&#1',
    '<!--',
    '<!',
    '</',
    '<style>',
    '<a ="x>y"',
    '<title></title',
    '<a =\'> ="',
  ]) {
    assertLinear(scrap, htmlToText);
  }
});

function read(...lines: readonly string[]): MessageFacts {
  return readMessage(Buffer.from(lines.join('\r\n'), 'utf8'));
}

test('RFC 8970 §3.1: the preview is the plain text before HTML, blanks joined', () => {
  const alternative = [
    'Content-Type: multipart/alternative; boundary=b',
    '',
    '--b',
    'Content-Type: text/html',
    '',
    '<p>HTML',
    '--b',
  ];
  assert.equal(read(...alternative, '', ' plain\t\ttext', '', 'goes on', '--b--').preview, 'plain text goes on');
  assert.equal(read(...alternative, '', ' ', '--b--').preview, 'HTML');
  assert.equal(read('Content-Type: text/html', '', '<p>a</p>&zwnj;&nbsp;\u200b\u034f&nbsp;<p>b').preview, 'a b');
  assert.equal(read('X: y').preview, '');
  const pages = ['Content-Type: multipart/mixed; boundary=b', '', '--b', 'Content-Type: text/html', '', 'one', '--b'];
  assert.equal(read(...pages, 'Content-Type: text/html', '', 'two', '--b--').preview, 'one');
});

test('RFC 8970 §3.1: the preview has at most 200 characters, none cut in two', () => {
  assert.equal(read('', 'x'.repeat(1000)).preview.length, previewCharsMax);
  const wide = read('', `a${'𠮷'.repeat(1000)}`).preview;
  assert.deepEqual([Array.from(wide).length, wide.isWellFormed()], [previewCharsMax, true]);
  assert.equal(read('', `${'\r\n'.repeat(5000)}late`).preview, 'late');
});

test('RFC 8970 §3.1: an attachment is no preview, and a text in it is searched', () => {
  const facts = read(
    'Content-Type: multipart/mixed; boundary=b',
    '',
    '--b',
    'Content-Disposition: attachment; filename="=?utf-8?B?6K2w5LqL6Yyy?=.txt"',
    '',
    'inside',
    '--b',
    '',
    'letter',
    '--b--',
  );
  assert.equal(facts.preview, 'letter');
  assert.deepEqual(facts.bodyTerms, ['inside', 'letter']);
  assert.deepEqual(facts.headTerms, ['議事', '事録', '録', 'txt']);
});

test('RFC 9051 §6.4.4: terms are of subject, people and names once, and of text in messages inside', () => {
  const facts = read(
    'From: =?utf-8?B?5bGx55Sw?= <yamada@acme.test>',
    'To: Bob Baker <bob@b.test>, Team: c@d;',
    'Subject: =?utf-8?Q?Caf=C3=A9?=',
    'X-Other: hidden',
    'Content-Type: message/rfc822',
    '',
    'Subject: inner',
    'Content-Transfer-Encoding: base64',
    '',
    Buffer.from('Deep text').toString('base64'),
  );
  assert.deepEqual(facts.headTerms.join(' '), 'café 山田 田 yamada acme test bob baker bob b test team c d');
  assert.deepEqual(facts.bodyTerms, ['deep', 'text']);
});

test('B3: terms and the text that they are taken from are bounded', () => {
  const many = read(`Subject: ${'s '.repeat(8000)}`, `To: ${'a@b, '.repeat(5000)}`, '', 'a '.repeat(100_000));
  assert.equal(many.headTerms.length + many.bodyTerms.length, termsMax);
  const blanks = '\r\n'.repeat(textBytesMax / 2);
  assert.deepEqual(read('', `first${blanks}last`).bodyTerms, ['first']);
  for (const encoding of ['base64', 'quoted-printable']) {
    const body =
      encoding === 'base64' ? Buffer.alloc(textBytesMax * 3, 'a ').toString('base64') : '=61=20'.repeat(textBytesMax);
    assert.equal(read(`Content-Transfer-Encoding: ${encoding}`, '', body).bodyTerms.length, termsMax);
  }
});

const attachments: readonly (readonly [string, readonly string[], boolean])[] = [
  ['text alone', ['Content-Type: text/plain', '', 'x'], false],
  ['a text with a file name', ['Content-Disposition: inline; filename=a.txt', '', 'x'], true],
  ['a text that is attached', ['Content-Disposition: attachment', '', 'x'], true],
  ['a document without a disposition', ['Content-Type: application/pdf', '', 'x'], true],
  ['a picture shown in the text', ['Content-Type: image/png', 'Content-Disposition: inline', '', 'x'], false],
  [
    'a signature',
    ['Content-Type: application/pgp-signature; name=x.asc', 'Content-Disposition: attachment', '', 'x'],
    false,
  ],
  ['a message', ['Content-Type: message/rfc822', '', 'Subject: x'], true],
];

for (const [what, lines, expected] of attachments) {
  test(`RFC 9051 §7.5.2: a mail with ${what} ${expected ? 'has an attachment' : 'has none'}`, () => {
    const facts = read('Content-Type: multipart/mixed; boundary=b', '', '--b', '', 'letter', '--b', ...lines, '--b--');
    assert.equal(facts.hasAttachment, expected);
  });
}

test('RFC 9051 §7.5.2: pictures of a page are no attachments', () => {
  const related = (...lines: readonly string[]): boolean =>
    read(
      'Content-Type: multipart/related; boundary=b',
      '',
      '--b',
      'Content-Type: text/html',
      '',
      'x',
      '--b',
      ...lines,
      '',
      'x',
      '--b--',
    ).hasAttachment;
  assert.equal(related('Content-Type: image/png; name=x.png', 'Content-ID: <a@b>'), false);
  assert.equal(related('Content-Type: image/png; name=x.png'), true);
});

test('B3: octets of any kind are read without a throw, and what is read can be kept', () => {
  const scraps = fc.oneof(
    fc.uint8Array({ maxLength: 20 }).map((octets) => Buffer.from(octets).toString('latin1')),
    fc.constantFrom(
      'Content-Type: text/html; charset=',
      'utf-7',
      'Content-Transfer-Encoding: base64',
      'Subject: =?utf-8?B?',
      '\r\n',
      '\n\n',
      '&#',
      '<',
      '=',
    ),
  );
  fc.assert(
    fc.property(fc.array(scraps, { maxLength: 30 }), (parts) => {
      const facts = readMessage(Buffer.from(parts.join(''), 'latin1'));
      assert.deepEqual(JSON.parse(JSON.stringify(facts)), facts);
      assert(facts.preview.isWellFormed() && !/[\r\n]/.test(facts.preview));
    }),
    { numRuns: 1000 },
  );
});
