import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDateTime, parseDay } from './date.ts';
import { formatReply, parseCommand, parseMailboxName } from './index.ts';

/** What comes of one command: its value, or the answer. Characters are octets. */
function read(text: string, utf8 = false): unknown {
  const parsed = parseCommand(`a ${text}`, utf8);
  return parsed.kind === 'command' ? parsed.command : formatReply(parsed.tag, parsed.reply).trim();
}

function octets(text: string): string {
  return Buffer.from(text).toString('latin1');
}

function key(text: string): unknown {
  const command = read(`SEARCH ${text}`);
  return typeof command === 'object' && command !== null && 'key' in command ? command.key : command;
}

test('RFC 9051 §9: what has another form hears which one to write, by its tag', () => {
  const forms: readonly (readonly [string, string])[] = [
    ['LOGIN bob', 'a BAD Write LOGIN user password, each quoted where it has special letters'],
    ['LOGIN "bob secret', 'a BAD Write LOGIN user password, each quoted where it has special letters'],
    ['LOGIN "b\\ob" x', 'a BAD Write LOGIN user password, each quoted where it has special letters'],
    ['LOGIN {9}\r\nbob x', 'a BAD Write LOGIN user password, each quoted where it has special letters'],
    ['FETCH 0 FLAGS', 'a BAD Write FETCH set (item ...)'],
    ['FETCH 4294967296 FLAGS', 'a BAD Write FETCH set (item ...)'],
    ['FETCH 1:2:3 FLAGS', 'a BAD Write FETCH set (item ...)'],
    ['UID FETCH 1,,2 FLAGS', 'a BAD Write UID FETCH set (item ...)'],
    ['FETCH 1 (BODY[MIME])', 'a BAD Write FETCH set (item ...)'],
    ['FETCH 1 BODY[1.]', 'a BAD Write FETCH set (item ...)'],
    ['FETCH 1 BODY[]<0.0>', 'a BAD There is more after the end of this command; correct the command'],
    ['FETCH 1 (FLAGS ALL)', 'a BAD ALL is not known here; ask for CAPABILITY, or leave it out'],
    ['FETCH 1 FLAGS (VANISHED)', 'a BAD VANISHED goes with UID FETCH and CHANGEDSINCE only'],
    ['STORE 1 FLAG (\\Seen)', 'a BAD Write STORE set FLAGS (flag ...), or +FLAGS or -FLAGS'],
    [
      'STORE 1 FLAGS (\\Foo)',
      'a BAD Flags are \\Seen \\Answered \\Flagged \\Deleted \\Draft, or a keyword of at most 255 letters',
    ],
    ['SEARCH SINCE 30-Feb-2026', 'a BAD There is no such date; write it like 1-Feb-2026'],
    ['SEARCH RETURN (CONSTRUCTOR) ALL', 'a BAD CONSTRUCTOR is not known here; ask for CAPABILITY, or leave it out'],
    [
      'SEARCH CHARSET KLINGON ALL',
      'a NO [BADCHARSET (US-ASCII UTF-8 ISO-2022-JP SHIFT_JIS EUC-JP ISO-8859-1)] This charset is not known here; use UTF-8',
    ],
    ['SEARCH TEXT "\xff"', 'a BAD Text must be UTF-8; correct the sending program'],
    ['SEARCH CHARSET SHIFT_JIS TEXT "\x81 "', 'a BAD The text is not in the charset that the command names'],
    ['LIST (RECURSIVEMATCH) "" *', 'a BAD RECURSIVEMATCH needs another option beside it'],
    [
      'CREATE x (USE (\\All))',
      'a NO [USEATTR] A new mailbox can have one use: \\Archive \\Drafts \\Flagged \\Junk \\Sent or \\Trash',
    ],
    ['SELECT b\xc3\xbc', 'a BAD There is more after the end of this command; correct the command'],
    [
      'SELECT \xc3\xbc',
      'a BAD Letters beyond ASCII belong in a quoted string or a literal, in UTF-8; correct the sending program',
    ],
    ['SELECT "a\0"', 'a BAD NUL and lone CR are not allowed here; correct the sending program'],
    ['NOOP x', 'a BAD There is more after the end of this command; correct the command'],
    ['toString', 'a BAD Command TOSTRING is not known here; ask for CAPABILITY'],
    ['UID NOOP', 'a BAD Command UID NOOP is not known here; ask for CAPABILITY'],
    ['', 'a BAD Begin each command with a tag, a space and the name of the command'],
  ];
  for (const [text, answer] of forms) assert.equal(read(text), answer, text);
  assert.equal(formatReply(null, { status: 'BAD', code: null, text: 'x\r\ny\xe9' }), '* BAD x??y?\r\n');
});

