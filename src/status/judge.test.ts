import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { severityOf } from '#/model/index.ts';
import { type Judgement, judge, NOTHING_KNOWN, verdictsOf } from './judge.ts';
import { lookMs } from './limits.ts';
import type { Measures } from './measures.ts';
import { clearMs, clearShare, RULES } from './rules.ts';

/** Feeds one look after the other; the state of a component after each. */
function statesOf(looks: readonly Measures[], kind: 'delivery' | 'gateway' = 'delivery') {
  let known: Judgement = NOTHING_KNOWN;
  return looks.map((measures, i) => {
    known = judge(known, measures, i * lookMs);
    const [verdict] = verdictsOf(known, [kind]);
    assert.ok(verdict);
    return verdict;
  });
}

const delivery = (ms: number | null): Measures => ({ 'seconds.delivery': ms });
const times = <T>(n: number, one: T): T[] => Array.from({ length: n }, () => one);

test('M2: a second is well, 5 s are slow, 30 s are broken', () => {
  const after = (ms: number) => statesOf(times(10, delivery(ms))).at(-1)?.state;
  assert.deepEqual(
    [after(900), after(4_999), after(5_000), after(29_999), after(30_000)],
    ['operational', 'operational', 'degraded_performance', 'degraded_performance', 'partial_outage'],
  );
});

test('H9: every step of every rule is on within a minute of its symptom', () => {
  for (const rule of RULES)
    for (const [i, { from, state }] of rule.steps.entries()) {
      let known: Judgement = NOTHING_KNOWN;
      const looks = Math.floor(60_000 / lookMs);
      for (let n = 0; n < looks; n++) known = judge(known, { [rule.measure]: from }, n * lookMs);
      const found = verdictsOf(known, [rule.component], [rule])[0];
      assert.equal(found?.state, state, `${rule.name} ${i}`);
      assert.equal(found?.reasons.length, 1);
    }
});

test('H9: a reason says what was measured, in both languages, and since when', () => {
  const last = statesOf([...times(6, delivery(10)), ...times(6, delivery(42_000))]).at(-1);
  assert.equal(last?.since, 6 * lookMs);
  assert.match(last?.reasons[0]?.text.en ?? '', /42 s/);
  assert.match(last?.reasons[0]?.text.ja ?? '', /42秒/);
});

test('H9: a state is left only when its symptom has been clearly over for a while', () => {
  const ill = times(6, delivery(6_000));
  const between = statesOf([...ill, ...times(50, delivery(6_000 * clearShare))]);
  assert.equal(between.at(-1)?.state, 'degraded_performance', 'just below the threshold is not over');
  const over = statesOf([...ill, ...times(20, delivery(100))]).map(({ state }) => state);
  assert.equal(over.indexOf('operational', 6), 6 + clearMs / lookMs);
});

test('H9: a figure that could not be had makes nothing well and nothing ill', () => {
  const states = statesOf([...times(6, delivery(6_000)), ...times(40, delivery(null)), {}]);
  assert.equal(states.at(-1)?.state, 'degraded_performance');
  assert.equal(statesOf(times(40, delivery(null))).at(-1)?.state, 'operational');
});

const figure = fc.oneof(
  fc.integer({ min: 0, max: 60_000 }),
  fc.constantFrom(3_999, 4_000, 5_000, 23_999, 24_000, 30_000),
);

test('H9: worse figures never give a better state', () => {
  const pairs = fc.array(fc.tuple(figure, fc.integer({ min: 0, max: 40_000 })), { maxLength: 120 });
  fc.assert(
    fc.property(pairs, (looks) => {
      const good = statesOf(looks.map(([ms]) => delivery(ms)));
      const bad = statesOf(looks.map(([ms, more]) => delivery(ms + more)));
      for (const [i, { state }] of good.entries())
        assert.ok(severityOf(bad[i]?.state ?? 'operational') >= severityOf(state), `look ${i}`);
    }),
  );
});

test('H9: whatever the noise, a state is left no sooner than the rule says', () => {
  fc.assert(
    fc.property(fc.array(figure, { minLength: 100, maxLength: 300 }), (looks) => {
      const states = statesOf(looks.map(delivery)).map(({ state }) => severityOf(state));
      const better = states.flatMap((state, i) => (i > 0 && state < (states[i - 1] ?? 0) ? [i] : []));
      // Two steps of one rule: each gets off at most once in the time that it must be calm.
      assert.ok(better.length <= 2 * (Math.floor((looks.length * lookMs) / clearMs) + 1));
    }),
  );
});
