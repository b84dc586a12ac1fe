import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { FileMessage } from './file-message.ts';
import { formatMboxMessage, type MboxSpan, MboxSplitter, readMboxMessage } from './index.ts';
import { formatFromLine, parseFromLine } from './mbox-from-line.ts';

const NOON = Date.UTC(2026, 10, 30, 12, 0, 0, 123);

/** The messages of a file that is fed in pieces of so many octets. */
function spansOf(file: Buffer, pieceBytes = 7): readonly MboxSpan[] {
  const splitter = new MboxSplitter();
  const found: MboxSpan[] = [];
  for (let at = 0; at < file.length; at += pieceBytes) found.push(...splitter.feed(file.subarray(at, at + pieceBytes)));
  return [...found, ...splitter.end()];
}

function read(file: Buffer, pieceBytes?: number): readonly (FileMessage | null)[] {
  return spansOf(file, pieceBytes).map(({ fromLine, at, end }) => readMboxMessage(fromLine, file.subarray(at, end)));
}

function texts(file: string): readonly string[] {
  return read(Buffer.from(file, 'latin1')).map((mail) => Buffer.from(mail?.content ?? []).toString('latin1'));
}

const words = [
  'From ',
  'From x Mon Nov 30 10:31:21 2026',
  '>',
  '>From ',
  '\n',
  '\r\n',
  '\r\n\r\n',
  '\r',
  'Status: RO\r\n',
  'X-Holdfast-Export: size=1 lines=lf received=2026-11-30T12:00:00.000Z uidl=\n',
  'Subject: x\r\n',
  'a',
  '\0',
  '\xff',
];
const flags = ['\\Seen', '\\Answered', '\\Flagged', '\\Draft', '\\Deleted', '$Forwarded', 'NonJunk', 'R'];
const mails = fc.record(
  {
    content: fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((all) => Buffer.from(all.join(''), 'latin1')),
    flags: fc.subarray(flags),
    receivedAt: fc.integer({ min: 0, max: 4e12 }),
    uidl: fc.option(fc.stringMatching(/^[!-~]{1,70}$/)),
  },
  { noNullPrototype: true },
);

test('O1: what is written to an mbox file comes back octet by octet, with flags, time and UIDL', () => {
  fc.assert(
    fc.property(fc.array(mails, { maxLength: 5 }), fc.integer({ min: 1, max: 90 }), (wanted, pieceBytes) => {
      const file = Buffer.concat(wanted.flatMap(formatMboxMessage));
      const found = read(file, pieceBytes);
      assert.deepEqual(
        found.map((mail) => ({ ...mail, content: Buffer.from(mail?.content ?? []) })),
        wanted,
      );
    }),
  );
});

test('O1: however an mbox file is cut into pieces, its messages are the same', () => {
  const line = 'From a@b Mon Nov 30 10:31:21 2026\n';
  const pieces = fc.array(fc.constantFrom(line, ...words, 'Fro', 'x\n'), { maxLength: 20 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 50 }), (all, pieceBytes) => {
      const file = Buffer.from(`${line}${all.join('')}`, 'latin1');
      const spans = spansOf(file, pieceBytes);
      assert.deepEqual(spans, spansOf(file, file.length));
      assert.equal(spans.at(-1)?.end, file.length);
    }),
  );
});

test('RFC 4155 §A: From lines of many programs name their moment', () => {
  const at = Date.UTC(2026, 10, 30, 10, 31, 21);
  const cases: readonly (readonly [string, number | null])[] = [
    ['From bob@acme.test Mon Nov 30 10:31:21 2026', at],
    ['From - Mon Nov 30 10:31:21 2026', at],
    ['From bob@acme.test  Mon Nov  9 10:31:21 2026', at - 21 * 86_400_000],
    ['From bob@acme.test Mon Nov 30 10:31 2026', at - 21_000],
    ['From bob Mon Nov 30 19:31:21 +0900 2026', at],
    ['From bob Mon Nov 30 19:31:21 2026 +0900', at],
    ['From bob Mon Nov 30 10:31:21 UTC 2026 remote from x', at],
    ['From "a b"@acme.test Mon Nov 30 10:31:21 2026', at],
    ['From bob Mon, 30 Nov 2026 19:31:21 +0900', at],
    ['From bob Mon Nov 31 10:31:21 2026', null],
    ['From here on all is well', null],
    ['From Mon to Fri', null],
    ['from bob Mon Nov 30 10:31:21 2026', null],
  ];
  for (const [line, wanted] of cases) assert.equal(parseFromLine(line), wanted, line);
  assert.equal(parseFromLine(formatFromLine('x', at)), at);
});

