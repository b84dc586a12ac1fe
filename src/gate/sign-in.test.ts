import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { test } from 'node:test';
import { ScramClient, scramKeys } from '#/codec/sasl/index.ts';
import { GateFixture, type SmtpPeer, testCertificate, textOf } from '#/testkit/index.ts';

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');
const ALICE = `AUTH PLAIN ${base64('\0alice@acme.test\0secret')}`;

async function secured(gate: GateFixture): Promise<SmtpPeer> {
  const peer = await gate.greet({ kind: 'submission' });
  await peer.startsTls();
  await peer.asks('EHLO client.test', '250');
  return peer;
}

test('RFC 6409 §4.3: submission asks for TLS, then for a sign-in, before MAIL', async () => {
  await using gate = await GateFixture.start({ kinds: ['submission'] });
  using peer = await gate.greet({ kind: 'submission' });
  await peer.asks('MAIL FROM:<alice@acme.test>', '530 5.7.0 Send STARTTLS');
  // RFC 4954 §4: never in the clear.
  await peer.asks(ALICE, '538 5.7.11');
  assert.deepEqual(gate.signIn.attempts, []);
  await peer.startsTls();
  await peer.asks('EHLO client.test', '250');
  await peer.asks('MAIL FROM:<alice@acme.test>', '530 5.7.0 Sign in first');
  await peer.asks(ALICE, '235 2.7.0');
  await peer.asks(ALICE, '503 5.5.1');
  assert.doesNotMatch(await peer.asks('EHLO client.test', '250'), /AUTH/);
  await peer.asks('MAIL FROM:<alice@acme.test>', '250');
});

test('M1: a relay’s network is no sign-in on the submission listener', async () => {
  await using gate = await GateFixture.start({ kinds: ['submission'] });
  using peer = await gate.greet({ kind: 'submission', localAddress: '127.0.0.2' });
  await peer.asks('MAIL FROM:<alice@acme.test>', '530');
});

