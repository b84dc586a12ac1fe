import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { quantileOf, Readings } from './readings.ts';
import { groupUptime, uptimeOf } from './uptime.ts';

const say = (text: string, process = 'gate') => [{ process, text }];

test('H9: a counter that begins anew with its process is counted on, and what it counted before we came is not', () => {
  const readings = new Readings(/^a_total/, 120_000);
  readings.add(0, say('a_total{code="451"} 1000\na_total{code="250"} 7\nb_total 5\n'));
  assert.equal(readings.risen('a_total', 60_000), 0);
  readings.add(10_000, say('a_total{code="451"} 1010\na_total{code="250"} 9\n'));
  assert.deepEqual([readings.risen('a_total', 60_000), readings.risen('a_total', 60_000, 'code="451"')], [12, 10]);
  readings.add(20_000, say('a_total{code="451"} 3\n'));
  assert.equal(readings.risen('a_total', 60_000), 3);
  readings.add(30_000, [...say('a_total{code="451"} 4\n'), ...say('a_total 500\n', 'web')]);
  assert.equal(readings.risen('a_total', 60_000, 'code'), 4, 'who was not heard before has not risen');
  assert.equal(readings.risen('b_total', 60_000), 0);
});

test('M2: quantiles lie between the bounds of their bucket, and rise with the share', () => {
  const counts = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 4, maxLength: 4 });
  fc.assert(
    fc.property(counts, fc.double({ min: 0.01, max: 0.99, noNaN: true }), (each, share) => {
      const bounds = [0.1, 1, 10, Number.POSITIVE_INFINITY];
      const upTo = (i: number): number => each.slice(0, i + 1).reduce((sum, one) => sum + one, 0);
      const buckets = bounds.map((bound, i) => ({ bound, count: upTo(i) }));
      const value = quantileOf(buckets, share);
      assert.ok(value >= 0 && value <= 10);
      assert.ok(quantileOf(buckets, Math.min(1, share + 0.01)) >= value);
    }),
  );
  const all = [
    { bound: 1, count: 0 },
    { bound: 5, count: 100 },
  ];
  assert.equal(quantileOf(all, 0.5), 3);
  assert.equal(quantileOf([], 0.5), 0);
});

test('B8: uptime counts a partial outage for 0.3 of a major one, slowness not at all, and no minute that was not watched', () => {
  const day = (minutes: object) => ({ minutes });
  assert.equal(uptimeOf([]), null);
  assert.equal(uptimeOf([day({ operational: 900, degraded_performance: 100 })]), 1);
  assert.equal(
    uptimeOf([day({ operational: 900 }), day({ major_outage: 40, partial_outage: 60 })]),
    1 - (40 + 0.3 * 60) / 1_000,
  );
  assert.equal(groupUptime([1, null, 0.5]), 0.75);
  assert.equal(groupUptime([null]), null);
});
