/** Many sessions at one user's mailboxes, at random, while the process that serves them is killed: what each sees stays what is there. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';
import { play } from './views/game.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
/** A bound for hangs on the slowest machine. */
const HANGING_MS = LONG ? 3_600_000 : 400_000;

async function game(t: TestContext, settings = ''): Promise<void> {
  const seed = Number(process.env.HOLDFAST_SEED ?? Date.now() % 1_000_000);
  const rounds = Number(process.env.HOLDFAST_ROUNDS ?? (LONG ? 60 : 2));
  const turns = LONG ? 40 : 16;
  t.diagnostic(`seed ${seed}, ${rounds} rounds`);
  const report = await play({ seed, rounds, turns, settings, say: (line) => t.diagnostic(line) });
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.turns >= rounds * turns, `only ${report.turns} turns: the game did not run`);
}

test('O3 O4: what eight sessions see of two mailboxes stays what is there, also when the process is killed in the midst', {
  timeout: HANGING_MS,
}, async (t) => {
  await game(t);
});

test('O3 O4: the same on PostgreSQL', {
  timeout: HANGING_MS,
  skip: LONG ? false : 'in the long form only',
}, async (t) => {
  await using postgres = orSkip(t, await startPostgres({ version: 18 }));
  if (postgres === undefined) return;
  await game(t, `store: ${await postgres.createDatabase('holdfast')}`);
});
