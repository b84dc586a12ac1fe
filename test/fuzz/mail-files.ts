import assert from 'node:assert/strict';
import {
  formatLevel,
  formatMaildirFolder,
  formatMaildirName,
  formatMboxMessage,
  type MboxSpan,
  MboxSplitter,
  parseExportLine,
  parseKeywords,
  parseLevel,
  parseMaildirFolder,
  parseMaildirName,
  parseSubscriptions,
  parseUidList,
  parseUidlFormat,
  readMboxMessage,
  toWire,
} from '#/codec/mail-files/index.ts';
import { type FuzzTarget, octetByOctet, pieces, randomFrom, seedOf } from './target.ts';

const texts = [
  'From a@b Mon Nov 30 10:31:21 2026\nStatus: RO\nSubject: x\n\n>From y\n\nFrom c Mon Nov 30 10:31:21 2026\n\ny\n',
  'From MAILER-DAEMON Mon Nov 30 10:31:21 2026\nX-Holdfast-Export: size=6 lines=lf received=2026-11-30T10:31:21.000Z uidl=a\nStatus: RO\nX-Status: AF\nX-Keywords: b\nA: b\n\n\n',
  '3 V1275660208 N25022 G3085\n25006 Pabc W2481 :1276.M3P9.k,S=1355,W=1394:2,FSa\n',
  'V\t2\n\nSent\nWork\t&kAFP4W4IMH8-\n',
  '{"file":"1.eml","bytes":3,"received":"2026-11-30T10:31:21.000Z","flags":["a"],"uidl":null}',
  '%{uid | hex(8)}%08Xv',
];

/** Any octets are read without a throw; an mbox file is cut alike however it comes, and what is read can be written and read again alike. */
export const mailFiles: FuzzTarget = {
  name: 'mail-files',
  words: [
    '\n',
    '\r\n',
    '\n\n',
    'From ',
    '\nFrom a Mon Nov 30 10:31:21 2026\n',
    '>',
    'Status: RO\n',
    'X-IMAP: 1\n',
    'X-Mozilla-Status: 0001\n',
    'X-Holdfast-Export: size=1 lines=kept received=0 uidl=\n',
    ' P',
    ' :',
    ',S=1',
    ',W=1',
    ':2,',
    '.',
    '\\2e',
    '&',
    '-',
    '%2F',
    '\t',
    '%08Xu',
    '..',
  ],
  seeds: texts.map((text) => Buffer.from(text)),
  run(input) {
    const whole = spansOf([input]);
    const cut = spansOf(input.length < 300 ? octetByOctet(input) : pieces(input, randomFrom(seedOf(input))));
    assert.deepEqual(cut, whole, 'cut otherwise, an mbox file has other messages');
    for (const { fromLine, at, end } of whole) again(fromLine, input.subarray(at, end));
    const text = input.toString('utf8');
    const list = parseUidList(input);
    const names = namesIn(text.split('\n', 1)[0] ?? '');
    const lines = [parseKeywords(text), parseSubscriptions(text)].map(({ length }) => Math.min(length, 3));
    if (parseExportLine(text) !== null) lines.push(-1);
    const uidl = parseUidlFormat(text.slice(0, 200))?.({ uid: 1, uidValidity: 2, fileName: 'x' }) ?? null;
    if (uidl !== null) assert.match(uidl, /^[!-~]{1,70}$/);
    const few = (count: number): number => Math.min(count, 3);
    return `${few(whole.length)} ${few(list?.byBase.size ?? -1)} ${names} ${lines.join()} ${uidl === null}`;
  },
};

function spansOf(all: readonly Buffer[]): readonly MboxSpan[] {
  const splitter = new MboxSplitter();
  const found = all.flatMap((piece) => splitter.feed(piece));
  return [...found, ...splitter.end()];
}

function again(fromLine: string, raw: Buffer): void {
  const mail = readMboxMessage(fromLine, raw);
  if (mail === null) return;
  const known = { ...mail, receivedAt: mail.receivedAt ?? 0 };
  const file = Buffer.concat(formatMboxMessage(known));
  const [span, more] = spansOf([file]);
  assert(span !== undefined && more === undefined, 'one message became several');
  const read = readMboxMessage(span.fromLine, file.subarray(span.at, span.end));
  assert.deepEqual(Buffer.from(read?.content ?? []), Buffer.from(mail.content));
  assert.deepEqual([read?.receivedAt, read?.uidl], [known.receivedAt, known.uidl]);
  assert.deepEqual(toWire(toWire(raw)), toWire(raw));
}

function namesIn(name: string): string {
  const parsed = parseMaildirName(name);
  assert.equal(parseMaildirName(formatMaildirName(parsed)).base, parsed.base);
  const levels = parseMaildirFolder(name);
  if (levels !== null) assert(!/[/\0]/.test(formatMaildirFolder(levels)), 'a folder leads elsewhere');
  const level = formatLevel(name);
  if (level !== null) assert(!/^\.|\//.test(level), 'a file leads elsewhere');
  return `${parsed.letters === ''} ${levels?.length} ${parseLevel(name) === name}`;
}
