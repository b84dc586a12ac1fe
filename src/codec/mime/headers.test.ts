import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MailAddress, MailId } from '#/model/index.ts';
import {
  contentFacts,
  countFields,
  dateOf,
  decodeWords,
  encodeWords,
  firstFrom,
  formatDate,
  formatReceived,
  type HeaderSection,
  headerBytesMax,
  headerValue,
  headerValues,
  type ReceivedHop,
  readHeaders,
  stripFields,
  withKeyword,
} from './index.ts';

function read(...lines: readonly string[]): HeaderSection {
  return readHeaders([Buffer.from(lines.map((line) => `${line}\r\n`).join(''), 'utf8')]);
}

test('RFC 5322 §2.2.3: folded fields are unfolded, names are known in any case', () => {
  const section = read('SUBJECT: one', '\ttwo', ' three', 'Received: a', 'received : b', '', 'Received: body');
  assert.equal(headerValue(section, 'subject'), 'one\ttwo three');
  assert.deepEqual(headerValues(section, 'received'), ['a', 'b']);
  assert.deepEqual([countFields(section, 'received'), section.complete], [2, true]);
});

test('RFC 5322 §3.5: a message may be all header, with or without a last line end, or empty', () => {
  assert.equal(headerValue(readHeaders([Buffer.from('A: b')]), 'a'), 'b');
  assert.equal(readHeaders([Buffer.from('A: b')]).complete, true);
  assert.deepEqual(readHeaders([]).fields, []);
  assert.equal(readHeaders([Buffer.from('\r\nA: b\r\n')]).fields.length, 0);
});

test('RFC 5322 §2.2: a line that is no field ends the header', () => {
  const section = read('A: b', 'no field', 'Bcc: hidden@x');
  assert.equal(countFields(section, 'bcc'), 0);
  assert.equal(section.bytes, 6);
});

test('RFC 5322 §3.5: the envelope line of an mbox file is passed over, once', () => {
  const section = read('From a@b Thu Jan  1 00:00:00 1970', 'From: a@b', 'From x', 'Bcc: c@d');
  assert.deepEqual([firstFrom(section)?.address, countFields(section, 'bcc')], ['a@b', 0]);
  assert.equal(firstFrom(read('From : a@b'))?.address, 'a@b');
});

test('B3: a hostile header is read in linear time', { timeout: 5000 }, () => {
  for (const piece of ['"\\', '=?a?b?', '(', '=?utf-8?q?=41?= ', ':', '<']) {
    contentFacts(read(`From: ${piece.repeat(60_000)}`, `Subject: ${piece.repeat(5000)}`));
    decodeWords(piece.repeat(30_000));
    dateOf(read(`Date: ${piece.repeat(60_000)}`));
  }
});

test('B3: a header beyond its bound is not complete', () => {
  assert.equal(readHeaders([Buffer.from(`A: ${'x'.repeat(headerBytesMax)}\r\n\r\n`)]).complete, false);
  assert.equal(readHeaders([Buffer.from('A: b\r\n'.repeat(3000))]).complete, false);
});

test('RFC 5322 §2.2: however the message is cut into views, the header is the same', () => {
  const message = Buffer.from('From: a@b\r\nX: y\r\n z\r\nTo: c@d\r\n\r\nbody\r\nX: no\r\n');
  fc.assert(
    fc.property(fc.nat(message.length), fc.nat(message.length), (a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const views = [message.subarray(0, from), message.subarray(from, to), message.subarray(to)];
      const section = readHeaders(views);
      assert.deepEqual([section.fields, section.bytes], [readHeaders([message]).fields, readHeaders([message]).bytes]);
      const kept = Buffer.concat(stripFields(views, section, new Set(['x'])));
      assert.equal(kept.toString(), 'From: a@b\r\nTo: c@d\r\n\r\nbody\r\nX: no\r\n');
    }),
  );
});

test('RFC 5322 §2.2: octets of any kind are read without a throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (octets) => {
      const section = readHeaders([octets]);
      contentFacts(section);
      dateOf(section);
      assert(section.bytes <= octets.length);
    }),
  );
});

const froms: readonly (readonly [string, string, string])[] = [
  ['a@b', 'a@b', ''],
  ['<a@b>', 'a@b', ''],
  ['Alice Archer <a@b>', 'a@b', 'Alice Archer'],
  ['"Archer, Alice" <a@b>, c@d', 'a@b', 'Archer, Alice'],
  ['"a \\"b\\" <x@y>" <a@b>', 'a@b', 'a "b" <x@y>'],
  ['a@b (Alice), c@d', 'a@b', ''],
  ['Team: a@b, c@d;', 'a@b', ''],
  ['=?utf-8?B?5bGx55Sw?= <y@b>', 'y@b', '山田'],
  ['', '', ''],
  ['Pete <pete(his account)@x.test(host)>', 'pete@x.test', 'Pete'],
  ['"unclosed <a@b>', '"unclosed <a@b>', ''],
];