test('B3: lists, sets and depths have bounds', () => {
  const answers: readonly (readonly [string, RegExp])[] = [
    [`FETCH ${'1,'.repeat(100_000)}1 FLAGS`, /LIMIT.*ranges/],
    [`FETCH 1 (${'UID '.repeat(1000)}UID)`, /LIMIT.*List/],
    [`LIST "" (${'* '.repeat(50)}*)`, /LIMIT.*List/],
    [`STORE 1 FLAGS ${'a '.repeat(128)}a`, /LIMIT.*List/],
    [`SEARCH ${'('.repeat(40)}ALL`, /LIMIT.*parentheses/],
    [`SEARCH ${'NOT '.repeat(500_000)}ALL`, /LIMIT.*parentheses/],
    [`SEARCH ${'OR '.repeat(300_000)}ALL`, /LIMIT.*parentheses/],
    [`SEARCH ${'ALL '.repeat(1000)}ALL`, /LIMIT.*keys/],
    [`FETCH 1 BODY[${'1.'.repeat(200)}1]`, /LIMIT.*parentheses/],
    [`ID (${'"a" "b" '.repeat(30)}"a" "b")`, /LIMIT/],
    [`STORE 1 FLAGS ${'a'.repeat(256)}`, /keyword/],
  ];
  for (const [text, answer] of answers) assert.match(String(read(text)), answer, text.slice(0, 40));
});

test('RFC 3501 §5.1.3: names are modified UTF-7 in its one spelling, or UTF-8 where that is enabled', () => {
  const names: readonly (readonly [string, boolean, string | null])[] = [
    ['&U,BTFw-/&ZeVnLIqe-', false, '台北/日本語'],
    ['"R&-D"', false, 'R&D'],
    ['"R&D"', false, null],
    ['"R&D"', true, 'R&D'],
    ['&AGE-', false, null],
    ['&AC8-', false, null],
    ['&U,BTFx-', false, null],
    ['&U,A-&UwA-', false, null],
    ['&2D0-', false, null],
    [octets('"日本"'), true, '日本'],
    [octets('"日本"'), false, '日本'],
    ['"\xe6\x97"', true, null],
    // NFC (RFC 9051 §5.1 with RFC 5198 §3): one letter, whichever way it is written.
    [octets('"e\u0301"'), true, '\u00e9'],
    ['inBox', false, 'INBOX'],
    ['inbox/x/', false, 'INBOX/x'],
    ['inboxes', false, 'inboxes'],
    ['""', false, null],
    ['/', false, null],
    ['a//b', false, null],
    ['"a\tb"', false, null],
    [`"${'x'.repeat(1001)}"`, false, null],
  ];
  for (const [written, utf8, name] of names) {
    const command = read(`DELETE ${written}`, utf8);
    if (name === null) assert.match(String(command), /^a NO \[CANNOT\]/, written);
    else assert.deepEqual(command, { name: 'DELETE', mailbox: name }, written);
  }
  assert.equal(parseMailboxName('e\u0301'), '\u00e9');
  assert.equal(parseMailboxName('\ud800'), null);
});

test('RFC 9051 §6.4.4: text of SEARCH is read by its charset', () => {
  const texts: readonly (readonly [string, string, string])[] = [
    ['ISO-2022-JP', '\x1b$B2q5D\x1b(B', '会議'],
    ['Shift_JIS', '\x89\xef\x8bc', '会議'],
    ['x-sjis', '\x89\xef\x8bc', '会議'],
    ['"EUC-JP"', '\xb2\xf1\xb5\xc4', '会議'],
    ['ISO-8859-1', 'caf\xe9', 'café'],
    ['utf-8', octets('会議'), '会議'],
    ['US-ASCII', 'x', 'x'],
  ];
  for (const [charset, written, text] of texts)
    assert.deepEqual(key(`CHARSET ${charset} SUBJECT {${written.length}}\r\n${written}`), {
      kind: 'header',
      name: 'subject',
      text,
    });
});

test('RFC 9051 §6.4.4: keys join, and RECENT, NEW and OLD are read without \\Recent', () => {
  assert.deepEqual(key('UNSEEN (1:3 DELETED)'), {
    kind: 'and',
    keys: [
      { kind: 'flag', flag: '\\Seen', has: false },
      {
        kind: 'and',
        keys: [
          { kind: 'numbers', set: [[1, 3]] },
          { kind: 'flag', flag: '\\Deleted', has: true },
        ],
      },
    ],
  });
  assert.deepEqual(key('OLD'), { kind: 'all' });
  assert.deepEqual(key('NEW'), { kind: 'not', key: { kind: 'all' } });
  assert.deepEqual(key('RECENT'), key('NEW'));
});

