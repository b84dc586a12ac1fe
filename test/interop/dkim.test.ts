/** Signatures of ours before a verifier of others. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { test } from 'node:test';
import { BodyHash, type DkimAlgorithm, formatKeyRecord, prepareSignature } from '#/codec/dkim/index.ts';
import { readHeaders } from '#/codec/mime/index.ts';
import { findDkimpy } from '../support/dkimpy.ts';
import { orSkip } from '../support/or-skip.ts';

const PAIRS = {
  'rsa-sha256': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'ed25519-sha256': generateKeyPairSync('ed25519'),
} as const;
const RECORDS = {
  'rsa._domainkey.acme.test': formatKeyRecord(PAIRS['rsa-sha256'].publicKey),
  'ed._domainkey.acme.test': formatKeyRecord(PAIRS['ed25519-sha256'].publicKey),
};
const HEAD = [
  'From: Alice <alice@acme.test>',
  'To: bob@world.test, carol@world.test',
  'Subject: One  two',
  ' three',
  'Date: Tue, 1 Dec 2026 00:00:00 +0000',
];

function signed(mail: Buffer, algorithm: DkimAlgorithm): Buffer {
  const section = readHeaders([mail]);
  const body = new BodyHash('relaxed');
  body.push(mail.subarray(section.bytes));
  const selector = algorithm === 'rsa-sha256' ? 'rsa' : 'ed';
  const unsigned = prepareSignature(section, body.end().hash, {
    algorithm,
    domain: 'acme.test',
    selector,
    at: 1_796_000_000,
  });
  return Buffer.concat([unsigned.finish(sign(unsigned.digest, unsigned.octets, PAIRS[algorithm].privateKey)), mail]);
}

test('RFC 6376 §6: python3-dkim verifies what we sign, with RSA, with Ed25519, and with both', async (t) => {
  const dkimpy = orSkip(t, await findDkimpy());
  if (dkimpy === undefined) return;
  for (const body of [
    'Hello\r\n',
    '',
    'no end',
    ' a \t b \r\n\r\n\r\n',
    `${'long '.repeat(40_000)}\r\n`,
    'Grüße 漢字\r\n',
  ]) {
    const mail = Buffer.from(`${HEAD.join('\r\n')}\r\n\r\n${body}`);
    const both = signed(signed(mail, 'rsa-sha256'), 'ed25519-sha256');
    assert.deepEqual(await dkimpy.verify(both, RECORDS), { dkim: [true, true], arc: 'none' }, body.slice(0, 20));
  }
});

test('RFC 6376 §6: python3-dkim finds the fields and lines that were added to what we signed', async (t) => {
  const dkimpy = orSkip(t, await findDkimpy());
  if (dkimpy === undefined) return;
  const mail = signed(Buffer.from(`${HEAD.join('\r\n')}\r\n\r\nHello\r\n`), 'ed25519-sha256');
  const verdict = async (text: string) => (await dkimpy.verify(Buffer.from(text, 'latin1'), RECORDS)).dkim;
  const text = mail.toString('latin1');
  assert.deepEqual(await verdict(text), [true]);
  assert.notDeepEqual(await verdict(`${text}more\r\n`), [true]);
  assert.deepEqual(await verdict(text.replace('From:', 'Reply-To: eve@evil.test\r\nFrom:')), [false]);
});