for (const [value, address, display] of froms) {
  test(`RFC 5322 §3.4: the first author of ${JSON.stringify(value)} is ${JSON.stringify(address)}`, () => {
    assert.deepEqual(firstFrom(read(`From: ${value}`)), { address, display });
  });
}

const encoded: readonly (readonly [string, string])[] = [
  ['plain', 'plain'],
  ['=?ISO-8859-1?Q?a?= b', 'a b'],
  ['=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=', 'ab'],
  ['=?ISO-8859-1?Q?a_b?=', 'a b'],
  ['=?utf-8?B?44E=?= =?UTF-8?B?gg==?=', 'あ'],
  ['=?utf-8?Q?=E3=81?= =?utf-8*ja?Q?=82?=', 'あ'],
  ['=?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=', '日本語'],
  ['=?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1w4bBsoQg==?=', '日本語'],
  ['=?cp932?B?k/qWew==?=', '日本'],
  ['=?x-unknown?Q?caf=E9?=', 'café'],
  ['=?utf-8?X?a?= =?broken', '=?utf-8?X?a?= =?broken'],
];

for (const [value, expected] of encoded) {
  test(`RFC 2047 §6.2: ${value} is shown as ${expected}`, () => {
    assert.equal(decodeWords(value), expected);
  });
}

test('RFC 2047 §2: encoded text is decoded as it was, no word over 75 characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
      const clean = text.replace(/[\0-\x1f\x7f-\x9f\u2028\u2029]+/g, ' ').toWellFormed();
      const value = encodeWords(text);
      assert.equal(decodeWords(value.replace(/\r\n/g, '')), clean);
      if (value !== clean) assert(value.split('\r\n ').every((word) => word.length <= 75));
    }),
  );
});

test('M2: the facts that trace shows are decoded, on one line and bounded', () => {
  const section = read('From: "A" <a@b>', 'Subject: =?utf-8?Q?a=0D=0Ab?=', 'Message-ID: <x@y> junk');
  assert.deepEqual(contentFacts(section), { from: 'a@b', subject: 'a b', messageId: '<x@y>' });
  assert.equal(contentFacts(read(`Subject: ${'x'.repeat(2000)}`)).subject.length, 500);
});

test('RFC 5322 §3.3: dates are written and read', () => {
  assert.equal(formatDate(0), 'Thu, 1 Jan 1970 00:00:00 +0000');
  assert.equal(dateOf(read('Date: Thu, 1 Jan 1970 09:00:00 +0900 (JST)')), 0);
  assert.equal(dateOf(read('Date: yesterday')), null);
});

const hop: ReceivedHop = {
  greeting: 'client.example',
  peer: { address: '192.0.2.1', port: 1, name: null },
  hostname: 'mx.example',
  protocol: 'ESMTP',
  cipher: 'TLS_AES_256_GCM_SHA384',
  signedIn: true,
  smtpUtf8: false,
  id: '0123456789ABCDEF' as MailId,
  recipient: 'a@b' as MailAddress,
  at: 0,
};

test('RFC 5321 §4.4: the trace field tells the hop', () => {
  assert.equal(
    formatReceived(hop),
    'Received: from client.example ([192.0.2.1])\r\n\tby mx.example with ESMTPSA id 0123456789ABCDEF\r\n\tfor <a@b>' +
      '\r\n\ttls TLS_AES_256_GCM_SHA384; Thu, 1 Jan 1970 00:00:00 +0000\r\n',
  );
});

test('RFC 5321 §4.4: what a peer said can not leave its place', () => {
  const forged = formatReceived({
    ...hop,
    greeting: 'x) by evil\r\nFrom: y',
    peer: { address: '::1', port: 1, name: 'n)\r\n' },
  });
  assert.match(forged, /^Received: from x\?\?by\?evil\?\?From:\?y \(n\?\?\? \[IPv6:::1\]\)\r\n\tby /);
});

test('RFC 3848 §1: the protocol is named with TLS and AUTH', () => {
  const named = (
    protocol: ReceivedHop['protocol'],
    cipher: string | null,
    signedIn: boolean,
    smtpUtf8: boolean,
  ): string => withKeyword({ protocol, cipher, signedIn, smtpUtf8 });
  assert.equal(named('SMTP', null, false, false), 'SMTP');
  assert.equal(named('ESMTP', null, false, false), 'ESMTP');
  assert.equal(named('ESMTP', 'x', false, false), 'ESMTPS');
  assert.equal(named('LMTP', null, true, false), 'LMTPA');
  assert.equal(named('ESMTP', 'x', true, true), 'UTF8SMTPSA');
  assert.equal(named('LMTP', null, false, true), 'UTF8LMTP');
});
