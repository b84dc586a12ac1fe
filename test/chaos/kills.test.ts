import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runKills } from './kills.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
/** A bound for hangs on the slowest machine; half a minute is usual for the short form. */
const HANGING_MS = LONG ? 3_600_000 : 400_000;

test(`H3 H4 H5: ${LONG ? 200 : 12} kills at random under load lose nothing, and the books balance`, {
  timeout: HANGING_MS,
}, async (t) => {
  const seed = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}`);
  const report = await runKills({
    kills: LONG ? 200 : 12,
    seed,
    connections: 6,
    everyMs: LONG ? [200, 2500] : [200, 1500],
    progress: (line) => t.diagnostic(line),
  });
  t.diagnostic(JSON.stringify({ ...report, missing: report.missing.length, unexplained: report.unexplained.length }));
  assert.deepEqual(report.missing, [], 'recipients that had their 250 and are gone');
  assert.deepEqual(report.unexplained, [], 'duplicates that nothing announced');
  assert.equal(report.balanced, true, 'the books balance');
  assert.deepEqual(report.orphans, [], 'no orphans');
  assert.ok(report.accepted > 100, `only ${report.accepted} recipients were accepted: the load did not run`);
});
