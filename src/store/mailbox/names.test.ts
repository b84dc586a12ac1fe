import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { MailboxName } from '#/model/index.ts';
import { BORN_MAILBOXES, checkedName, compareNames, levelsMax, readName } from './index.ts';

test('RFC 9051 §5.1: INBOX is read in any case, also as the first level, and nothing else is', () => {
  for (const [text, name] of [
    ['inbox', 'INBOX'],
    ['InBox/Sub', 'INBOX/Sub'],
    ['sub/inbox', 'sub/inbox'],
    ['inboxes', 'inboxes'],
    ['\u0131nbox', '\u0131nbox'],
    ['cafe\u0301', 'caf\u00e9'],
  ] as const)
    assert.equal(readName(text), name);
});

test('RFC 9051 §5.1: what can be no name is null, and a fault where it is asked for', () => {
  const impossible = ['', '/', 'a/', '/a', 'a//b', 'a\nb', '\x7f', '\x85', '\u2029', '\ud800', 'x'.repeat(1_001)];
  for (const text of [
    ...impossible,
    Array(levelsMax + 1)
      .fill('a')
      .join('/'),
  ]) {
    assert.equal(readName(text), null, JSON.stringify(text).slice(0, 30));
    assert.throws(() => checkedName(text), { code: 'mailbox.refused' });
  }
  assert.ok(readName('x'.repeat(1_000)));
  assert.ok(readName(Array(levelsMax).fill('a').join('/')));
});

test('RFC 9051 §5.1: a name that was read is read as itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const name = readName(text);
      assert.equal(name === null ? null : readName(name), name);
    }),
  );
});

test('O5: names are ordered as their UTF-8 octets', () => {
  assert.ok(compareNames('\uff21', '\u{20bb7}') < 0);
  assert.ok(compareNames('a', 'a/b') < 0);
  assert.equal(compareNames('a', 'a'), 0);
});

test('RFC 6154 §2: what an account is born with can all be names', () => {
  for (const [name] of BORN_MAILBOXES) assert.equal(readName(name), name satisfies MailboxName);
});
