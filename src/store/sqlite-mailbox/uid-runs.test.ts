import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { packRuns, runsOf, unpackRuns } from './uid-runs.ts';

const uid = fc.oneof(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 2 ** 32 - 1 }));

it('RFC 9051 §9: UIDs in any order are the same runs, each UID once, and no run touches the next', () => {
  fc.assert(
    fc.property(fc.array(uid), (uids) => {
      const runs = runsOf(uids);
      const flat = runs.flatMap(([from, to]) => Array.from({ length: to - from + 1 }, (_, i) => from + i));
      assert.deepEqual(
        flat,
        [...new Set(uids)].sort((a, b) => a - b),
      );
      for (const [i, [from]] of runs.entries()) assert.ok(i === 0 || from > (runs[i - 1]?.[1] ?? 0) + 1);
    }),
  );
});

it('RFC 7162 §3.2.5.2: runs come back from their octets, and a long one costs a few', () => {
  fc.assert(
    fc.property(fc.array(uid), (uids) => {
      const runs = runsOf(uids);
      assert.deepEqual(unpackRuns(packRuns(runs)), runs);
    }),
  );
  assert.ok(packRuns([[1, 2 ** 32 - 1]]).length <= 6);
});

it('B3: what can be no UID is in no run', () => {
  assert.deepEqual(runsOf([3, Number.NaN, 1.5, 1, 2]), [[1, 3]]);
});
