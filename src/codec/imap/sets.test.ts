import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { countOf, formatUids, namesAbsent, numberOf, type SequenceSet, spansOf, uidsOf } from './index.ts';

const none = new Uint32Array();
const view = Uint32Array.of(2, 3, 5, 8, 13);

function uids(set: SequenceSet, by: 'number' | 'uid' = 'uid', of = view, saved = none): number[] {
  return [...uidsOf(spansOf(set, by, of, saved), of)];
}

test('RFC 9051 §9: UIDs that are not there are left out, * is the last, ranges go either way', () => {
  assert.deepEqual(uids([[3, 9]]), [3, 5, 8]);
  assert.deepEqual(uids([[9, 3]]), [3, 5, 8]);
  assert.deepEqual(uids([[null, null]]), [13]);
  assert.deepEqual(uids([[100, null]]), [13]);
  assert.deepEqual(uids([[null, 8]]), [8, 13]);
  assert.deepEqual(uids([[1, 0xffff_ffff]]), [2, 3, 5, 8, 13]);
  assert.deepEqual(
    uids([
      [4, 4],
      [6, 7],
    ]),
    [],
  );
  assert.deepEqual(
    uids([
      [13, 13],
      [2, 5],
      [3, 3],
      [4, 8],
    ]),
    [2, 3, 5, 8, 13],
  );
});

test('RFC 9051 §9: numbers count from 1, and one that no message has is told apart', () => {
  assert.deepEqual(
    uids(
      [
        [1, 2],
        [null, null],
      ],
      'number',
    ),
    [2, 3, 13],
  );
  assert.deepEqual(
    uids(
      [
        [4, 9],
        [7, 7],
      ],
      'number',
    ),
    [8, 13],
  );
  assert.equal(namesAbsent([[1, null]], 5), false);
  assert.equal(namesAbsent([[6, null]], 5), true);
  assert.equal(namesAbsent([[null, null]], 0), true);
  assert.equal(namesAbsent('$', 0), false);
});

test('RFC 9051 §9: an empty mailbox has no last message', () => {
  for (const by of ['number', 'uid'] as const) assert.deepEqual(spansOf([[1, null]], by, none, none), []);
});

test('RFC 9051 §6.4.4.1: $ stands for what was saved and is still there', () => {
  assert.deepEqual(uids('$', 'uid', view, Uint32Array.of(1, 3, 5, 9, 13)), [3, 5, 13]);
  assert.deepEqual(uids('$', 'number', view, Uint32Array.of(3)), [3]);
});

test('RFC 9051 §2.3.1.2: the number of a UID', () => {
  assert.deepEqual(
    [2, 13, 4, 99].map((uid) => numberOf(uid, view)),
    [1, 5, 0, 0],
  );
});

test('RFC 9051 §9: neighbours make a range, in the order that they have', () => {
  assert.equal(formatUids([1, 2, 3, 4, 7]), '1:4,7');
  assert.equal(formatUids(Uint32Array.of(5, 7, 8)), '5,7:8');
  assert.equal(formatUids([3, 2, 1]), '3,2,1');
  assert.equal(formatUids([]), '');
});

test('RFC 9051 §9: runs are what going through the messages one by one finds', () => {
  const bound = fc.option(fc.integer({ min: 1, max: 60 }));
  const set = fc.array(fc.tuple(bound, bound), { minLength: 1, maxLength: 8 });
  const living = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { maxLength: 20 });
  fc.assert(
    fc.property(set, living, fc.constantFrom('number' as const, 'uid' as const), (ranges, some, by) => {
      const of = Uint32Array.from(some.sort((a, b) => a - b));
      const last = by === 'uid' ? (of.at(-1) ?? 0) : of.length;
      const expected = [...of].filter((uid, index) => {
        const name = by === 'uid' ? uid : index + 1;
        return ranges.some(([a, b]) => {
          const [x, y] = [a ?? last, b ?? last];
          return Math.min(x, y) <= name && name <= Math.max(x, y);
        });
      });
      const spans = spansOf(ranges, by, of, none);
      assert.deepEqual([...uidsOf(spans, of)], expected);
      assert.equal(countOf(spans), expected.length);
      assert(spans.slice(1).every(([from], at) => from > (spans[at]?.[1] ?? 0)));
    }),
  );
});

test('O4: a hundred thousand single UIDs over as many messages take no long time', () => {
  const of = Uint32Array.from({ length: 100_000 }, (_, at) => at + 1);
  const set = Array.from({ length: 100_000 }, (_, at): [number, number] => [100_000 - at, 100_000 - at]);
  const start = performance.now();
  assert.equal(countOf(spansOf(set, 'uid', of, none)), 100_000);
  assert(performance.now() - start < 10_000);
});
