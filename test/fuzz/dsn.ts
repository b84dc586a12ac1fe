import assert from 'node:assert/strict';
import { buildDsn, formatUtf8Address, formatXtext, parseDsn, parseUtf8Address, parseXtext } from '#/codec/dsn/index.ts';
import type { MailAddress } from '#/model/index.ts';
import type { FuzzTarget } from './target.ts';

const boundary = 'rlgfwc6kq0bd9';

const seed = build('550 5.1.1 no such user', 'mx.example', 'a+b@c', 'From: a@b\r\n', false);

/** Reports of anyone are read without a throw; ours can't be forged by what a peer says, and keep to the line length. */
export const dsn: FuzzTarget = {
  name: 'dsn',
  words: [
    '\r\n',
    '\n',
    `--${boundary}`,
    '--',
    'Status: 5.0.0\r\n',
    'Action: failed',
    'Content-Type: message/delivery-status\r\n',
    'Content-Type: multipart/report; boundary=',
    'base64',
    '+0A',
    '\\x{0A}',
    '+',
    ';',
    '\0',
    '\xe3\x81\x82',
  ],
  seeds: [seed, Buffer.from('a+2Bb'), Buffer.from('\\x{3042}@c')],
  run(input) {
    const parsed = parseDsn(input);
    const text = input.toString('utf8');
    for (const utf8 of [false, true]) check(build(text, text, text, text.replaceAll('--', ''), utf8), utf8);
    const xtext = parseXtext(text);
    if (xtext !== null) assert.equal(parseXtext(formatXtext(xtext)), xtext);
    const address = parseUtf8Address(text);
    if (address !== null) assert.equal(parseUtf8Address(formatUtf8Address(address)), address);
    const fields = parsed?.recipients.map((recipient) => [...recipient.keys()].join().slice(0, 40)).join(';');
    return `${fields?.slice(0, 100)} ${xtext === null} ${address === null}`;
  },
};

function check(report: Buffer, utf8: boolean): void {
  const parsed = parseDsn(report);
  assert.equal(parsed?.recipients.length, 1);
  assert.equal(parsed?.recipients[0]?.get('status'), '5.1.1');
  const lines = report.toString('latin1').split('\r\n');
  assert(
    lines.every((line) => line.length <= 998 && !/[\r\n\0]/.test(line)),
    'a line is too long or not clean',
  );
  assert.equal(lines.filter((line) => line.startsWith(`--${boundary}`)).length, 4);
  assert(utf8 || lines.every((line) => /^[\t -~]*$/.test(line)), 'a plain report is not ASCII');
}

function build(text: string, host: string, original: string, header: string, smtpUtf8: boolean): Buffer {
  return buildDsn({
    language: text.length % 2 === 0 ? 'en' : 'ja',
    smtpUtf8,
    hostname: 'mx.example',
    to: 'alice@acme.example' as MailAddress,
    messageId: 'd1@mx.example',
    boundary,
    at: 0,
    envelopeId: text,
    arrivedAt: 0,
    subject: text,
    header: Buffer.from(header),
    recipients: [
      {
        finalRecipient: 'bob@other.example' as MailAddress,
        originalRecipient: { type: 'rfc822', address: original },
        action: 'failed',
        status: '5.1.1',
        remoteMta: host,
        diagnostic: { type: 'smtp', text },
        lastAttemptAt: 0,
        retryUntil: null,
      },
    ],
  });
}
