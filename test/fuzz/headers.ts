import assert from 'node:assert/strict';
import {
  contentFacts,
  dateOf,
  decodeWords,
  encodeWords,
  firstFrom,
  formatReceived,
  readHeaders,
  stripFields,
} from '#/codec/mime/index.ts';
import type { MailAddress, MailId } from '#/model/index.ts';
import { type FuzzTarget, pieces, randomFrom, seedOf } from './target.ts';

const texts = [
  'From: "A, B" <a@b>\r\nSubject: =?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1w4bBsoQg==?=\r\nDate: Thu, 1 Jan 1970 09:00:00 +0900 (JST)\r\nMessage-ID: <x@y>\r\n\r\nbody',
  'Received: from a\r\n\tby b; x\r\nX-Holdfast-Connector: secret\r\n more\r\nFrom: Team: a@b (c (d)), e@f;\r\n\r\n',
  'Subject: =?utf-8?Q?=E3=81?= =?utf-8*ja?Q?=82?=\n\nlf only',
];

/** Any octets are read without a throw; however they are cut, alike; what is shown is one bounded line; stripping strips. */
export const headers: FuzzTarget = {
  name: 'headers',
  words: [
    '\r\n',
    '\n',
    '\r',
    ' ',
    '\t',
    ':',
    'From: ',
    'Subject: ',
    'Received: ',
    'Date: ',
    'X-Holdfast-Connector: ',
    '=?',
    '?=',
    '?B?',
    '?Q?',
    'utf-8',
    'shift_jis',
    'utf-7',
    '"',
    '(',
    ')',
    '<',
    '>',
    ',',
    ';',
    '\0',
    '\xe3\x81\x82',
  ],
  seeds: texts.map((text) => Buffer.from(text, 'latin1')),
  run(input) {
    const views = pieces(input, randomFrom(seedOf(input)));
    const section = readHeaders([input]);
    const cut = readHeaders(views);
    assert.deepEqual([cut.fields, cut.bytes, cut.complete], [section.fields, section.bytes, section.complete]);
    assert(section.bytes <= input.length, 'the header is longer than the message');
    const facts = contentFacts(section);
    for (const text of [facts.from, facts.subject, facts.messageId, firstFrom(section)?.display ?? '']) {
      assert(text.length <= 500 && !/[\0-\x1f\x7f]/.test(text), 'a shown value is not one bounded line');
    }
    dateOf(section);
    strip(views, input);
    write(input.toString('utf8'));
    return `${section.complete} ${section.fields
      .map((field) => field.name.slice(0, 4))
      .join()
      .slice(0, 60)} ${facts.subject === '' ? 0 : 1}`;
  },
};

function strip(views: readonly Buffer[], input: Buffer): void {
  const section = readHeaders(views);
  const names = new Set(['x-holdfast-connector', 'subject']);
  const stripped = Buffer.concat(stripFields(views, section, names));
  const gone = section.fields
    .filter((field) => names.has(field.name))
    .reduce((sum, field) => sum + field.to - field.from, 0);
  assert.equal(stripped.length, input.length - gone);
}

function write(text: string): void {
  const words = encodeWords(text).split('\r\n');
  assert(
    words.every((word) => !/[\r\n\0]/.test(word)),
    'text ends a line',
  );
  decodeWords(words.join(''));
  const received = formatReceived({
    greeting: text,
    peer: { address: '192.0.2.1', port: 1, name: text },
    hostname: 'mx.example',
    protocol: 'ESMTP',
    cipher: text,
    signedIn: false,
    smtpUtf8: text.length % 2 === 0,
    id: '0123456789ABCDEF' as MailId,
    recipient: 'a@b' as MailAddress,
    at: 0,
  });
  assert.equal(readHeaders([Buffer.from(received)]).fields.length, 1);
  assert.equal(received.split('\r\n').length, 5);
}
