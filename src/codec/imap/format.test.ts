import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Envelope, EnvelopeAddress, Part } from '#/codec/mime/index.ts';
import type { EmailId, ThreadId } from '#/model/index.ts';
import {
  appendUid,
  copyUid,
  fetchItems,
  formatAstring,
  formatCapability,
  formatContinue,
  formatEnabled,
  formatExists,
  formatExpunge,
  formatExtendedFound,
  formatFetch,
  formatFlags,
  formatFound,
  formatId,
  formatList,
  formatNstring,
  formatQuota,
  formatQuotaRoot,
  formatReply,
  formatStatus,
  formatString,
  formatThreads,
  formatVanished,
  modified,
  parseCommand,
  permanentFlags,
  reply,
  type ThreadNode,
} from './index.ts';

/** Letters that mean something in IMAP, among all others. */
const letter = fc.oneof(
  fc.constantFrom(...'"\\{}() \r\n\0NIL'.split('')),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc.string({ unit: letter, maxLength: 40 });

/** What a client makes of a list of ours: lists of lists, strings, and null for NIL. */
type Read = string | null | readonly Read[];

function readAll(written: string): Read[] {
  const octets = Buffer.from(written);
  let at = 0;
  const one = (): Read => {
    const rest = octets.toString('latin1', at);
    if (rest.startsWith('(')) {
      at++;
      const members: Read[] = [];
      while (octets[at] !== 0x29) {
        assert(at < octets.length, 'a list has no end');
        members.push(one());
        if (octets[at] === 0x20) at++;
      }
      at++;
      return members;
    }
    const literal = /^~?\{(\d+)\}\r\n/.exec(rest);
    if (literal !== null) {
      at += literal[0].length + Number(literal[1]);
      return octets.toString('utf8', at - Number(literal[1]), at);
    }
    const quoted = /^"((?:[^"\\\r\n]|\\["\\])*)"/.exec(rest);
    const word = quoted ?? /^[^ ()"{]+/.exec(rest);
    assert(word !== null, `nothing can be read at ${JSON.stringify(rest.slice(0, 20))}`);
    at += word[0].length;
    if (quoted === null) return word[0] === 'NIL' ? null : word[0];
    return Buffer.from((quoted[1] ?? '').replace(/\\(.)/g, '$1'), 'latin1').toString('utf8');
  };
  const all: Read[] = [];
  while (at < octets.length) {
    all.push(one());
    if (octets[at] === 0x20) at++;
  }
  return all;
}

const noAddress: readonly EnvelopeAddress[] = [];
const envelope: Envelope = {
  date: 'Mon, 7 Feb 1994 21:52:25 -0800',
  subject: 'a "quoted" \\ subject',
  from: [{ name: 'Fred Foobar', mailbox: 'foobar', host: 'example.test' }],
  sender: noAddress,
  replyTo: noAddress,
  to: [
    { name: null, mailbox: 'friends', host: null },
    { name: null, mailbox: 'a', host: 'example.test' },
    { name: null, mailbox: null, host: null },
  ],
  cc: noAddress,
  bcc: noAddress,
  inReplyTo: null,
  messageId: '<1@example.test>',
};

const plain: Part = {
  type: 'text',
  subtype: 'plain',
  parameters: [['charset', 'utf-8']],
  id: null,
  description: null,
  encoding: 'quoted-printable',
  md5: null,
  disposition: null,
  language: [],
  location: null,
  head: 0,
  body: 20,
  end: 120,
  lines: 3,
  parts: [],
  message: null,
};

test('RFC 9051 §4.3: any text reads back as it was, quoted or as a literal', () => {
  fc.assert(
    fc.property(text, fc.boolean(), (value, utf8) => {
      const written = formatString(value, utf8);
      assert.deepEqual(readAll(written), [value.replaceAll('\0', '\ufffd')]);
      assert(utf8 || written.startsWith('{') || /^[\x01-\x7f]*$/.test(written));
      // A client's own words can go back to it.
      const octets = Buffer.from(written).toString('latin1');
      const parsed = parseCommand(
        `a LOGIN ${octets} ${Buffer.from(formatAstring('p w', utf8)).toString('latin1')}`,
        utf8,
      );
      assert(parsed.kind === 'command' && parsed.command.name === 'LOGIN');
      assert.equal(parsed.command.user, value.replaceAll('\0', '\ufffd'));
    }),
  );
});

test('RFC 9051 §4.3: what may be quoted depends on what the client has enabled', () => {
  assert.equal(formatString('日本', false), '{6}\r\n日本');
  assert.equal(formatString('日本', true), '"日本"');
  assert.equal(formatString('a\r\nb', true), '{4}\r\na\r\nb');
  assert.equal(formatString('x'.repeat(1001), true), `{1001}\r\n${'x'.repeat(1001)}`);
  assert.equal(formatNstring(null, true), 'NIL');
  assert.equal(formatNstring('NIL', true), '"NIL"');
  assert.equal(formatAstring('Subject', false), 'Subject');
  assert.equal(formatAstring('a b', false), '"a b"');
  assert.equal(formatAstring('', false), '""');
});

test('RFC 9051 §7.1: nothing in a reply ends its line, BYE is never tagged', () => {
  assert.equal(formatReply('a', reply('OK', 'READ-WRITE', 'Done')), 'a OK [READ-WRITE] Done\r\n');
  assert.equal(formatReply('a', reply('NO', null, 'x\r\n* BYE')), 'a NO x??* BYE\r\n');
  assert.equal(formatReply('a', reply('BYE', null, 'x')), '* BYE x\r\n');
});

test('RFC 9051 §7.5.2: ENVELOPE has ten fields, groups begin and end with what has no host', () => {
  assert.equal(
    fetchItems.envelope(envelope, false),
    'ENVELOPE ("Mon, 7 Feb 1994 21:52:25 -0800" "a \\"quoted\\" \\\\ subject" (("Fred Foobar" NIL "foobar" "example.test")) ' +
      'NIL NIL ((NIL NIL "friends" NIL)(NIL NIL "a" "example.test")(NIL NIL NIL NIL)) NIL NIL NIL "<1@example.test>")',
  );
});

test('RFC 9051 §7.5.2: BODYSTRUCTURE and BODY of a text', () => {
  assert.equal(
    fetchItems.bodyStructure(plain, false),
    'BODYSTRUCTURE ("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 100 3 NIL NIL NIL NIL)',
  );
  assert.equal(
    fetchItems.body(plain, false),
    'BODY ("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 100 3)',
  );
});

test('RFC 9051 §7.5.2: BODYSTRUCTURE of parts, with disposition, language and a message inside', () => {
  const image: Part = {
    ...plain,
    type: 'image',
    subtype: 'png',
    parameters: [],
    id: '<i@x>',
    encoding: 'base64',
    disposition: { kind: 'attachment', parameters: [['filename', '日.png']] },
    language: ['en', 'ja'],
    location: 'x',
  };
  const inner: Part = {
    ...plain,
    type: 'message',
    subtype: 'rfc822',
    parameters: [],
    encoding: '7bit',
    language: ['en'],
    message: { envelope, structure: plain },
  };
  const mixed: Part = {
    ...plain,
    type: 'multipart',
    subtype: 'mixed',
    parameters: [['boundary', 'b']],
    parts: [image, inner],
  };
  const env = fetchItems.envelope(envelope, true).slice('ENVELOPE '.length);
  const text1 = '("text" "plain" ("charset" "utf-8") NIL NIL "quoted-printable" 100 3 NIL NIL NIL NIL)';
  assert.equal(
    fetchItems.bodyStructure(mixed, true),
    'BODYSTRUCTURE (' +
      '("image" "png" NIL "<i@x>" NIL "base64" 100 NIL ("attachment" ("filename" "日.png")) ("en" "ja") "x")' +
      `("message" "rfc822" NIL NIL NIL "7bit" 100 ${env} ${text1} 3 NIL NIL "en" NIL)` +
      ' "mixed" ("boundary" "b") NIL NIL NIL)',
  );
});

test('RFC 9051 §9: a multipart without parts, and a message that was not looked into, keep the form that clients expect', () => {
  const empty: Part = { ...plain, type: 'multipart', subtype: 'mixed', parameters: [] };
  assert.equal(fetchItems.body(empty, false), 'BODY (("text" "plain" NIL NIL NIL "7bit" 0 0) "mixed")');
  const closed: Part = { ...plain, type: 'message', subtype: 'rfc822' };
  const [, read] = readAll(fetchItems.bodyStructure(closed, false));
  assert(Array.isArray(read));
  assert.equal(read.length, 14);
  assert.deepEqual(
    read[7],
    Array.from({ length: 10 }, () => null),
  );
  const global: Part = { ...plain, type: 'message', subtype: 'global', message: { envelope, structure: plain } };
  const lengths = [false, true].map((utf8) => readAll(fetchItems.body(global, utf8))[1]?.length);
  assert.deepEqual(lengths, [7, 10]);
});

test('RFC 9051 §7.5.2: whatever stands in a message, its ENVELOPE and BODYSTRUCTURE can be read', () => {
  const nstring = fc.option(text);
  const address = fc.record({ name: nstring, mailbox: nstring, host: nstring });
  const addresses = fc.array(address, { maxLength: 2 });
  const any = fc.record({
    date: nstring,
    subject: nstring,
    from: addresses,
    sender: addresses,
    replyTo: addresses,
    to: addresses,
    cc: addresses,
    bcc: addresses,
    inReplyTo: nstring,
    messageId: nstring,
  });
  const parameters = fc.array(fc.tuple(text, text), { maxLength: 2 });
  const part = fc.record({
    id: nstring,
    description: nstring,
    encoding: text,
    parameters,
    language: fc.array(text, { maxLength: 2 }),
  });
  fc.assert(
    fc.property(any, part, fc.boolean(), (value, facts, utf8) => {
      const [, fields] = readAll(fetchItems.envelope(value, utf8));
      assert.equal(fields?.length, 10);
      const inner: Part = { ...plain, ...facts };
      const whole: Part = { ...plain, type: 'multipart', subtype: 'x', parts: [inner, inner] };
      const [, structure] = readAll(fetchItems.bodyStructure(whole, utf8));
      assert(Array.isArray(structure));
      assert.deepEqual([structure.length, structure[0].length, structure[1].length], [7, 12, 12]);
    }),
  );
});

test('RFC 9051 §7.5.2: FETCH answers items by the names that were asked for', () => {
  const section = { part: [1, 2], of: 'fields', names: ['To', 'x y'] } as const;
  const item = { kind: 'section', section, peek: true, partial: { from: 5, bytes: 9 }, answeredAs: 'BODY' } as const;
  const whole = { part: [], of: 'all', names: [] } as const;
  const old = { ...item, section: { ...whole, of: 'header' }, partial: null, answeredAs: 'RFC822.HEADER' } as const;
  assert.equal(fetchItems.octets(item, 3, false), 'BODY[1.2.HEADER.FIELDS (To "x y")]<5> {3}\r\n');
  assert.equal(fetchItems.octets(old, 0, false), 'RFC822.HEADER {0}\r\n');
  assert.equal(fetchItems.nil({ ...item, section: { ...whole, part: [3], of: 'mime' } }, false), 'BODY[3.MIME]<5> NIL');
  assert.equal(fetchItems.octets({ ...item, section: whole, partial: null }, 7, false), 'BODY[] {7}\r\n');
  const binary = { kind: 'binary', part: [1], peek: false, partial: null } as const;
  assert.equal(fetchItems.octets(binary, 2, false, true), 'BINARY[1] ~{2}\r\n');
  const items = [
    fetchItems.uid(4),
    fetchItems.flags(['\\Seen', '$x']),
    fetchItems.modSeq(9),
    fetchItems.internalDate(Date.UTC(2026, 1, 1, 9)),
    fetchItems.saveDate(0),
    fetchItems.size(10),
    fetchItems.emailId('M1' as EmailId),
    fetchItems.threadId('T1' as ThreadId),
    fetchItems.preview('a "b"', false),
    fetchItems.binarySize([1, 2], 5),
  ];
  assert.equal(
    formatFetch(3, items),
    '* 3 FETCH (UID 4 FLAGS (\\Seen $x) MODSEQ (9) INTERNALDATE " 1-Feb-2026 09:00:00 +0000" ' +
      'SAVEDATE " 1-Jan-1970 00:00:00 +0000" RFC822.SIZE 10 EMAILID (M1) THREADID (T1) PREVIEW "a \\"b\\"" BINARY.SIZE[1.2] 5)\r\n',
  );
});

test('RFC 9051 §7.3: answers about mailboxes name them as the client reads names', () => {
  const list = { attributes: ['\\HasNoChildren', '\\Sent'], name: '送信/R&D', childIsSubscribed: false };
  assert.equal(formatList(list, 'LIST', false), '* LIST (\\HasNoChildren \\Sent) "/" "&kAFP4Q-/R&-D"\r\n');
  assert.equal(formatList(list, 'LSUB', true), '* LSUB (\\HasNoChildren \\Sent) "/" "送信/R&D"\r\n');
  assert.equal(
    formatList({ attributes: [], name: 'a', childIsSubscribed: true }, 'LIST', true),
    '* LIST () "/" "a" ("CHILDINFO" ("SUBSCRIBED"))\r\n',
  );
  assert.equal(
    formatStatus(
      '日',
      [
        ['messages', 3],
        ['mailboxid', 'F1'],
        ['appendlimit', null],
      ],
      false,
    ),
    '* STATUS "&ZeU-" (MESSAGES 3 MAILBOXID (F1) APPENDLIMIT NIL)\r\n',
  );
  assert.equal(formatQuota('u', { used: 1025, limit: 4096 }), '* QUOTA "u" (STORAGE 2 4)\r\n');
  assert.equal(formatQuota('u', { used: 1, limit: null }), '* QUOTA "u" ()\r\n');
  assert.equal(formatQuotaRoot('INBOX', 'u', false), '* QUOTAROOT "INBOX" "u"\r\n');
  assert.equal(formatFlags(['\\Seen', 'x']), '* FLAGS (\\Seen x)\r\n');
  assert.equal(formatExists(0), '* 0 EXISTS\r\n');
});

test('RFC 9051 §7.3.4: what was found, in the old form and the new one', () => {
  assert.equal(formatFound('SEARCH', [], null), '* SEARCH\r\n');
  assert.equal(formatFound('SORT', Uint32Array.of(3, 1), 7), '* SORT 3 1 (MODSEQ 7)\r\n');
  assert.equal(
    formatExtendedFound('a"1', { uid: true, min: 1, max: 9, count: 3, all: [1, 2, 9], modSeq: 5 }),
    '* ESEARCH (TAG "a\\"1") UID MIN 1 MAX 9 COUNT 3 ALL 1:2,9 MODSEQ 5\r\n',
  );
  assert.equal(formatExtendedFound('a', { uid: false, count: 0, all: [] }), '* ESEARCH (TAG "a") COUNT 0\r\n');
});

test('RFC 5256 §4: conversations', () => {
  const leaf = (number: number, ...children: ThreadNode[]): ThreadNode => ({ number, children });
  assert.equal(
    formatThreads([leaf(2), leaf(3, leaf(6, leaf(4, leaf(23)), leaf(44, leaf(7, leaf(96)))))]),
    '* THREAD (2)(3 6 (4 23)(44 7 96))\r\n',
  );
  assert.equal(formatThreads([{ number: null, children: [leaf(3), leaf(5)] }]), '* THREAD ((3)(5))\r\n');
  assert.equal(formatThreads([{ number: null, children: [] }, leaf(1)]), '* THREAD (1)\r\n');
  assert.equal(formatThreads([]), '* THREAD\r\n');
  let deep = leaf(1);
  for (let number = 2; number <= 50_000; number++) deep = leaf(number, deep, leaf(number + 100_000));
  assert.equal(formatThreads([deep]).match(/\(/g)?.length, 99_999);
});

test('RFC 7162 §3.2.10: messages that are gone, and codes that name messages', () => {
  assert.equal(formatVanished([1, 2, 5], true), '* VANISHED (EARLIER) 1:2,5\r\n');
  assert.equal(formatVanished(Uint32Array.of(9), false), '* VANISHED 9\r\n');
  assert.equal(formatExpunge(3), '* 3 EXPUNGE\r\n');
  assert.equal(appendUid(7, [4, 5]), 'APPENDUID 7 4:5');
  assert.equal(copyUid(7, [1, 3], [8, 9]), 'COPYUID 7 1,3 8:9');
  assert.equal(modified([1, 2]), 'MODIFIED 1:2');
  assert.equal(permanentFlags(['\\Seen'], true), 'PERMANENTFLAGS (\\Seen \\*)');
});

test('RFC 9051 §7.2: what the service and the session are', () => {
  assert.equal(formatCapability(['IMAP4rev2', 'IDLE']), '* CAPABILITY IMAP4rev2 IDLE\r\n');
  assert.equal(formatEnabled([]), '* ENABLED\r\n');
  assert.equal(formatId([['name', 'Holdfast']]), '* ID ("name" "Holdfast")\r\n');
  assert.equal(formatId([]), '* ID NIL\r\n');
  assert.equal(formatContinue('idling'), '+ idling\r\n');
});
