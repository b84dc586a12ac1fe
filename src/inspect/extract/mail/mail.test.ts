import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type TenantId, within } from '#/model/index.ts';
import { Extractor } from '../index.ts';
import { factsOf, mailWith, partAt, textOf, unreadOf } from '../sample-mail.ts';

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const secret = 'the secret plan';
const hidden = base64(
  `${secret}, ${secret}, ${secret}, and once more ${secret}, ${secret}, ${secret}, ${secret}, ${secret}, ${secret}\n`.repeat(
    3,
  ),
).replace(/.{76}/g, '$&\r\n');

test('H1: parts are named as IMAP names them, containers before what they hold', async () => {
  const facts = await factsOf(
    [
      'From: "A, B" <a@a.test>, =?utf-8?B?5bGx55Sw?= <y@a.test>',
      'To: team: x@b.test, y@b.test;',
      'Cc: Bob <b@b.test>',
      'Reply-To: c@c.test',
      'Subject: =?iso-2022-jp?B?GyRCRnw=?= =?iso-2022-jp?B?S1w4bBsoQg==?=',
      'Content-Type: multipart/mixed; boundary=m',
      '',
      '--m',
      'Content-Type: multipart/alternative; boundary=a',
      '',
      '--a',
      '',
      'plain',
      '--a',
      'Content-Type: text/html',
      '',
      '<p>page',
      '--a--',
      '--m',
      'Content-Type: message/rfc822',
      '',
      'Subject: inner words',
      '',
      'inner text',
      '--m--',
    ].join('\r\n'),
  );
  assert.deepEqual(
    facts.parts.map(({ path, role, declaredType }) => [path, role, declaredType]),
    [
      ['', 'container', 'multipart/mixed'],
      ['1', 'container', 'multipart/alternative'],
      ['1.1', 'body', 'text/plain'],
      ['1.2', 'body', 'text/html'],
      ['2', 'container', 'message/rfc822'],
      ['2.1', 'body', 'text/plain'],
    ],
  );
  assert.equal(facts.subject, '日本語');
  assert.deepEqual(facts.from, [
    { address: 'a@a.test', display: 'A, B' },
    { address: 'y@a.test', display: '山田' },
  ]);
  assert.deepEqual(
    facts.to.map(({ address }) => address),
    ['x@b.test', 'y@b.test'],
  );
  assert.deepEqual(facts.replyTo, [{ address: 'c@c.test', display: '' }]);
  assert.equal(partAt(facts, '2').text, 'subject: inner words');
  assert.equal(partAt(facts, '2.1').text, 'inner text');
  assert.deepEqual(facts.unread, []);
});

const subjects: readonly (readonly [written: string, read: string])[] = [
  ['=?utf-8?Q?with blanks =E5=B1=B1?=', 'with blanks 山'],
  ['x=?utf-8?B?5bGx?=y', 'x山y'],
  ['\x93\xfa\x96{\x8c\xea', '日本語'],
  ['\x1b$BF|K\\8l\x1b(B', '日本語'],
  ['\xe6\x97\xa5\xe6\x9c\xac', '日本'],
  ['=?utf-7?Q?+ZeVnLA-?=', '日本'],
  ['=?cp932?B?h0A=?=', '①'],
  ['a =?utf-8?Q?=E2=80=8B?=b', 'a b'],
  ['folded\r\n words', 'folded words'],
];

for (const [written, read] of subjects) {
  test(`H1: the subject ${JSON.stringify(written)} is read as ${JSON.stringify(read)}`, async () => {
    assert.equal((await factsOf(`Subject: ${written}\r\n\r\n`)).subject, read);
  });
}

test('H1: of fields that a mail gives twice, no address and no word is missed', async () => {
  const facts = await factsOf('To: a@a.test\r\nSubject: one\r\nTo: b@b.test\r\nSubject: two\r\n\r\n');
  assert.deepEqual(
    facts.to.map(({ address }) => address),
    ['a@a.test', 'b@b.test'],
  );
  assert.equal(facts.subject, 'one\ntwo');
});

const names: readonly (readonly [fields: string, names: readonly (string | null)[]])[] = [
  ['Content-Disposition: attachment; filename="plan.txt"', ['plan.txt']],
  [
    "Content-Disposition: attachment; filename=a.txt; filename*=utf-8''b.exe\r\nContent-Type: text/plain; name=c.bat",
    ['b.exe', 'a.txt', 'c.bat'],
  ],
  ['Content-Type: application/x; name="=?iso-2022-jp?B?GyRCRnxLXDhsGyhCLnR4dA==?="', ['日本語.txt']],
  ['Content-Disposition: attachment; filename="\x93\xfa\x96{.txt"', ['日本.txt']],
  ['Content-Disposition: attachment; filename="\xe6\x97\xa5.txt"', ['日.txt']],
  ["Content-Disposition: attachment; filename*0*=shift_jis''%93%FA; filename*1*=%96%7B.txt", ['日本.txt']],
  ['Content-Disposition: attachment; filename=one.txt; filename=two.exe', ['one.txt', 'two.exe']],
  ['Content-Type: text/plain; name="a\u00adb.txt"', ['ab.txt']],
];