test('RFC 4731 §3.1: an empty RETURN asks for all', () => {
  assert.deepEqual(read('SEARCH RETURN () ALL'), {
    name: 'SEARCH',
    uid: false,
    returns: { min: false, max: false, all: true, count: false, save: false },
    charset: null,
    key: { kind: 'all' },
  });
});

test('RFC 9051 §6.4.5: macros stand for their items, and old names are answered by themselves', () => {
  const kinds = (text: string): unknown => {
    const command = read(`FETCH 1 ${text}`);
    return typeof command === 'object' && command !== null && 'items' in command && Array.isArray(command.items)
      ? command.items.map((item: { kind: string; answeredAs?: string }) => item.answeredAs ?? item.kind)
      : command;
  };
  assert.deepEqual(kinds('fast'), ['flags', 'internaldate', 'size']);
  assert.deepEqual(kinds('ALL'), ['flags', 'internaldate', 'size', 'envelope']);
  assert.deepEqual(kinds('FULL'), ['flags', 'internaldate', 'size', 'envelope', 'body']);
  assert.deepEqual(kinds('(RFC822 RFC822.HEADER RFC822.TEXT BODY[])'), [
    'RFC822',
    'RFC822.HEADER',
    'RFC822.TEXT',
    'BODY',
  ]);
});

test('RFC 9051 §2.3.2: system flags have one spelling, \\Recent is nobody’s to set', () => {
  const command = read('STORE 1 +flags.silent \\seen \\RECENT $Work \\Deleted');
  assert(typeof command === 'object' && command !== null && 'flags' in command);
  assert.deepEqual(command.flags, ['\\Seen', '$Work', '\\Deleted']);
});

test('RFC 7162 §7: modification sequences beyond ours are later than all', () => {
  const command = read('FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775807)');
  assert(typeof command === 'object' && command !== null && 'changedSince' in command);
  assert.equal(command.changedSince, Number.MAX_SAFE_INTEGER);
});

test('RFC 9051 §9: dates are days and moments that are', () => {
  assert.equal(parseDay('1-Feb-1994'), Date.UTC(1994, 1, 1));
  assert.equal(parseDay('29-feb-2024'), Date.UTC(2024, 1, 29));
  for (const text of ['29-Feb-2025', '0-Feb-2024', '32-Jan-2024', '1-Foo-2024', '1-Feb-24', '', '1-Feb-2024 '])
    assert.equal(parseDay(text), null, text);
  assert.equal(parseDateTime(' 1-Feb-2026 00:30:00 +0900'), Date.UTC(2026, 0, 31, 15, 30));
  assert.equal(parseDateTime('17-Jul-1996 02:44:25 -0730'), Date.UTC(1996, 6, 17, 10, 14, 25));
  for (const text of [
    '17-Jul-1996 24:00:00 +0000',
    '17-Jul-1996 00:60:00 +0000',
    '17-Jul-1996 00:00:00',
    '31-Jun-1996 00:00:00 +0000',
  ])
    assert.equal(parseDateTime(text), null, text);
});

const word = fc.constantFrom(
  ...'SEARCH FETCH UID STORE LIST SELECT STATUS ID SORT THREAD CREATE RETURN CHARSET UTF-8 BODY[ ] <0.1> HEADER.FIELDS ( ) "" "a'.split(
    ' ',
  ),
  ...'1:* $ * % NOT OR KEYWORD MODSEQ SINCE 1-Jan-2026 (CHANGEDSINCE QRESYNC \\Seen {1}\r\nx {3}\r\nabc {9 &- &AGE- NIL 99999999999'.split(
    ' ',
  ),
  '\0',
  '\xff',
  '\r',
);

test('B3: no words of the language, in whatever order, and no octets make the parser throw', () => {
  const line = fc.oneof(
    fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
    fc.array(word, { maxLength: 12 }).map((words) => words.join('')),
    fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
  );
  fc.assert(
    fc.property(line, fc.boolean(), (text, utf8) => {
      for (const written of [text, `a ${text}`]) {
        const parsed = parseCommand(written, utf8);
        if (parsed.kind === 'refuse') assert.notEqual(parsed.reply.status, 'OK');
      }
    }),
    { numRuns: 3000 },
  );
});
