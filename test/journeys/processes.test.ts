/** Roles in processes of their own on one embedded store: any of them may die, be stuck or be replaced, and the others go on. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually, Holdfast, kill } from '../support/holdfast.ts';
import { makeHungDisk } from '../support/hung-disk.ts';
import { orSkip } from '../support/or-skip.ts';
import { startSink } from '../support/sink.ts';
import { arrived, assertBalanced, pidOf, RESOURCES, runs, send, settingsFor } from '../support/steward-kit.ts';

test('design 3: gate, deliver and janitor in processes of their own; each may be killed, and all mail arrives once', async () => {
  await using sink = await startSink();
  const settings = `${settingsFor(sink)}\nroles: [gate, deliver, janitor]`;
  await using holdfast = await Holdfast.start({ settings, resources: RESOURCES });
  assert.deepEqual([...(await holdfast.pids()).keys()].sort(), ['deliver', 'gate', 'janitor']);
  await arrived(sink, await send(holdfast.ports.smtp));
  const mails: string[] = [];
  for (const role of ['gate', 'deliver', 'gate', 'janitor']) {
    await sink.down();
    mails.push(await send(holdfast.ports.smtp), await send(holdfast.ports.smtp));
    const pid = await pidOf(holdfast, role);
    assert.ok(kill(pid));
    mails.push(await send(holdfast.ports.smtp));
    await sink.up();
    await eventually(`${role} runs again`, async () => ((await holdfast.pids()).get(role) ?? pid) !== pid);
  }
  for (const id of mails) await arrived(sink, id);
  await holdfast.ready();
  await eventually('the queue is empty', async () => (await holdfast.json<unknown[]>('queue', 'list')).length === 0);
  await assertBalanced(holdfast, { accepted: 13, delivered: 13 });
  for (const [mail, times] of sink.taken) assert.equal(times, 1, `${mail} came ${times} times`);
});

test('B7 H10: a process whose event loop is blocked is replaced, one that is stopped as well, and mail goes on', async (t) => {
  await using sink = await startSink();
  await sink.down();
  const env = { HOLDFAST_CHAOS: '1' };
  await using holdfast = await Holdfast.start({ settings: settingsFor(sink), resources: RESOURCES, env });
  const waits = await send(holdfast.ports.smtp);
  const [blocked, stopped] = [await pidOf(holdfast, 'gate+deliver'), await pidOf(holdfast, 'janitor')];
  const began = performance.now();
  process.kill(blocked, 'SIGUSR2');
  process.kill(stopped, 'SIGSTOP');
  const meanwhile = send(holdfast.ports.smtp);
  await eventually('both are given up', () => !runs(blocked) && !runs(stopped), 90_000);
  t.diagnostic(`given up after ${Math.round(performance.now() - began)} ms`);
  await sink.up();
  for (const id of [waits, await meanwhile]) await arrived(sink, id);
  await holdfast.ready();
  for (const role of ['gate+deliver', 'janitor'])
    assert.equal(await holdfast.metric('holdfast_steward_stuck', `child="${role}"`), 1);
  await assertBalanced(holdfast, { accepted: 2, delivered: 2 });
});

test('B7 H10: a process whose store hangs in the disk while its event loop lives is replaced within the bound, and mail goes on', async (t) => {
  await using disk = orSkip(t, await makeHungDisk());
  if (disk === undefined) return;
  await using sink = await startSink();
  await using holdfast = await Holdfast.start({ settings: settingsFor(sink), resources: RESOURCES, env: disk.env });
  await arrived(sink, await send(holdfast.ports.smtp));
  const pid = await pidOf(holdfast, 'gate+deliver');
  const began = performance.now();
  await disk.hang(pid);
  // Its event loop answers all the while; only what needs the disk does not.
  assert.equal((await holdfast.admin('/livez')).status, 200);
  await eventually('it is given up', () => !runs(pid), 90_000);
  t.diagnostic(`given up after ${Math.round(performance.now() - began)} ms`);
  await arrived(sink, await send(holdfast.ports.smtp));
  await holdfast.ready();
  assert.match(holdfast.output, /steward\.child-stuck[^\n]*heartbeat/);
  assert.equal(await holdfast.metric('holdfast_steward_stuck', 'child="gate+deliver"'), 1);
  await assertBalanced(holdfast, { accepted: 2, delivered: 2 });
});

test('M6: a planned replacement refuses no connection and loses no mail', async (t) => {
  await using sink = await startSink();
  await using holdfast = await Holdfast.start({ settings: settingsFor(sink), resources: RESOURCES });
  const pid = await pidOf(holdfast, 'gate+deliver');
  const mails: string[] = [];
  let longestMs = 0;
  let replaced = false;
  const sending = (async () => {
    for (let after = 0; after < 5; after += replaced ? 1 : 0) {
      const began = performance.now();
      mails.push(await send(holdfast.ports.smtp));
      longestMs = Math.max(longestMs, performance.now() - began);
    }
  })();
  holdfast.reload();
  await eventually('a new process has taken over', () => !runs(pid));
  replaced = true;
  await sending;
  t.diagnostic(`${mails.length} mails, the longest took ${Math.round(longestMs)} ms`);
  for (const id of mails) await arrived(sink, id);
  await holdfast.ready();
  await assertBalanced(holdfast, { accepted: mails.length, delivered: mails.length });
  assert.equal(await holdfast.metric('holdfast_steward_restarts', 'child="gate+deliver"'), 0);
});
