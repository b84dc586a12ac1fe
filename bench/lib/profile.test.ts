/** Profiles, read from ones that Node has just written. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { nowMicros, profilingEnvironment, readProfiles } from './profile.ts';
import { threadCosts, threadTimesOf } from './thread-cost.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'holdfast-profile-'));
after(() => rmSync(folder, { recursive: true }));

const PROGRAM = `
const { isMainThread, Worker } = require('node:worker_threads');
function burn(sum) { for (let i = 0; i < 5e7; i++) sum = (sum + i) % 7; return sum; }
function dawdle() { return burn(1); }
globalThis.kept = dawdle();
if (isMainThread) new Worker(__filename);
console.log(process.pid);
`;

test('design 8: a profile names the function that took the time, and its caller, for each thread', async () => {
  const program = join(folder, 'program.cjs');
  writeFileSync(program, PROGRAM);
  const from = nowMicros();
  const env = { ...process.env, ...profilingEnvironment(folder) };
  const { stdout } = await run(process.execPath, [program], { env, timeout: 30_000 });
  const profiles = readProfiles(folder, Number.parseInt(stdout, 10), [[from, nowMicros()]]);
  assert.equal(profiles.length, 2);
  for (const { top } of profiles) {
    assert.match(top[0]?.name ?? '', /^burn /);
    assert.match(top[0]?.callers[0] ?? '', /dawdle/);
  }
});

test('design 8: what happened outside of the measured time is no part of a profile', () => {
  const pid = readdirSync(folder)
    .find((file) => file.endsWith('.cpuprofile'))
    ?.split('.')[3];
  const profiles = readProfiles(folder, Number(pid), [[0, 1]]);
  assert.deepEqual(
    profiles.map(({ busyMs }) => busyMs),
    [0, 0],
  );
});

test('design 8: CPU is told by thread, and only what was spent between two looks', () => {
  const before = threadTimesOf(process.pid);
  const spin = process.cpuUsage();
  while (process.cpuUsage(spin).user < 100_000);
  const costs = threadCosts(before, threadTimesOf(process.pid));
  const main = [...costs].find(([name]) => name.endsWith(': main'))?.[1] ?? 0;
  assert.ok(main > 0.05, `${main} s`);
  assert.deepEqual(
    [...threadCosts(before, before).values()].filter((seconds) => seconds > 0),
    [],
  );
});
