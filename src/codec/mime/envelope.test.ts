import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type EnvelopeAddress, type MessageFacts, readMessage } from './index.ts';
import { addressesMax, referencesMax } from './limits.ts';
import { assertLinear } from './linear-time.ts';

function read(...lines: readonly string[]): MessageFacts {
  return readMessage(Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'utf8'));
}

/** An address in one line; `-` is null. */
function line({ name, mailbox, host }: EnvelopeAddress): string {
  return [name, mailbox, host].map((value) => value ?? '-').join('|');
}

const lists: readonly (readonly [string, readonly string[]])[] = [
  ['a@b.test', ['-|a|b.test']],
  ['<a@b.test>', ['-|a|b.test']],
  ['Alice <a@b>, "B, C" <c@d>', ['Alice|a|b', 'B, C|c|d']],
  ['a@b (Alice (the first))', ['Alice (the first)|a|b']],
  ['Joe Q. Public <a@b>', ['Joe Q. Public|a|b']],
  ['"Giant; \\"Big\\" Box" <a@b>', ['Giant; "Big" Box|a|b']],
  ['=?utf-8?B?5bGx55Sw?= <y@b>', ['=?utf-8?B?5bGx55Sw?=|y|b']],
  ['山田 <y@b>', ['山田|y|b']],
  ['"a b"@c', ['-|a b|c']],
  ['"a@b"@c', ['-|a@b|c']],
  ['<"a@b"@c>', ['-|a@b|c']],
  ['X <@r,@s:a@b>', ['X|a|b']],
  ['Pete(A) <pete(his)@x.test(host)>', ['Pete|pete|x.test']],
  ['a . b @ c . d', ['-|a.b|c.d']],
  ['Alice a@b', ['Alice|a|b']],
  ['Team: a@b, C <c@d>;, e@f', ['-|Team|-', '-|a|b', 'C|c|d', '-|-|-', '-|e|f']],
  ['undisclosed-recipients:;', ['-|undisclosed-recipients|-', '-|-|-']],
  ['Open: a@b', ['-|Open|-', '-|a|b', '-|-|-']],
  ['a@[IPv6:::1]', ['-|a|[IPv6:::1]']],
  ['root', ['-|root|']],
  ['root, , a@b,', ['-|root|', '-|a|b']],
  ['"unclosed <a@b>', ['-|unclosed <a@b>|']],
  ['A <a@b', ['A|a|b']],
  ['', []],
];