test('RFC 4155 §A: text that begins like a From line parts no message, and a missing empty line hides none', () => {
  const file =
    'From a Mon Nov 30 10:31:21 2026\nSubject: 1\n\nFrom here on\n\nFrom me to you\n>From quoted\nFrom b Mon Nov 30 10:31:21 2026\nSubject: 2\n\nx\n\n';
  assert.deepEqual(texts(file), [
    'Subject: 1\r\n\r\nFrom here on\r\n\r\nFrom me to you\r\nFrom quoted\r\n',
    'Subject: 2\r\n\r\nx\r\n',
  ]);
});

test('M1: a Content-Length that lies hides no message', () => {
  const file =
    'From a Mon Nov 30 10:31:21 2026\nContent-Length: 100000\nSubject: 1\n\nx\n\nFrom b Mon Nov 30 10:31:21 2026\nSubject: 2\n\ny\n\n';
  assert.deepEqual(texts(file), ['Subject: 1\r\n\r\nx\r\n', 'Subject: 2\r\n\r\ny\r\n']);
});

test('O1: fields of mutt, Dovecot and Thunderbird become flags and leave the mail', () => {
  const from = 'From a Mon Nov 30 10:31:21 2026\n';
  const flagsOf = (fields: string) => read(Buffer.from(`${from}${fields}Subject: x\n\ny\n`))[0];
  const mutt = flagsOf('Status: RO\nX-Status: AF\n');
  assert.deepEqual(mutt?.flags, ['\\Seen', '\\Answered', '\\Flagged']);
  assert.equal(Buffer.from(mutt?.content ?? []).toString(), 'Subject: x\r\n\r\ny\r\n');
  const dovecot = flagsOf('X-UID: 7\nStatus: O\nX-Keywords: $Forwarded NonJunk      \n');
  assert.deepEqual(dovecot?.flags, ['$Forwarded', 'NonJunk']);
  const mozilla = flagsOf('X-Mozilla-Status: 1003\nX-Mozilla-Status2: 00000000\nX-Mozilla-Keys: $label1  \n');
  assert.deepEqual(mozilla?.flags, ['$label1', '\\Seen', '\\Answered', '$Forwarded']);
  assert.equal(mozilla?.receivedAt, Date.UTC(2026, 10, 30, 10, 31, 21));
  const internal = "X-IMAP: 1 2\nSubject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA\nX: ";
  assert.equal(flagsOf(internal), null);
});

test('O1: what another program changed in a file of ours is read as that program left it', () => {
  const content = Buffer.from('Subject: x\r\n\r\ny\r\n');
  const file = Buffer.concat([...formatMboxMessage({ content, flags: [], receivedAt: NOON, uidl: 'u1' })]);
  const marked = file.toString('latin1').replace(/Status: O\nX-Status: \nX-Keywords: \n/, '');
  const [mail] = read(Buffer.from(marked.replace('Subject: x\n', 'Subject: x\nStatus: RO\n'), 'latin1'));
  assert.deepEqual(mail?.flags, ['\\Seen']);
  assert.equal(Buffer.from(mail?.content ?? []).toString(), content.toString());
});

test('B3: a file of one endless line needs no memory for it', () => {
  const splitter = new MboxSplitter();
  splitter.feed(Buffer.from('From a Mon Nov 30 10:31:21 2026\n'));
  for (let i = 0; i < 50; i++) assert.deepEqual(splitter.feed(Buffer.alloc(100_000, 'From ')), []);
  assert.equal(splitter.end()[0]?.end, 5_000_032);
});
