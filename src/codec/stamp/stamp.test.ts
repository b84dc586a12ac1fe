import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readHeaders } from '#/codec/mime/index.ts';
import type { TenantId } from '#/model/index.ts';
import { formatStamp, hopIn, readStamp, stampedText } from './index.ts';

const KEY = Buffer.alloc(32, 7);
const ACME = 'acme' as TenantId;
const STAMP = { hop: 2, at: 1_800_000_000_000 };

function mail(lines: readonly string[]): Buffer {
  return Buffer.from(lines.join('\r\n'));
}

const WRITTEN = [
  'From: Ann <ann@acme.test>',
  'Message-ID: <1@acme.test>',
  'Content-Type: text/plain; charset=utf-8',
  'Content-Transfer-Encoding: 8bit',
  '',
  'Grüße aus Tōkyō, 12 Stück, bitte bis Montag.',
  '',
];

test('design 6: a stamp is known again under its key, for its tenant, hop, time and mail, and for no other', () => {
  const stamped = { key: KEY, tenant: ACME, text: 'one' };
  const value = formatStamp(STAMP, stamped);
  assert.deepEqual(readStamp(value, stamped), STAMP);
  assert.deepEqual(readStamp(value.replaceAll('; ', ';\t'), stamped), STAMP, 'folded elsewhere');
  assert.equal(readStamp(value, { ...stamped, key: Buffer.alloc(32, 8) }), null);
  assert.equal(readStamp(value, { ...stamped, tenant: 'beta' as TenantId }), null);
  assert.equal(readStamp(value, { ...stamped, text: 'other' }), null);
  assert.equal(readStamp(value.replace('hop=2', 'hop=1'), stamped), null);
  assert.equal(readStamp(value.replace('t=1800000000', 't=1800000001'), stamped), null);
});

test('design 6: no text makes the reader throw, and none is a stamp', () => {
  const stamped = { key: KEY, tenant: ACME, text: 'one' };
  const text = fc.oneof(
    fc.string(),
    fc.base64String({ minLength: 40, maxLength: 48 }).map((mac) => `v=1; hop=1; t=1800000000; mac=${mac}`),
  );
  fc.assert(fc.property(text, (value) => readStamp(value, stamped) === null));
  fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (octets) => stampedText(Buffer.from(octets)) !== undefined));
});

test('design 6: what a cloud makes of a mail on its way is the same mail', () => {
  const text = stampedText(mail(WRITTEN));
  assert.ok(text !== null);
  const base64 = Buffer.from('Grüße aus Tōkyō, 12 Stück, bitte bis Montag.\r\n\r\nA footer of the cloud.').toString(
    'base64',
  );
  const again = [
    'Received: from cloud.test by cloud.test; Tue, 1 Dec 2026 05:00:00 +0000',
    'X-MS-Exchange-Organization: x',
    'message-id:',
    ' <1@acme.test>',
    'Content-Type: multipart/alternative; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain; charset="utf-8"',
    'Content-Transfer-Encoding: base64',
    '',
    base64,
    '--b',
    'Content-Type: text/html; charset="utf-8"',
    '',
    '<p>Other</p>',
    '--b--',
    '',
  ];
  const long = 'Seite 1. '.repeat(60);
  const [short, cut] = [mail(again), [...WRITTEN.slice(0, 5), long]];
  assert.notEqual(stampedText(short), text, 'a footer on a mail of a line is another text');
  assert.equal(
    stampedText(mail([...again.slice(0, 10), Buffer.from(WRITTEN[5] ?? '').toString('base64'), ...again.slice(11)])),
    text,
  );
  assert.equal(
    stampedText(mail([...cut, 'A footer.'])),
    stampedText(mail(cut)),
    'a footer under a longer text is none',
  );
  assert.notEqual(stampedText(mail(WRITTEN.map((line) => line.replace('<1@', '<2@')))), text);
  assert.notEqual(stampedText(mail(WRITTEN.map((line) => line.replace('12', '13')))), text);
  assert.equal(stampedText(mail(WRITTEN.filter((line) => !line.startsWith('Message-ID')))), null);
});

test('design 6: the header that is kept says how often a mail has gone back', () => {
  const value = formatStamp(STAMP, { key: KEY, tenant: ACME, text: 'one' });
  const hop = (...lines: readonly string[]) => hopIn(readHeaders([mail([...lines, '', ''])]));
  assert.equal(hop(`X-Holdfast-Stamp: ${value}`), 2);
  assert.equal(hop('X-Holdfast-Stamp: 7'), 0);
  assert.equal(hop('Subject: s'), 0);
});
