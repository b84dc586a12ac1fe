import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { matches } from './index.ts';

test('RFC 9051 §6.3.9: * matches everything, % stops at the delimiter', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['*', 'a/b/c', true],
    ['%', 'a', true],
    ['%', 'a/b', false],
    ['%/%', 'a/b', true],
    ['%/%', 'a/b/c', false],
    ['a/*', 'a/b/c', true],
    ['a/*', 'a', false],
    ['a*', 'a', true],
    ['a%', 'a/b', false],
    ['*%', 'a/b', true],
    ['a%c*e', 'abcd/e', true],
    ['', 'a', false],
    ['', '', true],
    ['A', 'a', false],
    ['日%', '日本', true],
    ['a+', 'aa', false],
  ];
  for (const [pattern, name, answer] of cases) assert.equal(matches(pattern, name), answer, `${pattern} ${name}`);
});

test('RFC 9051 §5.1: INBOX counts in any case, also as the first level', () => {
  for (const pattern of ['inbox', 'InBox', 'inb%', '%box', 'i*', '%oX', 'INBOX*'])
    assert(matches(pattern, 'INBOX'), pattern);
  assert(matches('inbox/%', 'INBOX/x'));
  assert(!matches('inbox/X', 'INBOX/x'));
  assert(!matches('ınbox', 'INBOX'));
  assert(!matches('inboxes', 'INBOXES'));
});

test('RFC 9051 §6.3.9: patterns match what the like expressions do', () => {
  const letters = fc.array(fc.constantFrom('a', 'b', '/', '*', '%'), { maxLength: 8 }).map((all) => all.join(''));
  const name = fc.array(fc.constantFrom('a', 'b', '/'), { maxLength: 8 }).map((all) => all.join(''));
  fc.assert(
    fc.property(letters, name, (pattern, text) => {
      const like = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('%', '[^/]*')}$`);
      assert.equal(matches(pattern, text), like.test(text));
    }),
    { numRuns: 1000 },
  );
});

test('B3: a hostile pattern takes no long time', () => {
  const start = performance.now();
  for (const part of ['a*', 'a%', '%*a', 'a*%b']) matches(`${part.repeat(24)}c`, 'a'.repeat(1000));
  matches('*a'.repeat(30_000), 'a'.repeat(1000));
  matches('a'.repeat(60_000), 'a'.repeat(1000));
  assert(performance.now() - start < 10_000);
});