for (const [fields, expected] of names) {
  test(`H1: ${JSON.stringify(fields)} is named ${expected.join(', ')}`, async () => {
    const part = partAt(await factsOf(`${fields}\r\n\r\nx`), '1');
    assert.deepEqual([part.name, ...part.otherNames], expected);
  });
}

const evasions: readonly (readonly [how: string, mail: string])[] = [
  [
    'no end of the last part',
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden}`,
  ],
  [
    'a boundary that is not the one announced',
    `Content-Type: multipart/mixed; boundary=other\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden}\r\n--b--`,
  ],
  [
    'no boundary at all',
    `Content-Type: multipart/mixed\r\n\r\n--b\r\nContent-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden}\r\n--b--`,
  ],
  [
    'a boundary line with more behind it',
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--bcd\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden}\r\n--b--`,
  ],
  ['a part behind the end', `Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nhi\r\n--b--\r\n${secret}`],
  [
    'words before the first part',
    `Content-Type: multipart/mixed; boundary=b\r\n\r\n${secret}\r\n--b\r\n\r\nhi\r\n--b--`,
  ],
  ['two encodings', `Content-Transfer-Encoding: 7bit\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden}`],
  [
    'two types',
    `Content-Type: text/plain\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nthe=20sec=\r\nret plan\r\n--b--`,
  ],
  ['a line in the header that is none', `Subject: x\r\nno field\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden}`],
  ['an encoding with another name', `Content-Transfer-Encoding: x-base64\r\n\r\n${hidden}`],
  ['an encoding in brackets', `Content-Transfer-Encoding: "base64"\r\n\r\n${hidden}`],
  ['base64 with junk in it', `Content-Transfer-Encoding: base64\r\n\r\n${hidden.replace(/\r\n/g, '*!\r\n')}`],
  ['base64 that nothing announces', `Content-Type: text/plain\r\n\r\n${hidden}`],
  [
    'a multipart that is encoded',
    `Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64('--b\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nthe=20secret plan\r\n--b--')}`,
  ],
  [
    'a message that is encoded',
    `Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(`Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden}`)}`,
  ],
  [
    'a mail as a file',
    `Content-Type: application/octet-stream; name=x.bin\r\n\r\nFrom: a@a.test\r\nTo: b@b.test\r\nSubject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n${hidden}`,
  ],
  [
    'uuencode in a text',
    'Content-Type: text/plain\r\n\r\nhello\r\nbegin 644 plan.txt\r\n/=&AE(\'-E8W)E="!P;&%N\r\n`\r\nend\r\n',
  ],
  [
    'uuencode as an encoding',
    'Content-Type: text/plain\r\nContent-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 plan.txt\r\n/=&AE(\'-E8W)E="!P;&%N\r\n`\r\nend\r\n',
  ],
  ['a nest of multiparts', nest(60)],
];

/** As smtp-source of Postfix fills a mail, and as others do. */
const fillings = {
  'one letter, its lines numbered': Array.from({ length: 60 }, (_, i) => `${i % 10}${'X'.repeat(77)}`),
  'one letter': Array.from({ length: 9 }, () => 'a'.repeat(76)),
  'a letter a line, the last one short': 'abcdef'.split('').map((letter, i) => letter.repeat(i === 5 ? 7 : 64)),
};

for (const [what, lines] of Object.entries(fillings)) {
  test(`H1: a text of ${what} hides no file`, async () => {
    const { parts, unread } = await factsOf(`Content-Type: text/plain\r\n\r\n${lines.join('\r\n')}\r\n`);
    assert.deepEqual(unread, []);
    assert.deepEqual(
      parts.map(({ path }) => path),
      ['', '1'],
    );
  });
}

test('H1: base64 behind lines of one letter is looked at, however short its lines are', async () => {
  const filling = `${'A'.repeat(64)}\r\n`.repeat(4);
  for (const behind of [hidden, hidden.replace(/\s/g, '').replace(/../g, '$&\r\n')]) {
    const { parts, unread } = await factsOf(`Content-Type: text/plain\r\n\r\n${filling}${behind}`);
    assert.ok(parts.some(({ path }) => path === '1/base64'));
    assert.ok(unread.length > 0, 'zeros in front of a text make it a file that nobody knows');
  }
});

function nest(levels: number): string {
  let inner = `Content-Transfer-Encoding: base64\r\n\r\n${hidden}`;
  for (let level = 0; level < levels; level++) {
    inner = `Content-Type: multipart/mixed; boundary=b${level}x\r\n\r\n--b${level}x\r\n${inner}\r\n--b${level}x--\r\n`;
  }
  return inner;
}

