import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type MessageFacts, type Part, readMessage } from './index.ts';

function readText(text: string): MessageFacts {
  return readMessage(Buffer.from(text, 'latin1'));
}

/** The tree in one line: types, and the bodies of leaves as they stand. */
function outline(content: Buffer, part: Part): string {
  const type = `${part.type}/${part.subtype}`;
  if (part.type === 'multipart') return `${type}[${part.parts.map((child) => outline(content, child)).join(' ')}]`;
  if (part.message !== null) return `${type}{${outline(content, part.message.structure)}}`;
  return `${type}(${JSON.stringify(content.toString('latin1', part.body, part.end)).slice(1, -1)})`;
}

function outlineOf(...lines: readonly string[]): string {
  const content = Buffer.from(lines.join('\r\n'), 'latin1');
  return outline(content, readMessage(content).structure);
}

const mixed = 'Content-Type: multipart/mixed; boundary=b';

test('RFC 2045 §5.2: a message that says nothing of its type is plain text in us-ascii', () => {
  const { structure } = readText('From: a@b\r\n\r\none\r\ntwo\r\n');
  assert.deepEqual([structure.type, structure.subtype, structure.encoding], ['text', 'plain', '7bit']);
  assert.deepEqual(structure.parameters, [['charset', 'us-ascii']]);
  assert.deepEqual([structure.head, structure.body, structure.end, structure.lines], [0, 13, 23, 2]);
});

test('RFC 2046 §5.1.1: the line end before a delimiter is the delimiter’s, preamble and epilogue are no parts', () => {
  assert.equal(
    outlineOf(mixed, '', 'preamble', '--b', '', 'one', '', '--b', 'Content-Type: text/html', '', 'two', '--b--', 'end'),
    'multipart/mixed[text/plain(one\\r\\n) text/html(two)]',
  );
});

test('RFC 2046 §5.1.1: a preamble may be missing, parts may be empty, blanks may follow a boundary', () => {
  assert.equal(
    outlineOf(mixed, '', '--b', '', '--b \t', '', '', '--b', 'X: y', '--b--'),
    'multipart/mixed[text/plain() text/plain() text/plain()]',
  );
  assert.equal(outlineOf(mixed, '', '--b'), 'multipart/mixed[text/plain()]');
});

test('RFC 2046 §5.1.1: a multipart whose end is missing goes to the end, or to the delimiter of the one around', () => {
  assert.equal(outlineOf(mixed, '', '--b', '', 'one', ''), 'multipart/mixed[text/plain(one\\r\\n)]');
  assert.equal(
    outlineOf(
      mixed,
      '',
      '--b',
      'Content-Type: multipart/x; boundary=c',
      '',
      '--c',
      '',
      'one',
      '--b',
      '',
      'two',
      '--b--',
    ),
    'multipart/mixed[multipart/x[text/plain(one)] text/plain(two)]',
  );
});

test('RFC 2046 §5.1.2: boundaries that begin with one another are told apart', () => {
  const inner = (outer: string, boundary: string): string =>
    outlineOf(
      `Content-Type: multipart/mixed; boundary=${outer}`,
      '',
      `--${outer}`,
      `Content-Type: multipart/related; boundary=${boundary}`,
      '',
      `--${boundary}`,
      '',
      'one',
      `--${boundary}`,
      '',
      'two',
      `--${boundary}--`,
      `--${outer}`,
      '',
      'three',
      `--${outer}--`,
    );
  const expected = 'multipart/mixed[multipart/related[text/plain(one) text/plain(two)] text/plain(three)]';
  for (const [outer, boundary] of [
    ['a', 'ab'],
    ['ab', 'a'],
    ['a', 'a--'],
    ['a--', 'a'],
    ['-', '--'],
  ] as const) {
    assert.equal(inner(outer, boundary), expected, `${outer} around ${boundary}`);
  }
});

test('RFC 2046 §5.1.1: text that only looks like a delimiter is text', () => {
  assert.equal(
    outlineOf(mixed, '', '--b', '', '--', '--bb', ' --b', 'x--b', '--b-', '--b --', '--b--'),
    'multipart/mixed[text/plain(--\\r\\n--bb\\r\\n --b\\r\\nx--b\\r\\n--b-\\r\\n--b --)]',
  );
});

test('RFC 2046 §5.1.1: after the close delimiter nothing of this multipart opens any more', () => {
  assert.equal(outlineOf(mixed, '', '--b', '', 'one', '--b--', '--b', '', 'two'), 'multipart/mixed[text/plain(one)]');
});

test('RFC 2046 §5.1.5: parts of a digest are messages unless they say otherwise', () => {
  assert.equal(
    outlineOf(
      'Content-Type: multipart/digest; boundary=b',
      '',
      '--b',
      '',
      'Subject: one',
      '',
      'text',
      '--b',
      'Content-Type: text/plain',
      '',
      'two',
      '--b--',
    ),
    'multipart/digest[message/rfc822{text/plain(text)} text/plain(two)]',
  );
});

