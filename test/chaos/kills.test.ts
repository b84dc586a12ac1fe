import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';
import { runKills } from './kills.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
/** Of all forms together, where they run long. */
const KILLS = Number(process.env.HOLDFAST_KILLS ?? 1_000);
/** A bound for hangs on the slowest machine. */
const HANGING_MS = LONG ? 3 * 3_600_000 : 400_000;
const OWN_PROCESSES = 'roles: [gate, deliver, janitor]';

/** One run of the drill; `share` of all kills in the long form. */
async function drill(
  t: TestContext,
  given: { kills: number; share: number; stuck: number; settings?: string },
): Promise<void> {
  const { kills: few, share, stuck, settings = '' } = given;
  const kills = LONG ? Math.max(few, Math.round(KILLS * share)) : few;
  const seed = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
  t.diagnostic(`seed ${seed}, ${kills} kills`);
  const report = await runKills({
    kills,
    seed,
    stuck: LONG ? 0.03 : stuck,
    settings,
    connections: 6,
    everyMs: LONG ? [200, 2500] : [200, 1500],
    progress: (line) => t.diagnostic(line),
  });
  t.diagnostic(JSON.stringify({ ...report, missing: report.missing.length, unexplained: report.unexplained.length }));
  assert.deepEqual(report.missing, [], 'recipients that had their 250 and are gone');
  assert.deepEqual(report.unexplained, [], 'duplicates that nothing announced');
  assert.equal(report.balanced, true, 'the books balance');
  assert.deepEqual(report.orphans, [], 'no orphans');
  assert.ok(report.accepted > 50, `only ${report.accepted} recipients were accepted: the load did not run`);
}

test('H3 H4 H5 B7: processes that are killed or stuck, at random under load, lose nothing, and the books balance', {
  timeout: HANGING_MS,
}, async (t) => {
  await drill(t, { kills: 5, share: 0.3, stuck: 0 });
});

test('H3 H4 H5 B7: the same with each role in a process of its own', { timeout: HANGING_MS }, async (t) => {
  await drill(t, { kills: 3, share: 0.2, stuck: 0, settings: OWN_PROCESSES });
});

for (const version of [15, 18] as const) {
  test(`H3 H4 H5 B7: the same on PostgreSQL ${version}`, {
    timeout: HANGING_MS,
    skip: !LONG && version === 15,
  }, async (t) => {
    await using server = orSkip(t, await startPostgres({ version }));
    if (server === undefined) return;
    const store = `store: ${await server.createDatabase()}`;
    await drill(t, { kills: 3, share: 0.15, stuck: 0, settings: store });
  });
}

test('H3 H4 H5 B7: the same on PostgreSQL with each role in a process of its own', {
  timeout: HANGING_MS,
  skip: !LONG,
}, async (t) => {
  await using server = orSkip(t, await startPostgres({ version: 18 }));
  if (server === undefined) return;
  const store = `store: ${await server.createDatabase()}`;
  await drill(t, { kills: 6, share: 0.2, stuck: 0, settings: `${store}\n${OWN_PROCESSES}` });
});