for (const [how, mail] of evasions) {
  test(`H1: ${how} hides nothing`, async () => {
    const facts = await factsOf(`From: a@a.test\r\nMIME-Version: 1.0\r\n${mail}`);
    assert.ok(textOf(facts).includes(secret), JSON.stringify(facts.parts, null, 1));
  });
}

test('H1: a file in a text is named as it asks', async () => {
  const facts = await factsOf('Subject: x\r\n\r\nbegin 644 plan.txt\r\n/=&AE(\'-E8W)E="!P;&%N\r\n`\r\nend\r\n');
  assert.deepEqual(facts.parts.at(-1)?.name, 'plan.txt');
});

test('H1: what is encrypted is said to be', async () => {
  const pgp =
    'Content-Type: multipart/encrypted; boundary=b; protocol="application/pgp-encrypted"\r\n\r\n--b\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQ\r\n--b--';
  const facts = await factsOf(pgp);
  assert.equal(partAt(facts, '').encrypted, true);
  assert.equal(partAt(facts, '2').encrypted, true);
  const inline = await factsOf('Subject: x\r\n\r\nhello\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQ');
  assert.deepEqual(unreadOf(inline), ['1 encrypted']);
});

test('H1: a piece of a mail that comes in several is told as unread', async () => {
  const facts = await factsOf('Content-Type: message/partial; id=x; number=2; total=3\r\n\r\naGVsbG8');
  assert.ok(unreadOf(facts).includes('1 unknown-format'));
});

test('H1: a part has the hash and the size of what it was before it was encoded', async () => {
  const part = partAt(await factsOf(mailWith(['a.txt', Buffer.from('abc')])), '2');
  assert.equal(part.size, 3);
  assert.equal(part.sha256, 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('M4: each bound that is reached is said, and what was found before it is kept', async () => {
  const mail = mailWith(['a.txt', Buffer.from('first')], ['b.txt', Buffer.from('second file')]);
  const few = await factsOf(mail, { partsMax: 3 });
  assert.deepEqual(unreadOf(few), ['3 too-many']);
  assert.equal(partAt(few, '2').text, 'first');
  const short = await factsOf(mail, { partTextMax: 6 });
  assert.deepEqual([partAt(short, '3').text, partAt(short, '3').textCut], ['second', true]);
  assert.deepEqual(unreadOf(short), ['1 too-large', '3 too-large']);
  const little = await factsOf(mail, { messageBytesMax: 100 });
  assert.equal(little.size, mail.length);
  assert.ok(unreadOf(little).includes(' too-large'));
  const late = await factsOf(mail, { waitMs: 0 });
  assert.ok(unreadOf(late).every((line) => line.endsWith('too-slow')) && late.unread.length > 0);
});

test('B3: a signal ends extraction with its reason, and content may come in pieces', async () => {
  await using extractor = new Extractor();
  const about = {
    tenant: '' as never,
    identity: { kind: 'peer', tenant: null, name: '' } as const,
    sender: null,
    recipients: [],
  };
  const reason = new Error('shutdown');
  await assert.rejects(extractor.extract(Buffer.from('x'), about, within(1000, AbortSignal.abort(reason))), reason);
  const mail = mailWith(['a.txt', Buffer.from('abc')]);
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < mail.length; at += 7) yield mail.subarray(at, at + 7);
  }
  const facts = await extractor.extract(pieces(), about, within(60_000));
  assert.deepEqual(facts, await extractor.extract(mail, about, within(60_000)));
});

test('M4: thousands of parts, and hundreds of levels, are facts in the end', async () => {
  const many = `Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(4000)}--b--`;
  const facts = await factsOf(many);
  assert.ok(facts.parts.length >= 4000);
  const deep = await factsOf(nest(300));
  assert.ok(deep.parts.length > 100);
  assert.ok(textOf(deep).includes(secret) || deep.unread.length > 0);
});

test('H1: any octets are facts', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (octets) => {
      const facts = await factsOf(Buffer.from(octets));
      assert.equal(facts.parts[0]?.path, '');
      assert.equal(new Set(facts.parts.map(({ path }) => path)).size, facts.parts.length);
    }),
  );
});

test('H1: time that the store takes to give the content is none of the mail', async (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  async function* slowly() {
    now += 60_000;
    yield mailWith(['a.txt', Buffer.from('the plan')]);
  }
  await using extractor = new Extractor();
  const facts = await extractor.extract(
    slowly(),
    { tenant: 'acme' as TenantId, identity: { kind: 'peer', tenant: null, name: '' }, sender: null, recipients: [] },
    { deadlineAt: 90_000 },
  );
  assert.deepEqual([facts.unread, partAt(facts, '2').text], [[], 'the plan']);
});
