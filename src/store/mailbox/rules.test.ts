import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { phraseOf, termsOf } from '#/codec/mime/index.ts';
import {
  changedFlags,
  flagKey,
  holdsPhrase,
  isUidl,
  newEmailId,
  newMailboxId,
  newThreadId,
  nextUidValidity,
  readFlag,
  referencesMax,
  threadKeys,
} from './index.ts';

test('RFC 9051 §2.3.2: a flag is one of the system in any case, or an atom', () => {
  for (const [flag, kept] of [
    ['\\seen', '\\Seen'],
    ['\\DELETED', '\\Deleted'],
    ['$MDNSent', '$MDNSent'],
    ['x]', null],
    ['\\Recent', null],
    ['\\', null],
    ['', null],
    ['a b', null],
    ['a%', null],
    ['café', null],
    ['x'.repeat(101), null],
  ] as const)
    assert.equal(readFlag(flag), kept, flag);
  assert.equal(flagKey('$FORWARDED'), flagKey('$Forwarded'));
});

test('RFC 9051 §6.4.6: a change of flags is what it says, and null where it changes nothing', () => {
  const flags = fc.uniqueArray(fc.constantFrom('\\Seen', '\\Deleted', 'a', 'b')).map((each) => new Set(each));
  fc.assert(
    fc.property(flags, fc.constantFrom('add', 'remove', 'replace'), flags, (before, how, named) => {
      const after = changedFlags(before, how, named);
      const expected = { add: before.union(named), remove: before.difference(named), replace: named }[how];
      assert.deepEqual(new Set(after ?? before), new Set(expected));
      assert.equal(after === null, expected.symmetricDifference(before).size === 0);
    }),
  );
});

test('RFC 8474 §4: ids are letters and figures, begin with a letter, and differ', () => {
  const made = [newMailboxId, newEmailId, newThreadId].flatMap((make) => Array.from({ length: 100 }, () => make(1)));
  assert.equal(new Set(made).size, 300);
  for (const id of made) assert.match(id, /^[A-Z][A-Z0-9]{1,40}$/);
});

test('RFC 9051 §2.3.1.1: UIDVALIDITY is the second, and rises when the clock does not', () => {
  assert.equal(nextUidValidity(1_700_000_000_999, 0), 1_700_000_000);
  assert.equal(nextUidValidity(1_700_000_000_999, 1_700_000_000), 1_700_000_001);
  assert.equal(nextUidValidity(0, 1_700_000_000), 1_700_000_001);
  assert.equal(nextUidValidity(0, 0), 1);
});

test('RFC 1939 §7: a unique-id is 1 to 70 visible characters', () => {
  for (const uidl of ['a', '!~', 'x'.repeat(70)]) assert.ok(isUidl(uidl), uidl);
  for (const text of ['', ' ', 'a b', 'é', '\x7f', 'x'.repeat(71), 'a\n']) assert.ok(!isUidl(text), text);
});

test('RFC 8474 §5.2: the newest references decide first, then the oldest, then the message itself; few in all', () => {
  const references = Array.from({ length: 100 }, (_, i) => `r${i}@x`);
  const keyOf = (id: string): string => threadKeys({ references: [], messageId: id })[0] ?? '';
  const keys = threadKeys({ references, messageId: 'own@x' });
  assert.equal(keys.length, referencesMax + 2);
  assert.deepEqual([keys[0], keys.at(-2), keys.at(-1)], [keyOf('r99@x'), keyOf('r0@x'), keyOf('own@x')]);
  assert.deepEqual(threadKeys({ references: ['a', 'a', 'b'], messageId: 'b' }), [keyOf('b'), keyOf('a')]);
  assert.deepEqual(threadKeys({ references: [], messageId: null }), []);
});

test('RFC 9051 §6.4.4: what stands in a text from the begin of a word is found in its terms', () => {
  const word = fc.constantFrom(
    'alpha',
    'Beta',
    'ｆｕｌｌ',
    'x1',
    '会議',
    '会議室',
    'サーバー',
    '議',
    '𠮷野家',
    "o'clock",
    '見積 書',
  );
  const text = fc.array(word, { minLength: 1, maxLength: 12 });
  fc.assert(
    fc.property(text, fc.nat(), fc.nat(), (words, from, count) => {
      const begin = from % words.length;
      const query = words.slice(begin, begin + 1 + (count % words.length)).join(' ');
      assert.ok(holdsPhrase(termsOf(words.join(' ')), phraseOf(query)), query);
    }),
  );
});

test('RFC 9051 §6.4.4: terms stand beside each other and in order', () => {
  const terms = ['a', 'b', 'c', 'a', 'bee', 'd'];
  for (const [phrase, held] of [
    [[], true],
    [['a'], true],
    [['be'], true],
    [['a', 'be'], true],
    [['a', 'b', 'c', 'a', 'bee', 'd'], true],
    [['a', 'b', 'c', 'a', 'bee', 'd', 'e'], false],
    [['a', 'c'], false],
    [['b', 'a'], false],
    [['be', 'd'], false],
    [['', 'a'], false],
  ] as const)
    assert.equal(holdsPhrase(terms, phrase), held, phrase.join(' '));
});
