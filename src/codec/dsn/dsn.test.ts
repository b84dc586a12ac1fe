import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeWords, headerValue, readHeaders } from '#/codec/mime/index.ts';
import type { MailAddress } from '#/model/index.ts';
import {
  buildDsn,
  type DsnInput,
  type DsnRecipient,
  formatUtf8Address,
  formatXtext,
  parseDsn,
  parseUtf8Address,
  parseXtext,
} from './index.ts';

const bob: DsnRecipient = {
  finalRecipient: 'bob@other.example' as MailAddress,
  originalRecipient: { type: 'rfc822', address: 'b+b@other.example' },
  action: 'failed',
  status: '5.1.1',
  remoteMta: 'mx.other.example',
  diagnostic: { type: 'smtp', text: '550 5.1.1 no such user' },
  lastAttemptAt: 0,
  retryUntil: null,
};

const input: DsnInput = {
  language: 'en',
  smtpUtf8: false,
  hostname: 'mx.example',
  to: 'alice@acme.example' as MailAddress,
  messageId: 'd1@mx.example',
  boundary: 'b1',
  at: 0,
  envelopeId: 'QQ 1',
  arrivedAt: 0,
  subject: 'Lunch',
  recipients: [bob],
  header: Buffer.from('From: alice@acme.example\r\nSubject: Lunch\r\n'),
};

function lines(dsn: Buffer): string[] {
  return dsn.toString('utf8').split('\r\n');
}

test('RFC 3464 §2.3: a report says what became of each recipient, and is read as it was written', () => {
  const parsed = parseDsn(
    buildDsn({ ...input, recipients: [bob, { ...bob, status: '5.2.2', originalRecipient: null }] }),
  );
  assert.equal(parsed?.message.get('reporting-mta'), 'dns; mx.example');
  assert.equal(parsed?.message.get('original-envelope-id'), 'QQ 1');
  assert.equal(parsed?.recipients.length, 2);
  assert.deepEqual(Object.fromEntries(parsed?.recipients[0] ?? []), {
    'original-recipient': 'rfc822; b+b@other.example',
    'final-recipient': 'rfc822; bob@other.example',
    action: 'failed',
    status: '5.1.1',
    'remote-mta': 'dns; mx.other.example',
    'diagnostic-code': 'smtp; 550 5.1.1 no such user',
    'last-attempt-date': 'Thu, 1 Jan 1970 00:00:00 +0000',
  });
  assert.equal(parsed?.recipients[1]?.get('status'), '5.2.2');
});

test('RFC 3834 §5: a report is marked as automatic, and its subject leads with the fact', () => {
  const section = readHeaders([buildDsn(input)]);
  assert.equal(headerValue(section, 'auto-submitted'), 'auto-replied');
  assert.equal(headerValue(section, 'subject'), 'Not delivered: Lunch');
  assert.equal(headerValue(section, 'from'), 'Mail Delivery System <mailer-daemon@mx.example>');
});

test('RFC 3464 §2.3.9: a delayed report says until when we try, and that nothing needs doing', () => {
  const dsn = buildDsn({
    ...input,
    recipients: [{ ...bob, action: 'delayed', status: '4.4.1', retryUntil: 3600_000 }],
  });
  assert.equal(parseDsn(dsn)?.recipients[0]?.get('will-retry-until'), 'Thu, 1 Jan 1970 01:00:00 +0000');
  assert.match(dsn.toString(), /Delayed, still trying: Lunch[\s\S]*nothing you need to do/);
});

test('H1: a Japanese tenant reads the report in Japanese, with English beside it', () => {
  const dsn = buildDsn({ ...input, language: 'ja', subject: '=?utf-8?B?5pi86aOf?=' });
  const section = readHeaders([dsn]);
  assert.equal(decodeWords(headerValue(section, 'subject') ?? ''), '配信できませんでした: 昼食');
  const text = Buffer.from(dsn.toString().split('base64\r\n\r\n')[1]?.split('\r\n--')[0] ?? '', 'base64').toString();
  assert.match(text, /メールを配信できませんでした[\s\S]*宛先に誤り[\s\S]*was not delivered/);
});

