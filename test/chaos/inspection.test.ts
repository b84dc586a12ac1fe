/** Workers of inspection that are killed, drained, answer garbage and die, under load: the verdicts are those of a calm run, on each store. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { runInspectionAct } from '#/drills/index.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
const PLAN = LONG
  ? { mails: 10_000, strikes: 60, everyMs: 2_000, garbage: 0.0005, die: 0.0005, workers: [1, 4] as const }
  : { mails: 150, strikes: 3, everyMs: 700, garbage: 0.005, die: 0.005 };
/** A bound for hangs on the slowest machine. */
const timeout = LONG ? 3 * 3_600_000 : 400_000;

async function runs(t: TestContext, settings = ''): Promise<void> {
  const progress = (line: string): void => t.diagnostic(line);
  const { asserts, did } = await runInspectionAct({ ...PLAN, settings }, { signal: t.signal, progress });
  t.diagnostic(did);
  assert.deepEqual(
    asserts.filter(({ passed }) => !passed),
    [],
  );
}

test('H1 H10: workers of inspection that go wrong or die change no verdict, and lose and double nothing', {
  timeout,
}, async (t) => {
  await runs(t);
});

test('H1 H10: the same on PostgreSQL', { timeout, skip: !LONG }, async (t) => {
  await using server = orSkip(t, await startPostgres({ version: 18 }));
  if (server !== undefined) await runs(t, `store: ${await server.createDatabase()}`);
});
