import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { checkCases } from '#/testkit/facts/index.ts';
import { foldWords, TextOfMail } from '../../text/index.ts';
import { wordList } from './index.ts';

const WORDS = ['社外秘', '見積', 'confidential', 'ABC', 'マル秘', 'plan b', 'データ'];
const list = wordList(WORDS);

for (const { text, found } of checkCases('words')) {
  test(`H1: ${JSON.stringify(text)} holds ${found.length === 0 ? 'none of the words' : found.join(', ')}`, () => {
    const hits = [...list.hits([new TextOfMail('1', 'body', text)])];
    assert.deepEqual(hits.map(({ key }) => key).sort(), found);
  });
}

test('H1: one walk finds the words that a search for each of them finds', () => {
  const letters = fc.string({ unit: fc.constantFrom('あ', 'い', '秘', '密'), maxLength: 4, minLength: 1 });
  const text = fc.string({ unit: fc.constantFrom('あ', 'い', '秘', '密'), maxLength: 40 });
  fc.assert(
    fc.property(fc.uniqueArray(letters, { maxLength: 12 }), text, (words, inside) => {
      const expected = words.filter((word) => foldWords(inside).includes(foldWords(word)));
      assert.deepEqual([...wordList(words).foundIn(foldWords(inside))].sort(), expected.sort());
    }),
  );
});

test('M4: a text made of the beginnings of words takes no longer than its length', () => {
  const words = Array.from({ length: 100 }, (_, i) => 'あ'.repeat(i + 1));
  const hits = [
    ...wordList([...words, `${'あ'.repeat(101)}終`]).hits([new TextOfMail('1', 'body', 'あ'.repeat(100_000))]),
  ];
  assert.equal(hits.length, 100);
});
