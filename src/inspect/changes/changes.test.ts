/** Changes of real mail: what they make, what they leave alone, and what they refuse. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Change, MailAddress } from '#/model/index.ts';
import { factsOf, mailWith, partAt } from '../extract/sample-mail.ts';
import { mailVariants } from '../index.ts';

const TO = { n: 1, address: 'taro@example.test' as MailAddress, original: null };

function changed(mail: string | Buffer, ...changes: readonly Change[]): Buffer {
  const variant = mailVariants(null).make(octetsOf(mail), changes, TO);
  assert.equal(variant.kind, 'made', variant.kind === 'impossible' ? variant.why.en : '');
  return Buffer.concat(variant.kind === 'made' ? variant.chunks : []);
}

function hindrance(mail: string | Buffer, ...changes: readonly Change[]): string {
  const variant = mailVariants(null).make(octetsOf(mail), changes, TO);
  return variant.kind === 'impossible' ? variant.why.en : 'none';
}

function octetsOf(mail: string | Buffer): Buffer {
  return typeof mail === 'string' ? Buffer.from(mail, 'latin1') : mail;
}

function letter(fields: readonly string[], body: string): string {
  return [
    'Received: by mx.acme.test; Mon, 30 Nov 2026 12:00:00 +0900',
    'From: alice@acme.test',
    ...fields,
    '',
    body,
    '',
  ].join('\r\n');
}

const strip = (...parts: string[]): Change => ({
  kind: 'stripAttachments',
  parts,
  text: '添付ファイルは削除されました。',
});
const tag = (text: string): Change => ({ kind: 'tagSubject', text });
const redact = (...detectors: string[]): Change => ({ kind: 'redact', detectors });

const JAPANESE_SUBJECT = '=?ISO-2022-JP?B?GyRCIVo8UjMwSGshWzgrQFEkTiQ0TyJNbRsoQg==?=';
const FILES = mailWith(['見積書.pdf', Buffer.from('%PDF-1.4')], ['plan.txt', Buffer.from('the plan')]);

test('H1: a stripped attachment gives way to a line of text that names it, and the others stay', async () => {
  const mail = changed(FILES, strip('2'));
  const facts = await factsOf(mail);
  assert.equal(partAt(facts, '2').text?.trim(), '添付ファイルは削除されました。 (見積書.pdf)');
  assert.equal(partAt(facts, '2').role, 'body');
  assert.equal(partAt(facts, '3').text, 'the plan');
  assert.equal(facts.parts.length, 4);
});

test('H1: the last attachment, and the one without an end, are stripped as others are', async () => {
  const cut = FILES.subarray(0, FILES.length - '--b--\r\n'.length - 2);
  for (const mail of [FILES, cut]) {
    const facts = await factsOf(changed(mail, strip('2', '3')));
    assert.deepEqual(
      facts.parts.map(({ path, role }) => `${path} ${role}`),
      [' container', '1 body', '2 body', '3 body'],
    );
  }
});

test('H1: a mail that is nothing but a file becomes one that says so', async () => {
  const mail = letter(
    [
      'Subject: file',
      'MIME-Version: 1.0',
      'Content-Type: application/pdf; name="a.pdf"',
      'Content-Transfer-Encoding: base64',
    ],
    Buffer.from('%PDF-1.4').toString('base64'),
  );
  const facts = await factsOf(changed(mail, strip('1')));
  assert.equal(partAt(facts, '1').text?.trim(), '添付ファイルは削除されました。 (a.pdf)');
  assert.equal(facts.fields.filter(({ name }) => name === 'content-type').length, 1);
});

test('H1: an empty file is stripped without its delimiter', async () => {
  const mail = letter(
    ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b'],
    '--b\r\n\r\ntext\r\n--b\r\nContent-Disposition: attachment; filename=a.bin\r\n\r\n--b\r\n\r\nbehind\r\n--b--',
  );
  const facts = await factsOf(changed(mail, strip('2')));
  assert.equal(partAt(facts, '3').text?.trim(), 'behind');
});

test('H1: no name of a file makes a delimiter or a field', async () => {
  const mail = mailWith(['\r\n--b\r\nBcc: x@evil.test', Buffer.from('x')]);
  const text = changed(mail, { kind: 'stripAttachments', parts: ['2'], text: '--b' }).toString('latin1');
  assert.equal(text.match(/^--b/gm)?.length, mail.toString('latin1').match(/^--b/gm)?.length);
  assert.doesNotMatch(text, /^Bcc:/m);
});

test('RFC 8551, RFC 3156: what is signed or encrypted is not touched', () => {
  const signed = letter(
    ['MIME-Version: 1.0', 'Content-Type: multipart/signed; protocol="application/pkcs7-signature"; boundary=b'],
    '--b\r\nContent-Type: text/plain\r\n\r\n4111 1111 1111 1111\r\n--b\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\n\r\nxx\r\n--b--',
  );
  assert.match(hindrance(signed, strip('2')), /signed/);
  assert.match(hindrance(signed, redact('creditCard')), /signed/);
  assert.equal(hindrance(signed, tag('[ext]')), 'none', 'its header section is not what was signed');
  const opaque = letter(['Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m'], 'xx');
  assert.match(hindrance(opaque, strip('1')), /encrypted/);
  assert.match(hindrance(opaque, redact('creditCard')), /encrypted/);
  const clear = letter([], '-----BEGIN PGP SIGNED MESSAGE-----\r\n\r\n4111 1111 1111 1111');
  assert.match(hindrance(clear, redact('creditCard')), /signed/);
});

test('RFC 2047: a tagged subject stays readable, octet for octet, and is tagged once', async () => {
  const mail = letter([`Subject: ${JAPANESE_SUBJECT}`], 'x');
  const [once, twice] = [changed(mail, tag('[社外]')), changed(mail, tag('[社外]'), tag('[社外]'))];
  assert.equal((await factsOf(once)).subject, '[社外]【社外秘】見積のご連絡');
  assert.ok(once.includes(`\r\n ${JAPANESE_SUBJECT}\r\n`));
  assert.ok(twice.equals(once) && changed(once, tag('[社外]')).equals(once));
  assert.equal((await factsOf(changed(letter(['Subject: Hello'], 'x'), tag('[ext]')))).subject, '[ext] Hello');
  assert.equal(
    (await factsOf(changed(letter(['Subject:\r\n Re: [ext] Hello'], 'x'), tag('[ext]')))).subject,
    'Re: [ext] Hello',
  );
  assert.equal((await factsOf(changed(letter([], 'x'), tag('[ext]')))).subject, '[ext]');
  assert.equal((await factsOf(changed(letter(['Subject:'], 'x'), tag('[ext]')))).subject, '[ext]');
});

test('RFC 5322 §3.6.3: a forced Bcc leaves no field that names recipients', async () => {
  const fields = [
    'Cc: b@x.test,\r\n c@y.test',
    'Subject: x',
    'To: a@x.test',
    'Resent-To: d@x.test',
    'To: e@x.test',
    'bcc : f@x.test',
  ];
  const text = changed(letter(fields, 'x'), { kind: 'forceBcc' }).toString();
  assert.match(text, /^To: undisclosed-recipients:;\r\n/m);
  assert.doesNotMatch(text, /[a-f]@[xy]\.test/);
  const alone = changed(letter(fields, 'x'), { kind: 'forceBcc' }, { kind: 'onePerRecipient' }).toString();
  assert.match(alone, /^To: <taro@example.test>\r\n/m);
  assert.doesNotMatch(alone, /[a-f]@[xy]\.test|undisclosed/);
});

test('RFC 5322 §2.2: a field that a rule adds stands once, behind what was written on the way', () => {
  const add: Change = { kind: 'addHeader', name: 'X-Class', value: 'internal' };
  const text = changed(letter(['Subject: x'], 'x'), add, add).toString();
  assert.match(text, /^Received: [^\n]+\nX-Class: internal\r\nFrom: /);
});

test('M4: a header section that programs read in two ways is not changed', () => {
  const hidden = 'From: a@acme.test\r\nno field\r\nCc: b@x.test\r\n\r\nx\r\n';
  assert.match(hindrance(hidden, { kind: 'forceBcc' }), /different ways/);
  const many = `${Array.from({ length: 2_100 }, (_, i) => `X-${i}: y\r\n`).join('')}Cc: b@x.test\r\n\r\nx\r\n`;
  assert.match(hindrance(many, { kind: 'forceBcc' }), /different ways/);
});

const CARD = '4111-1111-1111-1111';
const BLACK = '****-****-****-****';

test('H1: what a detector finds is blacked out in text and HTML, in the encoding that the part has', async () => {
  const parts = [
    `Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nB=FCcher f=\r\n=FCr ${CARD}, 3 =3D 3`,
    `Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from('<p>Card 4111&nbsp;<b>1111</b>&#32;1111 &#49;111 é</p>').toString('base64')}`,
  ];
  const mail = letter(
    ['MIME-Version: 1.0', 'Content-Type: multipart/alternative; boundary=b'],
    `--b\r\n${parts.join('\r\n--b\r\n')}\r\n--b--`,
  );
  const text = changed(mail, redact('creditCard'));
  const facts = await factsOf(text);
  assert.equal(partAt(facts, '1').text?.trim(), `Bücher für ${BLACK}, 3 = 3`);
  assert.doesNotMatch(partAt(facts, '2').text ?? '', /1111/);
  assert.match(partAt(facts, '2').text ?? '', /Card \*{4}.*é/);
  assert.match(text.toString('latin1'), /B=FCcher/);
});

test('H1: Japanese text keeps its charset around what is blacked out, full-width figures too', async () => {
  const number = Buffer.from(
    'GyRCJSshPCVJSFY5ZiRPIzQjMSMxIzEhXSMxIzEjMSMxIV0jMSMxIzEjMSFdIzEjMSMxIzEkRyQ5ISMbKEINCg==',
    'base64',
  );
  const field = 'Content-Type: text/plain; charset=ISO-2022-JP';
  for (const [encoding, body] of [
    ['7bit', number.toString('latin1').trim()],
    ['base64', number.toString('base64')],
  ]) {
    const mail = letter([`Subject: ${JAPANESE_SUBJECT}`, field, `Content-Transfer-Encoding: ${encoding}`], body ?? '');
    const after = changed(mail, redact('creditCard'));
    assert.match(partAt(await factsOf(after), '1').text ?? '', /^カード番号は＊{4}－＊{4}－＊{4}－＊{4}です。/);
    assert.ok(after.includes('charset=ISO-2022-JP') && after.includes(JAPANESE_SUBJECT));
  }
  const sjis = Buffer.concat([
    Buffer.from(letter(['Content-Type: text/plain; charset=shift_jis'], '').slice(0, -4)),
    Buffer.from('\r\n\r\n'),
    Buffer.from('94d48d86', 'hex'),
    Buffer.from(` ${CARD} \r\n`),
  ]);
  assert.equal(partAt(await factsOf(changed(sjis, redact('creditCard'))), '1').text?.trim(), `番号 ${BLACK}`);
});

test('H1: a number in the subject is blacked out, and a private key to its end', async () => {
  const subject = await factsOf(changed(letter([`Subject: card ${CARD} of mine`], 'x'), redact('creditCard')));
  assert.equal(subject.subject, `card ${BLACK} of mine`);
  const key = letter([], '-----BEGIN PRIVATE KEY-----\r\nMIIEvQIBADANBg\r\n-----END PRIVATE KEY-----\r\nbye');
  const text = partAt(await factsOf(changed(key, redact('apiKey'))), '1').text ?? '';
  assert.ok(!text.includes('MIIEvQ') && text.includes('bye'), text);
});

test('H1: text in a charset that can’t be changed in place is refused, not garbled', () => {
  const wide = Buffer.from(`card ${CARD}`, 'utf16le').toString('base64');
  const mail = letter(['Content-Type: text/plain; charset=utf-16le', 'Content-Transfer-Encoding: base64'], wide);
  assert.match(hindrance(mail, redact('creditCard')), /without harm/);
});

test('M4: texts that would take long to search, one or many together, wait for a person instead of holding up delivery', () => {
  const line = `${CARD} and some words\r\n`;
  const long = letter(['Subject: log'], line.repeat(8_000));
  assert.match(hindrance(long, redact('creditCard')), /too long/);
  const part = `--b\r\nContent-Type: text/plain\r\n\r\n${line.repeat(100)}\r\n`;
  const many = letter(['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=b'], `${part.repeat(100)}--b--`);
  assert.match(hindrance(many, redact('creditCard')), /too long/);
  assert.equal(hindrance(long, tag('[x]')), 'none');
});

test('H1: parts that no change names come out octet for octet, and the same each time', () => {
  const body = fc
    .uint8Array({ maxLength: 200 })
    .map((octets) => Buffer.from(octets).toString('latin1').replaceAll('--b', '---'));
  const part = fc.record({ body, isFile: fc.boolean(), eightBit: fc.constantFrom('8bit', 'binary') });
  const changes = fc.subarray<Change>([
    tag('[社外]'),
    { kind: 'forceBcc' },
    { kind: 'addHeader', name: 'X-A', value: 'b' },
  ]);
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), changes, (parts, others) => {
      const texts = parts.map(
        ({ body: octets, isFile, eightBit }) =>
          `Content-Type: ${isFile ? 'application/octet-stream' : 'text/plain'}\r\nContent-Transfer-Encoding: ${eightBit}\r\n\r\n.${octets}.`,
      );
      const mail = letter(
        ['Subject: x', 'To: a@b.test', 'Content-Type: multipart/mixed; boundary=b'],
        `--b\r\n${texts.join('\r\n--b\r\n')}\r\n--b--`,
      );
      const paths = parts.flatMap(({ isFile }, i) => (isFile ? [`${i + 1}`] : []));
      const asked = paths.length === 0 ? others : [strip(...paths), ...others];
      const [one, two] = [changed(mail, ...asked), changed(mail, ...asked)];
      assert.ok(one.equals(two));
      for (const [i, text] of texts.entries()) {
        const isThere = one.includes(Buffer.from(`--b\r\n${text}\r\n--b`, 'latin1'));
        const isTwice = texts.some((other, j) => other === text && j !== i);
        assert.equal(isThere, !paths.includes(`${i + 1}`) || (isTwice && isThere), `part ${i + 1}`);
      }
    }),
    { numRuns: 100 },
  );
});

test('M4: nothing that a mail holds makes a change throw', () => {
  const words = [
    '--b\r\n',
    '--b--',
    'Content-Type: multipart/mixed; boundary=b\r\n',
    'Content-Type: message/rfc822\r\n',
    '\r\n',
    'Subject: =?x?B?',
    '\x1b$B',
    '\xff',
    CARD,
    '<p>&#',
    'Content-Transfer-Encoding: quoted-printable\r\n',
    '=',
    '\0',
  ];
  const mail = fc.array(fc.oneof(fc.constantFrom(...words), fc.string()), { maxLength: 40 });
  const all = [strip('1', '2'), redact('creditCard', 'mailList'), tag('[x]'), { kind: 'forceBcc' }] as const;
  fc.assert(
    fc.property(mail, fc.subarray<Change>([...all], { minLength: 1 }), (pieces, changes) => {
      const variant = mailVariants(null).make(Buffer.from(pieces.join(''), 'latin1'), changes, TO);
      if (variant.kind === 'impossible') assert.doesNotMatch(variant.why.en, /failed/);
    }),
    { numRuns: 300 },
  );
});
