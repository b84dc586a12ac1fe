import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Incarnation, within } from '#/model/index.ts';
import { openMemoryCustody } from '#/store/memory/index.ts';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import { newIncarnation } from './incarnation.ts';
import { registerWorker } from './workers.ts';

/** A data directory, its custody, and workers that are written down in both. */
function bench() {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-workers-'));
  const custody = openMemoryCustody({ clock: new FakeClock() });
  const log = new FakeLog();
  const register = async (incarnation: Incarnation, alone = false) => {
    const registered = await registerWorker(data, { custody, log, incarnation, alone });
    await custody.enlist(incarnation, within(30_000));
    return registered;
  };
  const enlisted = async () => (await custody.beats(within(30_000))).map(({ incarnation }) => incarnation.role).sort();
  const close = () => rmSync(data, { recursive: true });
  return { data, custody, register, enlisted, [Symbol.dispose]: close };
}

/** A process that lives until the test says. */
async function somebody(): Promise<{ readonly pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return {
    pid: child.pid ?? 0,
    end: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

function worker(role: string, pid: number): Incarnation {
  return { ...newIncarnation(role, 1), id: `here/${role}/${pid}/1` as Incarnation['id'], pid };
}

test('H5: who died is declared dead by the next one that starts, who lives is not', async () => {
  using here = bench();
  const [one, two] = [await somebody(), await somebody()];
  await here.register(worker('deliver', one.pid));
  await here.register(worker('gate', two.pid));
  await one.end();
  await using _ = await here.register(worker('janitor', process.pid));
  assert.deepEqual(await here.enlisted(), ['gate', 'janitor']);
  await two.end();
});

test('H5: in a shared store a worker of another host is left alone; in one of our own nobody is unknown', async () => {
  using here = bench();
  await here.custody.enlist(worker('elsewhere', 1), within(30_000));
  const living = await somebody();
  await here.register(worker('deliver', living.pid));
  await using _ = await here.register(worker('gate', process.pid));
  assert.deepEqual(await here.enlisted(), ['deliver', 'elsewhere', 'gate']);
  await using __ = await here.register(worker('owner', process.pid), true);
  assert.deepEqual(await here.enlisted(), ['deliver', 'gate', 'owner']);
  await living.end();
});

test('H5: a number that another process has meanwhile is not taken for the dead one', {
  skip: process.platform !== 'linux',
}, async () => {
  using here = bench();
  const dead = await somebody();
  await here.register(worker('deliver', dead.pid));
  await dead.end();
  const [file = ''] = readdirSync(join(here.data, 'workers'));
  const { readFile, writeFile } = await import('node:fs/promises');
  const place = join(here.data, 'workers', file);
  await writeFile(place, (await readFile(place, 'utf8')).replace(`"pid":${dead.pid}`, `"pid":${process.pid}`));
  await using _ = await here.register(worker('gate', process.pid));
  assert.deepEqual(await here.enlisted(), ['gate']);
});

test('H5: who ends in order takes its name away', async () => {
  using here = bench();
  const registered = await here.register(worker('gate', process.pid));
  await registered[Symbol.asyncDispose]();
  assert.deepEqual(readdirSync(join(here.data, 'workers')), []);
});