test('RFC 2046 §5.2.1: a message inside has an envelope, a structure and its lines', () => {
  for (const subtype of ['rfc822', 'global']) {
    const text = `${mixed}\r\n\r\n--b\r\nContent-Type: message/${subtype}\r\n\r\nSubject: in\r\nFrom: x@y\r\n\r\n1\r\n2\r\n--b--`;
    const [part] = readText(text).structure.parts;
    assert(part?.message);
    assert.equal(part.message.envelope.subject, 'in');
    assert.deepEqual([part.message.structure.head, part.message.structure.end], [part.body, part.end]);
    assert.deepEqual([part.lines, part.message.structure.lines], [4, 1]);
  }
});

test('RFC 2046 §5.1.1: a delimiter ends a header section that no empty line ended, with a colon in it too', () => {
  assert.equal(
    outlineOf('Content-Type: multipart/mixed; boundary="b:c"', '', '--b:c', 'X: y', '--b:c', '', 'two', '--b:c--'),
    'multipart/mixed[text/plain() text/plain(two)]',
  );
});

test('RFC 2045 §5.2: a multipart without a boundary, or without its delimiters, is shown as the text that it is', () => {
  assert.equal(outlineOf('Content-Type: multipart/mixed', '', '--b', '', 'x'), 'text/plain(--b\\r\\n\\r\\nx)');
  assert.equal(outlineOf('Content-Type: multipart/mixed; boundary=""', '', '--', 'x'), 'text/plain(--\\r\\nx)');
  assert.equal(outlineOf(mixed, '', 'one', 'two'), 'text/plain(one\\r\\ntwo)');
  assert.equal(readText(`${mixed}\r\n\r\none\r\ntwo\r\n`).structure.lines, 2);
});

test('RFC 2045 §5.2: a type that can’t be read is plain text', () => {
  for (const type of ['', 'text', '/', 'text/', ';', 'a b/c', '"text/html"', 'text html']) {
    assert.equal(outlineOf(`Content-Type: ${type}`, '', 'x'), 'text/plain(x)', type);
  }
  assert.equal(outlineOf('Content-Type: TEXT / HTML ; x', '', 'x'), 'text/html(x)');
});

test('RFC 2231 §3: a boundary may come in pieces, and in octets of no charset', () => {
  assert.equal(
    outlineOf('Content-Type: multipart/mixed; boundary*1="d"; boundary*0=c', '', '--cd', '', 'x', '--cd--'),
    'multipart/mixed[text/plain(x)]',
  );
  for (const boundary of ['\xe3\x81\x82', '\xff\xfe']) {
    const content = [
      `Content-Type: multipart/mixed; boundary="${boundary}"`,
      '',
      `--${boundary}`,
      '',
      'x',
      `--${boundary}--`,
    ];
    assert.equal(outlineOf(...content), 'multipart/mixed[text/plain(x)]');
  }
});

test('RFC 2045 §6.1: fields of a part are kept as they are written', () => {
  const { structure } = readText(
    'Content-Type: image/PNG; NAME="a b"\r\nContent-Transfer-Encoding: BASE64 (x)\r\nContent-ID: <i@d>\r\nContent-Description:\r\n' +
      ' =?utf-8?Q?a?=\r\nContent-MD5: Q2hlY2s=\r\nContent-Language: en, ja (x)\r\nContent-Location: http://a.test/b\r\n' +
      'Content-Disposition: Attachment; filename=x.png; size=1\r\n\r\n',
  );
  const { type, subtype, parameters, encoding, id, description, md5, language, location, disposition } = structure;
  assert.deepEqual(
    { type, subtype, parameters, encoding, id, description, md5, language, location, disposition },
    {
      type: 'image',
      subtype: 'png',
      parameters: [['name', 'a b']],
      encoding: 'base64',
      id: '<i@d>',
      description: '=?utf-8?Q?a?=',
      md5: 'Q2hlY2s=',
      language: ['en', 'ja'],
      location: 'http://a.test/b',
      disposition: {
        kind: 'attachment',
        parameters: [
          ['filename', 'x.png'],
          ['size', '1'],
        ],
      },
    },
  );
});

test('RFC 5322 §3.5: nothing at all, and a message that is all header, have a structure', () => {
  for (const text of ['', 'A: b', 'A: b\r\n', '\r\n', '\n', 'no field', `${mixed}`, `${mixed}\r\n\r\n`]) {
    const { structure } = readText(text);
    assert.deepEqual([structure.type, structure.head, structure.end], ['text', 0, text.length], JSON.stringify(text));
  }
});

test('RFC 2046 §5.1.1: a delimiter may cut the header section of a message inside', () => {
  const text = `${mixed}\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: in\r\n--b--`;
  const [part] = readText(text).structure.parts;
  assert.equal(part?.message?.envelope.subject, 'in');
  assert.equal(text.slice(part.body, part.end), 'Subject: in\r\n');
  assert.equal(part.message.structure.end, part.end);
});
