import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { foldCase, literalOf } from './literal.ts';
import { compilePattern, faultOfPattern } from './pattern.ts';

function found(pattern: string, text: string): string[] {
  return [...compilePattern(pattern).matches(text, foldCase(text), 100)];
}

test('H1: the literal of a pattern is what every match holds, and none where that is not certain', () => {
  for (const [pattern, literal] of [
    ['社外秘[0-9]+', '社外秘'],
    ['PROJ-\\d{4}', 'proj-'],
    ['(secret)? agent x?y', ' agent '],
    ['foo|bar', null],
    ['(?:foo|bar)baz', 'baz'],
    ['abcd*', 'abc'],
    ['abc{0,2}def', 'def'],
    ['a\\.b\\.c', 'a.b.c'],
    ['\\p{Han}abc', 'abc'],
    ['[abc]def', 'def'],
    ['[]abc]defg', 'defg'],
    ['[[:alpha:]x]defg', 'defg'],
    ['\\Qab|cd\\E', null],
    ['\\x41bcd', 'bcd'],
    ['ab', 'ab'],
    ['K-\\d{6}-\\d', 'k-'],
    ['[a-z]+\\d', null],
    ['Straße', null],
    ['(unclosed', null],
    ['x(\\))yes', 'yes'],
  ] as const) {
    assert.equal(literalOf(pattern), literal, pattern);
  }
});

test('H1: looking for the literal first misses nothing that the pattern matches', () => {
  const atom = fc.constantFrom(
    'abc',
    'KS',
    'x?',
    'y*',
    '(ab|cd)',
    '[ks]',
    '[^b]',
    '\\d',
    '秘密',
    '(?:de)+',
    'z{0,2}',
    '.',
    '\\.',
    'ſ',
  );
  const piece = fc.constantFrom(
    'abc',
    'ks',
    'KS',
    '\u212aſ',
    'ab',
    'cd',
    'x',
    'y',
    '7',
    '秘密',
    'dede',
    'zz',
    '.',
    'Q',
  );
  fc.assert(
    fc.property(fc.array(atom, { minLength: 1, maxLength: 5 }), fc.array(piece, { maxLength: 12 }), (atoms, pieces) => {
      const pattern = atoms.join('');
      if (faultOfPattern(pattern) !== null) return;
      const text = pieces.join('');
      const literal = literalOf(pattern);
      for (const match of found(pattern, text))
        assert.ok(literal === null || foldCase(match).includes(literal), `${pattern} ${match}`);
      // Without a literal, the same pattern behind an alternative that is never there.
      assert.deepEqual(found(pattern, text), found(`(?:${pattern}|\\x00never)`, text));
    }),
    { numRuns: 300 },
  );
});

test('H1: letters that fold onto ASCII ones are found behind a literal too', () => {
  assert.deepEqual(found('secret-key', 'ſecret-\u212aey'), ['ſecret-\u212aey']);
});

test('M4: a pattern that other engines fall over is answered', () => {
  assert.deepEqual(found('(a+)+$', `${'a'.repeat(20_000)}!`), []);
  assert.deepEqual(found('(x+x+)+y', 'x'.repeat(20_000)), []);
});

test('H1: patterns that can’t be had are refused with the reason', () => {
  assert.match(faultOfPattern('(?<=a)b') ?? '', /can’t be read/);
  assert.match(faultOfPattern('(a)\\1') ?? '', /can’t be read/);
  assert.match(faultOfPattern('a{1,5000}') ?? '', /can’t be read/);
  assert.match(faultOfPattern('x?') ?? '', /empty text/);
  assert.match(faultOfPattern('[a-z]{1,900}!') ?? '', /too large/);
  assert.match(faultOfPattern('a'.repeat(501)) ?? '', /longer/);
  assert.equal(faultOfPattern('社外秘|極秘'), null);
});