test('H1: what people decided is told in the reader’s own language, and to programs as it stands', () => {
  const diagnostic = { type: 'x-holdfast', text: 'Nobody released it.' } as const;
  const held = {
    ...bob,
    remoteMta: null,
    diagnostic,
    plain: { en: 'Nobody released it.', ja: '保留の期限が過ぎました。' },
  };
  const dsn = buildDsn({ ...input, language: 'ja', recipients: [held] });
  const text = Buffer.from(dsn.toString().split('base64\r\n\r\n')[1]?.split('\r\n--')[0] ?? '', 'base64').toString();
  assert.match(text, /保留の期限が過ぎました。[\s\S]*----------[\s\S]*Nobody released it\./);
  assert.equal(parseDsn(dsn)?.recipients[0]?.get('diagnostic-code'), 'x-holdfast; Nobody released it.');
});

test('RFC 6533 §3: an address outside ASCII is written in ASCII, or as it is where SMTPUTF8 goes', () => {
  const recipients = [{ ...bob, finalRecipient: 'あ@b' as MailAddress, originalRecipient: null }];
  const plain = buildDsn({ ...input, recipients });
  assert.equal(parseDsn(plain)?.recipients[0]?.get('final-recipient'), 'utf-8; \\x{3042}@b');
  const utf8 = buildDsn({ ...input, recipients, smtpUtf8: true });
  assert.equal(parseDsn(utf8)?.recipients[0]?.get('final-recipient'), 'utf-8; あ@b');
  assert.match(utf8.toString(), /report-type=global-delivery-status[\s\S]*message\/global-headers/);
});

test('RFC 3464 §2.1: nothing that a peer or a sender wrote forges a field, a part or a long line', () => {
  const nasty = fc.string({
    unit: fc.constantFrom(
      '\r\n',
      '\n',
      '\r',
      'Status: 2.0.0',
      '--b1',
      '--b1--',
      'x'.repeat(1200),
      'あ',
      '\0',
      ':',
      ' ',
      '\u2028',
    ),
    maxLength: 12,
  });
  fc.assert(
    fc.property(nasty, nasty, nasty, nasty, fc.boolean(), (text, host, address, header, smtpUtf8) => {
      const recipient: DsnRecipient = {
        ...bob,
        originalRecipient: { type: 'rfc822', address },
        remoteMta: host,
        diagnostic: { type: 'smtp', text },
      };
      const dsn = buildDsn({
        ...input,
        smtpUtf8,
        subject: text,
        envelopeId: address,
        header: Buffer.from(header.replaceAll('--b1', '')),
        recipients: [recipient],
      });
      const parsed = parseDsn(dsn);
      assert.equal(parsed?.recipients.length, 1);
      assert.equal(parsed?.recipients[0]?.get('status'), '5.1.1');
      assert(lines(dsn).every((line) => Buffer.byteLength(line) <= 998 && !/[\r\n\0]/.test(line)));
      assert.equal(lines(dsn).filter((line) => line.startsWith('--b1')).length, 4);
      if (!smtpUtf8) assert(/^[\t\r\n -~]*$/.test(dsn.toString()));
    }),
  );
});

test('RFC 3464 §2: what is no report is none', () => {
  for (const text of [
    '',
    'From: a\r\n\r\n',
    'Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\n\r\nhi\r\n--x--\r\n',
  ]) {
    assert.equal(parseDsn(Buffer.from(text)), null);
  }
});

test('RFC 3461 §4: xtext is read as it was written', () => {
  fc.assert(fc.property(fc.string(), (text) => assert.equal(parseXtext(formatXtext(text)), text)));
  assert.equal(formatXtext('a+b=c d'), 'a+2Bb+3Dc+20d');
});

test('RFC 3461 §4: malformed xtext, and controls inside it, are refused', () => {
  for (const text of ['a b', 'a=b', '+2', '+zz', '+2b', '+0A', '+00', '+FF', 'é'])
    assert.equal(parseXtext(text), null, text);
});

test('RFC 6533 §3: internationalised addresses are read as they were written', () => {
  const letter = fc.constantFrom('a', 'あ', '😀', '+', '=', '\\', '@', '.');
  fc.assert(
    fc.property(fc.string({ unit: letter }), (text) => assert.equal(parseUtf8Address(formatUtf8Address(text)), text)),
  );
  for (const text of ['\\x{0A}', '\\x{D800}', '\\x{110000}', '\\x{', 'a b'])
    assert.equal(parseUtf8Address(text), null, text);
});

test('B3: a report full of lines that are no fields is read in linear time', { timeout: 5000 }, () => {
  const head = 'Content-Type: multipart/report; boundary=x\r\n\r\n--x\r\nContent-Type: message/delivery-status\r\n\r\n';
  assert.equal(parseDsn(Buffer.from(`${head}${'a\n'.repeat(1_000_000)}`)), null);
});