for (const [value, expected] of lists) {
  test(`RFC 9051 §7.5.2: the addresses of ${JSON.stringify(value)} are ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(read(`To: ${value}`).envelope.to.map(line), expected);
  });
}

test('RFC 9051 §7.5.2: absent fields are null, empty ones are empty', () => {
  const absent = read('X: y').envelope;
  assert.deepEqual(
    [absent.date, absent.subject, absent.inReplyTo, absent.messageId, absent.from, absent.sender, absent.replyTo],
    [null, null, null, null, [], [], []],
  );
  const empty = read('Date:', 'Subject: ', 'In-Reply-To:', 'Message-ID:').envelope;
  assert.deepEqual([empty.date, empty.subject, empty.inReplyTo, empty.messageId], ['', '', '', '']);
});

test('RFC 9051 §7.5.2: Sender and Reply-To are From where they are absent or empty', () => {
  const { sender, replyTo } = read('From: a@b, c@d', 'Sender:').envelope;
  assert.deepEqual(
    [sender.map(line), replyTo.map(line)],
    [
      ['-|a|b', '-|c|d'],
      ['-|a|b', '-|c|d'],
    ],
  );
  const own = read('From: a@b', 'Sender: s@b', 'Reply-To: r@b').envelope;
  assert.deepEqual([own.sender.map(line), own.replyTo.map(line)], [['-|s|b'], ['-|r|b']]);
});

test('RFC 9051 §7.5.2: strings are raw and unfolded, octets above 127 are UTF-8 or, where they are none, Latin-1', () => {
  assert.equal(read('Subject: =?utf-8?Q?a?=', '\tb').envelope.subject, '=?utf-8?Q?a?=\tb');
  assert.equal(read('Subject: 山').envelope.subject, '山');
  assert.equal(readMessage(Buffer.from('Subject: caf\xe9\r\n\r\n', 'latin1')).envelope.subject, 'café');
});

test('B3: a field that is too long is cut between letters', () => {
  for (const start of ['', 'a', 'ab']) {
    const { subject } = read(`Subject: ${start}${'山'.repeat(20_000)}`).envelope;
    assert.match(subject ?? '', /^[ab]*山{5000,}$/);
  }
});

test('RFC 5322 §3.4: any text is read as addresses without a null host, but for groups that are closed', () => {
  const scraps = fc.constantFrom('a', '@', '<', '>', '"', '(', ')', ',', ';', ':', '\\', ' ', '.', 'b.test', '=?');
  fc.assert(
    fc.property(fc.array(scraps, { maxLength: 30 }), (parts) => {
      let isOpen = false;
      for (const { name, mailbox, host } of read(`From: ${parts.join('')}`).envelope.from) {
        if (host !== null) continue;
        assert.equal(name, null);
        assert.equal(mailbox === null, isOpen);
        isOpen = !isOpen;
      }
      assert.equal(isOpen, false);
    }),
  );
});

test('B3: of very many addresses the first are shown', () => {
  const { to } = read(`To: ${'a@b, '.repeat(addressesMax * 2)}`).envelope;
  assert.equal(to.length, addressesMax);
});

test('B3: hostile fields are read in linear time', () => {
  for (const scrap of ['"\\', '(', '<', 'a ', ' . ', 'g:', '"', '=?a?b?', 'a@"']) {
    assertLinear(scrap, (text) =>
      read(`From: ${text}`, `References: ${text}`, `Date: ${text}`, `Content-Language: ${text}`),
    );
  }
});

test('RFC 5256 §3: references are those of References, else the first of In-Reply-To', () => {
  assert.deepEqual(read('References: <a@b> junk <c@d>', '\t<"e"@f>', 'In-Reply-To: <x@y>').references, [
    'a@b',
    'c@d',
    'e@f',
  ]);
  assert.deepEqual(read('References: none', 'In-Reply-To: Your mail <a@b> of <c@d>').references, ['a@b']);
  assert.deepEqual(read('X: y').references, []);
  assert.deepEqual(read('References: <no-sign> <>').references, []);
});

test('RFC 5256 §3: of very many references the first and the last are kept', () => {
  const ids = Array.from({ length: 500 }, (_, number) => `<${number}@x>`);
  const { references } = read(`References: ${ids.join('\r\n ')}`);
  assert.equal(references.length, referencesMax);
  assert.deepEqual([references[0], references[1], references.at(-1)], ['0@x', '401@x', '499@x']);
});

test('RFC 5322 §3.6.4: the Message-ID is without brackets, and null where none can be told', () => {
  assert.equal(read('Message-ID: <a@b> junk').messageId, 'a@b');
  assert.equal(read('Message-ID: <a', ' b@c>').messageId, 'ab@c');
  for (const value of ['', 'a@b', '<a>', `<${'x'.repeat(2000)}@y>`])
    assert.equal(read(`Message-ID: ${value}`).messageId, null);
});

const dates: readonly (readonly [string, string | null])[] = [
  ['Thu, 1 Jan 1970 09:00:00 +0900 (JST)', '1970-01-01T00:00:00.000Z'],
  ['1 Jan 1970 00:00 -0330', '1970-01-01T03:30:00.000Z'],
  ['Thu, 01 Jan 70 00:00:00 GMT', '1970-01-01T00:00:00.000Z'],
  ['Sat, 1 Jan 00 00:00:00 EST', '2000-01-01T05:00:00.000Z'],
  ['1 Jan 102 00:00:00 Z', '2002-01-01T00:00:00.000Z'],
  ['Thu, 13\r\n Feb (a) 1969 23:32 -0330 (Newfoundland Time)', '1969-02-14T03:02:00.000Z'],
  ['1 January 2020 10:00:00', '2020-01-01T10:00:00.000Z'],
  ['1-Jan-2020 10:00:00 Nowhere', '2020-01-01T10:00:00.000Z'],
  ['1 Jan 2020 25:00:00 +0000', '2020-01-01T00:00:00.000Z'],
  ['31 Dec 1998 23:59:60 +0000', '1999-01-01T00:00:00.000Z'],
  ['30 Feb 2020 00:00:00 +0000', null],
  ['yesterday', null],
  ['', null],
];

for (const [value, expected] of dates) {
  test(`RFC 5256 §2.2: ${JSON.stringify(value)} was sent ${expected}`, () => {
    const { sentAt } = read(`Date: ${value}`);
    assert.equal(sentAt === null ? null : new Date(sentAt).toISOString(), expected);
  });
}

test('O1: subject and author are shown decoded and bounded', () => {
  const facts = read('Subject: =?utf-8?B?5bGx55Sw?=', ' b', 'From: =?utf-8?B?5bGx55Sw?= <a@b>');
  assert.deepEqual([facts.subject, facts.from], ['山田 b', '山田']);
  assert.equal(read('From: a@b').from, 'a@b');
  assert.equal(read(`Subject: ${'x'.repeat(2000)}`).subject.length, 500);
});
