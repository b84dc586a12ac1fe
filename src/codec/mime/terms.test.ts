import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { phraseOf, termsOf } from './index.ts';
import { phraseTermsMax, termCharsMax } from './limits.ts';

/** What a store does: terms beside each other, the last one by its begin. */
function isFound(text: string, query: string): boolean {
  const [terms, phrase] = [termsOf(text), phraseOf(query)];
  const last = phrase.length - 1;
  return terms.some((_, at) =>
    phrase.every((term, i) => (i < last ? terms[at + i] === term : terms[at + i]?.startsWith(term) === true)),
  );
}

const texts: readonly (readonly [string, readonly string[]])[] = [
  ['Hello, World 42!', ['hello', 'world', '42']],
  ["don't a_b alice@acme.test", ['don', 't', 'a', 'b', 'alice', 'acme', 'test']],
  ['ÀÉ ﬁ Ｆｕｌｌ １２', ['àé', 'fi', 'full', '12']],
  ['Straße ΟΔΟΣ', ['straße', 'οδοσ']],
  ['日本語', ['日本', '本語', '語']],
  ['会', ['会']],
  ['第3回会議', ['第', '3', '回会', '会議', '議']],
  ['データ', ['デー', 'ータ', 'タ']],
  ['ﾃﾞｰﾀ', ['デー', 'ータ', 'タ']],
  ['佐々木です', ['佐々', '々木', '木で', 'です', 'す']],
  ['한국 abc', ['한국', '국', 'abc']],
  ['𠮷野家', ['𠮷野', '野家', '家']],
  ['葛\u{e0100}城', ['葛城', '城']],
  ['soft\u00adhyphen', ['softhyphen']],
  ['e\u0301te\u0301', ['été']],
  ['— 。、!', []],
  ['', []],
];

for (const [text, expected] of texts) {
  test(`RFC 9051 §6.4.4: the terms of ${JSON.stringify(text)} are ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(termsOf(text), expected);
  });
}

const queries: readonly (readonly [string, string, boolean])[] = [
  ['定例会議室', '会議', true],
  ['定例会議室', '会', true],
  ['定例会', '会', true],
  ['定例会議室', '議室', true],
  ['定例会議室', '室', true],
  ['定例会議室', '例議', false],
  ['定例会議 資料', '会議 資', true],
  ['会議。資料', '会議資料', false],
  ['quarterly report', 'quarterly rep', true],
  ['quarterly report', 'report quarterly', false],
  ['quarterly report', 'QUARTERLY  REPORT', true],
  ['quarterly report', 'uarterly', false],
  ['ΟΔΟΣ', 'οδος', true],
  ['ΟΔΟΣΑ', 'ΟΔΟΣ', true],
  ['東京タワーへ', 'ﾀﾜｰ', true],
  ['年2026年度', '2026年', true],
];

for (const [text, query, expected] of queries) {
  test(`RFC 9051 §6.4.4: ${query} is ${expected ? '' : 'not '}found in ${text}`, () => {
    assert.equal(isFound(text, query), expected);
  });
}

test('RFC 9051 §6.4.4: two characters are one term to look for, and no letters none', () => {
  assert.deepEqual(phraseOf('会議'), ['会議']);
  assert.deepEqual(phraseOf('会議 室'), ['会議', '議', '室']);
  assert.deepEqual(phraseOf('?!'), []);
});

/** Letters with what makes them hard: marks, forms of width, case that depends on neighbours, two code units, joiners. */
const letters = fc.constantFrom(
  ...[
    'a',
    'B',
    '7',
    'é',
    'e\u0301',
    'ß',
    'Σ',
    'ς',
    'İ',
    'ﬁ',
    'Ａ',
    '会',
    '議',
    '々',
    'の',
    'ー',
    'ガ',
    'ｶﾞ',
    'ｶ',
    'か\u3099',
    '한',
  ],
  ...[
    '𠮷',
    '葛\u{e0100}',
    'ก็',
    'ำ',
    '\u00ad',
    'ع',
    'ل\u200cا',
    '½',
    '㌔',
    '\ud800',
    ' ',
    '\n',
    '.',
    '_',
    '、',
    '🙂',
    '①',
  ],
);
const someText = fc.array(fc.oneof(letters, fc.string({ unit: 'grapheme', maxLength: 2 })), { maxLength: 30 });

/** Whether a query that begins here begins in the middle of a word: there it may be missed. */
function isMidWord(before: string, query: string): boolean {
  const [joined, apart] = [termsOf(before + query), [...termsOf(before), ...termsOf(query)]];
  return (
    joined.length < apart.length &&
    !/^[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Thai}]/u.test(query.normalize('NFKC'))
  );
}

test('RFC 9051 §6.4.4: a text is found by every piece of it that begins at a word, or anywhere in Japanese', () => {
  let looked = 0;
  fc.assert(
    fc.property(someText, fc.nat(30), fc.nat(30), (pieces, a, b) => {
      const graphemes = Array.from(new Intl.Segmenter().segment(pieces.join('')), ({ segment }) => segment);
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      const [before, query] = [graphemes.slice(0, from).join(''), graphemes.slice(from, to).join('')];
      if (phraseOf(query).length === 0 || isMidWord(before, query)) return;
      looked += 1;
      assert(isFound(graphemes.join(''), query));
    }),
    { numRuns: 2000 },
  );
  assert(looked > 200, `only ${looked} queries had something to look for`);
});

test('RFC 9051 §6.4.4: terms have no blanks, are bounded and well-formed, whatever the text', () => {
  fc.assert(
    fc.property(
      fc.uint16Array({ maxLength: 100 }).map((units) => String.fromCharCode(...units)),
      (text) => {
        for (const term of termsOf(text)) {
          assert(term !== '' && term.length <= termCharsMax && term.isWellFormed() && !/\s/.test(term));
        }
      },
    ),
  );
});

test('B3: long words are cut, and found by as much; queries are bounded', () => {
  const word = `${'x'.repeat(termCharsMax - 1)}𝒳𐐨`;
  assert(isFound(`a ${word} b`, `a ${word} b`));
  assert(termsOf('𐐨'.repeat(100))[0]?.isWellFormed());
  assert.equal(phraseOf('a '.repeat(1000)).length, phraseTermsMax);
  assert.equal(phraseOf('会'.repeat(1000)).length, phraseTermsMax);
});
