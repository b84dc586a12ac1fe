/** A database that goes away and comes back, and a planned replacement on it. Long form only: it is mostly waiting. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, Holdfast, pause } from '../support/holdfast.ts';
import { orSkip } from '../support/or-skip.ts';
import { startPostgres } from '../support/postgres.ts';
import { startSink } from '../support/sink.ts';
import { arrived, assertBalanced, pidOf, RESOURCES, runs, send, settingsFor } from '../support/steward-kit.ts';

const LONG = process.env.HOLDFAST_LONG === '1';
/** Longer than a stuck process is given. */
const AWAY_MS = 30_000;
const AFTERWARDS_MS = 15_000;

test('B7: nobody is ended for waiting for a database that is away, and mail flows when it is back', {
  skip: !LONG,
  timeout: 600_000,
}, async (t) => {
  await using server = orSkip(t, await startPostgres({ version: 18 }));
  if (server === undefined) return;
  await using sink = await startSink();
  const settings = `${settingsFor(sink)}\nstore: ${await server.createDatabase()}\nroles: [gate, deliver, janitor]`;
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES });
  const before = await holdfast.pids();
  const first = await send(holdfast.ports.smtp);
  await server.kill9();
  await pause(AWAY_MS);
  assert.deepEqual(await holdfast.pids(), before, 'while it is away');
  await server.start();
  await holdfast.ready();
  await pause(AFTERWARDS_MS);
  assert.deepEqual(await holdfast.pids(), before, 'when it is back');
  for (const id of [first, await send(holdfast.ports.smtp)]) await arrived(sink, id);
  await assertBalanced(holdfast, { accepted: 2, delivered: 2 });
});

test('M6: on a shared store the successor serves before the old process leaves', {
  skip: !LONG,
  timeout: 600_000,
}, async (t) => {
  await using server = orSkip(t, await startPostgres({ version: 18 }));
  if (server === undefined) return;
  await using sink = await startSink();
  const settings = `${settingsFor(sink)}\nstore: ${await server.createDatabase()}`;
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES });
  const pid = await pidOf(holdfast, 'gate+deliver');
  const mails: string[] = [];
  let longestMs = 0;
  holdfast.reload();
  while (runs(pid)) {
    const began = performance.now();
    mails.push(await send(holdfast.ports.smtp));
    longestMs = Math.max(longestMs, performance.now() - began);
  }
  t.diagnostic(`${mails.length} mails, the longest took ${Math.round(longestMs)} ms`);
  for (const id of mails) await arrived(sink, id);
  await eventually('all have changed over', () => holdfast.output.includes('steward.settings-reloaded'));
  await assertBalanced(holdfast, { accepted: mails.length, delivered: mails.length });
});
