import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BOUNCE_CLASSES } from '#/model/index.ts';
import { adviceOf, classOf, classOfText, plainWords, providerOf } from './index.ts';

test('C2: a mail host is known by its provider, and one that nobody knows by the name that was registered', () => {
  const ids = [
    ['acme-test.mail.protection.outlook.com', 'microsoft-365'],
    ['acme-test.r-v1.mx.microsoft', 'microsoft-365'],
    ['ASPMX.L.GOOGLE.COM.', 'google'],
    ['mx1.mail.yahoo.co.jp', 'yahoo-japan'],
    ['mta5.am0.yahoodns.net', 'yahoo'],
    ['mx01.mail.icloud.com', 'apple'],
    ['mfsmax.docomo.ne.jp', 'docomo'],
    ['lsean.ezweb.ne.jp', 'au'],
    ['www123.sakura.ne.jp', 'sakura'],
    ['sv1.xserver.jp', 'xserver'],
    ['mx0a-001.pphosted.com', 'proofpoint'],
    ['mx.firm.co.jp', 'firm.co.jp'],
    ['a.b.firm.example', 'firm.example'],
    ['notgoogle.com', 'notgoogle.com'],
    ['localhost', 'localhost'],
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::1', '2001-db8--1'],
    ['', 'unknown'],
  ];
  for (const [host = '', id] of ids) assert.equal(providerOf(host).id, id, host);
});

test('RFC 3463 §3: a refusal has the class of its status, or of its words where the status is vague', () => {
  const said: readonly (readonly [string, string])[] = [
    ['550 5.1.1 <bob@peer.test>: Recipient address rejected: User unknown', 'unknown-recipient'],
    ['550 5.4.1 Recipient address rejected: Access denied. [AM1]', 'unknown-recipient'],
    ['550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found', 'unknown-recipient'],
    ['550 No such user here', 'unknown-recipient'],
    ['552 5.2.2 Over quota', 'mailbox-full'],
    ['452 4.2.2 The recipient’s inbox is out of storage space', 'mailbox-full'],
    ['451 4.7.500 Server busy. Please try again later from [192.0.2.1].', 'rate'],
    ['550 5.7.606 Access denied, banned sending IP [192.0.2.1]', 'reputation'],
    ['550 5.7.509 Access denied, sending domain acme.test does not pass DMARC verification', 'authentication'],
    ['421 4.7.28 Our system has detected an unusual rate of unsolicited mail', 'rate'],
    ['550 5.7.26 This mail is unauthenticated', 'authentication'],
    ['421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred', 'rate'],
    ['553 5.7.1 [BL21] Connections will not be accepted', 'reputation'],
    ['550 5.7.1 Service unavailable; client host [192.0.2.1] blocked using Spamhaus', 'reputation'],
    ['554 5.7.1 [HM08] Message rejected due to local policy', 'spam'],
    ['550 5.7.1 Message contains spam', 'spam'],
    ['550 5.7.1 Denied by policy', 'spam'],
    ['552 5.3.4 Message size exceeds fixed limit', 'content'],
    ['451 4.7.1 Greylisted, come back later', 'rate'],
    ['451 4.7.1 not now', 'rate'],
    ['4.4.1 mx.peer.test did not answer in time', 'network'],
    ['4.4.3 DNS did not answer about peer.test', 'dns'],
    ['550 5.7.30 REQUIRETLS can not be kept', 'tls'],
    ['503 Bad sequence of commands', 'protocol'],
    ['451 Local error in processing', 'other'],
  ];
  for (const [text, is] of said) assert.equal(classOfText(text), is, text);
  assert.equal(classOfText('250 2.0.0 Ok'), null);
  assert.equal(classOfText(''), null);
});

test('C2: every refusal has a class with its sentence in both languages, whatever a peer says', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 599 }),
      fc.option(fc.string()),
      fc.string({ maxLength: 2_000 }),
      (code, enhanced, text) => {
        const { en, ja } = adviceOf(classOf({ code, enhanced, text }));
        assert.ok(en.length > 20 && ja.length > 10);
        assert.ok(plainWords(text).length <= 160);
      },
    ),
  );
  assert.equal(new Set(BOUNCE_CLASSES.map((one) => adviceOf(one).en)).size, BOUNCE_CLASSES.length);
});

test('design 6: words of a refusal that are kept name nobody, and alike ones are one', () => {
  const first = plainWords(
    '4.7.0 <bob.smith@peer.test> deferred, session a1b2c3d4e5f6 from [192.0.2.1] see https://peer.test/x?y',
  );
  assert.equal(first, '4.7.0 (address) deferred, session (id) from (ip) see (link)');
  assert.equal(
    first,
    plainWords('4.7.0 <eve@other.test> deferred, session ffff1c3d4e50 from [192.0.2.99] see https://peer.test/z'),
  );
  assert.equal(plainWords('from 2001:db8::25:1:2 twice,\r\nnumber 1234567'), 'from (ip) twice, number (number)');
  fc.assert(
    fc.property(fc.emailAddress(), (address) => {
      assert.ok(!plainWords(`to ${address} refused`).includes(address));
    }),
  );
});
