import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatThreads, type ThreadNode } from '#/codec/imap/index.ts';
import { threads } from './thread.ts';
import type { Threaded } from './threaded.ts';

/** `id<parents subject`: message 1 has number 1 and so on, each sent a minute after the one before. */
function messages(
  ...lines: readonly (readonly [id: string | null, references: string, subject?: string])[]
): Threaded[] {
  return lines.map(([messageId, references, subject = ''], place) => ({
    number: place + 1,
    sentAt: place * 60_000,
    subject: subject.replace(/^re: /, ''),
    isReply: subject.startsWith('re: '),
    messageId,
    references: references === '' ? [] : references.split(' '),
  }));
}

function threaded(list: readonly Threaded[], algorithm: 'REFERENCES' | 'ORDEREDSUBJECT' = 'REFERENCES'): string {
  return formatThreads(threads(list, algorithm))
    .trimEnd()
    .replace(/^\* THREAD ?/, '');
}

test('RFC 5256 §3: answers stand below what they answer', () => {
  assert.equal(threaded(messages(['a', ''], ['b', 'a'], ['c', 'a b'], ['d', 'a'])), '(1 (2 3)(4))');
});

test('RFC 5256 §3: messages that are not here keep their answers together, and are not shown where they hold one', () => {
  assert.equal(threaded(messages(['b', 'a'], ['c', 'a'])), '((1)(2))');
  assert.equal(threaded(messages(['b', 'a'])), '(1)');
  assert.equal(threaded(messages(['a', ''], ['c', 'a b'])), '(1 2)');
});

test('RFC 5256 §3: threads of one subject are one', () => {
  assert.equal(threaded(messages(['a', '', 'lunch'], ['b', '', 're: lunch'])), '(1 2)');
  assert.equal(threaded(messages(['a', '', 're: lunch'], ['b', '', 'lunch'])), '(2 1)');
  assert.equal(threaded(messages(['a', '', 'lunch'], ['b', '', 'lunch'])), '((1)(2))');
  assert.equal(threaded(messages(['a', '', 'lunch'], ['b', '', 'dinner'])), '(1)(2)');
  assert.equal(threaded(messages(['b', 'x', 'lunch'], ['c', 'x', 'lunch'], ['d', '', 're: lunch'])), '((1)(2)(3))');
});

test('RFC 5256 §3: who has no Message-ID, or another’s, is a message all the same; loops are not followed', () => {
  assert.equal(threaded(messages([null, ''], [null, ''])), '(1)(2)');
  assert.equal(threaded(messages(['a', ''], ['a', ''])), '(1)(2)');
  assert.equal(threaded(messages(['a', 'b'], ['b', 'a'])), '(2 1)');
  assert.equal(threaded(messages(['a', 'a'])), '(1)');
});

test('RFC 5256 §3: ORDEREDSUBJECT has one thread a subject, in the order of first messages', () => {
  const list = messages(['a', '', 'x'], ['b', '', 'y'], ['c', '', 're: x'], ['d', '', 'x']);
  assert.equal(threaded(list, 'ORDEREDSUBJECT'), '(1 (3)(4))(2)');
});

test('RFC 5256 §3: whatever messages say of each other, each is shown once', () => {
  const id = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f');
  const message = fc.tuple(
    fc.option(id),
    fc.array(id, { maxLength: 4 }).map((ids) => ids.join(' ')),
    fc.constantFrom('', 'x', 're: x', 'y', 're: y'),
  );
  fc.assert(
    fc.property(fc.array(message, { maxLength: 12 }), fc.constantFrom('REFERENCES', 'ORDEREDSUBJECT'), (list, how) => {
      const numbers = numbersOf(threads(messages(...list), how));
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        list.map((_, place) => place + 1),
      );
    }),
  );
});

test('B3: a conversation of 50,000 answers is neither slow nor deep', () => {
  const list = messages(...Array.from({ length: 50_000 }, (_, i) => [`m${i}`, i === 0 ? '' : `m${i - 1}`] as const));
  assert.equal(threaded(list).length, '(1)'.length + Array.from(list, (_, i) => ` ${i + 1}`).join('').length - 2);
});

function numbersOf(nodes: readonly ThreadNode[]): number[] {
  return nodes.flatMap(({ number, children }) => [...(number === null ? [] : [number]), ...numbersOf(children)]);
}