test('M1: a device signs in with LOGIN and sends as its senders only; Date and Message-ID are added', async () => {
  await using gate = await GateFixture.start({ kinds: ['submission'] });
  using peer = await secured(gate);
  await peer.asks('AUTH LOGIN', `334 ${base64('Username:')}`);
  await peer.asks(base64('scanner'), `334 ${base64('Password:')}`);
  await peer.asks(base64('secret'), '235');
  await peer.asks('MAIL FROM:<boss@acme.test>', '550 5.7.1');
  await peer.asks('MAIL FROM:<>', '550 5.7.1');
  await peer.asks('MAIL FROM:<scanner@acme.test>', '250');
  await peer.asks('RCPT TO:<friend@world.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('Subject: scan\r\n\r\npage\r\n.', '250');
  const [mail] = gate.intake.mails;
  assert.match(textOf(mail), /with ESMTPSA id [0-9A-Z]{16}\r\n\tfor <friend@world\.test>\r\n\ttls /);
  assert.match(
    textOf(mail),
    /\r\nDate: Thu, 15 Jan 2026 12:00:00 \+0000\r\nMessage-ID: <[0-9a-z]{16}@mx\.example\.test>\r\nSubject: scan\r\n/,
  );
  assert.match(mail?.facts.messageId ?? '', /^<[0-9a-z]{16}@mx\.example\.test>$/);
  assert.deepEqual(mail?.identity, { kind: 'relay', tenant: 'acme', name: 'scanner' });
  assert.equal(gate.usage.last.get('scanner'), null);
});

test('RFC 8314 §3.3: submissions begins with TLS', async () => {
  await using gate = await GateFixture.start({ kinds: ['submissions'] });
  using peer = await gate.connect({ kind: 'submissions', tls: true });
  const offered = await peer.asks('EHLO client.test', '250');
  assert.match(offered, /AUTH PLAIN LOGIN/);
  assert.doesNotMatch(offered, /STARTTLS/);
  await peer.asks(ALICE, '235');
  await peer.asks('MAIL FROM:<alice@acme.test>', '250');
});

test('M1: the legacy listener takes a sign-in over TLS 1.0, the others refuse to speak it', async () => {
  const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  const [modern, legacy] = [testCertificate(), testCertificate({ old: true })];
  await using gate = await GateFixture.start({
    kinds: ['legacy', 'submission'],
    tls: (kind) => (kind === 'legacy' ? legacy : modern),
  });
  using printer = await gate.greet({ kind: 'legacy' });
  await printer.startsTls(old);
  await printer.asks('EHLO printer', '250');
  await printer.asks(`AUTH PLAIN ${base64('\0scanner\0secret')}`, '235');
  await printer.asks('MAIL FROM:<scanner@acme.test>', '250');
  using other = await gate.greet({ kind: 'submission' });
  await assert.rejects(other.startsTls(old));
});

test('RFC 4954 §4 and §6: malformed, cancelled and unknown ways of signing in are told apart', async () => {
  await using gate = await GateFixture.start({ kinds: ['submission'] });
  using peer = await secured(gate);
  await peer.asks('AUTH PLAIN ????', '501 5.5.2');
  await peer.asks('AUTH PLAIN', '334');
  await peer.asks('*', '501 5.7.0');
  await peer.asks('AUTH LOGIN =', '501 5.5.2');
  await peer.asks('AUTH CRAM-MD5', '504 5.5.4');
  await peer.asks('AUTH SCRAM-SHA-256', '504 5.5.4');
  await peer.asks('AUTH PLAIN', '334');
  await peer.asks('x'.repeat(13_000), '500 5.5.6');
  await peer.asks('NOOP', '250');
  await peer.asks(`AUTH PLAIN ${base64('bob@acme.test\0alice@acme.test\0secret')}`, '535');
  assert.deepEqual(gate.signIn.attempts, []);
});

test('M1: wrong passwords hear 535, a busy sign-in 454, and the tenth failure ends the session', async () => {
  await using gate = await GateFixture.start({ kinds: ['submission'] });
  using peer = await secured(gate);
  gate.signIn.later = true;
  await peer.asks(ALICE, '454 4.7.0');
  gate.signIn.later = false;
  for (let i = 0; i < 9; i++) await peer.asks(`AUTH PLAIN ${base64('\0alice@acme.test\0wrong')}`, '535 5.7.8');
  await peer.asks(`AUTH PLAIN ${base64('\0nobody@acme.test\0wrong')}`, '421 4.7.0');
  await peer.hearsTheEnd();
});

test('RFC 7677 §3: SCRAM-SHA-256 is offered where it is on, and both sides prove themselves', async () => {
  await using gate = await GateFixture.start({ kinds: ['submission'], settings: { scram: true } });
  const salt = Buffer.from('salt of sixteen.');
  const keys = scramKeys(pbkdf2Sync('secret', salt, 4096, 32, 'sha256'));
  gate.signIn.scramSecrets.set('scanner', { ...keys, salt, iterations: 4096, real: true });
  using peer = await secured(gate);
  for (const password of ['wrong', 'secret']) {
    const client = new ScramClient('scanner', 'a-nonce-of-the-client');
    const first = await peer.asks(`AUTH SCRAM-SHA-256 ${base64(client.first())}`, '334 ');
    client.challenge(Buffer.from(first.slice(4), 'base64').toString());
    const proof = base64(client.final(pbkdf2Sync(password, salt, 4096, 32, 'sha256')));
    if (password === 'wrong') await peer.asks(proof, '535');
    else {
      const final = await peer.asks(proof, '334 ');
      assert.ok(client.verify(Buffer.from(final.slice(4), 'base64').toString()));
      await peer.asks('', '235');
    }
  }
  await peer.asks('MAIL FROM:<scanner@acme.test>', '250');
});

test('RFC 8689 §4.1: REQUIRETLS is taken over TLS only, and goes into custody', async () => {
  await using gate = await GateFixture.start();
  using peer = await gate.greet();
  await peer.asks('MAIL FROM:<x@world.test> REQUIRETLS', '530 5.7.30');
  await peer.startsTls();
  await peer.asks('EHLO client.test', '250');
  await peer.asks('MAIL FROM:<x@world.test> REQUIRETLS SMTPUTF8 BODY=8BITMIME RET=HDRS ENVID=e1', '250');
  await peer.asks('RCPT TO:<bob@acme.test>', '250');
  await peer.asks('DATA', '354');
  await peer.asks('.', '250');
  const needs = { eightBit: true, smtpUtf8: true, requireTls: true, ret: 'hdrs', envid: 'e1' };
  assert.deepEqual(gate.intake.mails[0]?.needs, needs);
  assert.match(textOf(gate.intake.mails[0]), /with UTF8SMTPS id/);
});

test('RFC 3207 §4: without a certificate STARTTLS is neither offered nor done', async () => {
  await using gate = await GateFixture.start({ tls: () => null });
  using peer = await gate.connect();
  assert.doesNotMatch(await peer.asks('EHLO client.test', '250'), /STARTTLS/);
  await peer.asks('STARTTLS', '454 4.7.0');
  await peer.asks('NOOP', '250');
});
