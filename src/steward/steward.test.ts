import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Clock, Log } from '#/ports/index.ts';
import { Child, countEarlyEnds, createAdminServer, RESTART_DEFAULTS, Readiness, restartPauseMs } from './index.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((done) => {
      const timer = setTimeout(done, Math.min(ms, 20));
      signal?.addEventListener('abort', () => {
        clearTimeout(timer);
        done();
      });
    }),
};

function quietLog(events: string[]): Log {
  const note = (event: string) => void events.push(event);
  const log: Log = { info: note, warn: note, error: note, child: () => log };
  return log;
}

const NOBODY = (): Promise<never> => Promise.reject(new Error('nobody answers'));

function settings(script: string, more: Partial<ConstructorParameters<typeof Child>[0]> = {}) {
  const command = [process.execPath, '-e', script];
  const times = { drainMs: 5_000, stuckDrainMs: 200, successorMs: 5_000, restart: RESTART_DEFAULTS };
  return { role: 'test', command, env: {}, sockets: [], ...times, ...more };
}

async function until(ask: () => boolean): Promise<void> {
  while (!ask()) await new Promise((done) => setTimeout(done, 10));
}

test('B4: the pause before a restart doubles with each early end, is bounded, and is short again after a healthy run', () => {
  const pauses = [1, 2, 3, 20].map((ends) => restartPauseMs(ends, RESTART_DEFAULTS));
  assert.deepEqual(pauses, [100, 200, 400, 30_000]);
  assert.equal(countEarlyEnds(7, RESTART_DEFAULTS.healthyMs, RESTART_DEFAULTS), 1);
  assert.equal(countEarlyEnds(7, 10, RESTART_DEFAULTS), 8);
});

test('B4: a child that is killed is started again as another process', async () => {
  const events: string[] = [];
  const child = new Child(settings('setInterval(() => {}, 1000)'), { clock, log: quietLog(events), ask: NOBODY });
  await until(() => child.state === 'running');
  const first = child.pid;
  process.kill(first, 'SIGKILL');
  await until(() => child.state === 'running' && child.pid !== first);
  assert.equal(child.restarts, 1);
  assert.ok(events.includes('steward.child-died'));
  await child.stop();
  assert.equal(child.state, 'ended');
  assert.equal(child.pid, 0);
});

test('B4: a child that does not drain is killed after its deadline and not started again', async () => {
  const events: string[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-deaf-'));
  const heedless = join(folder, 'heedless');
  const says = `require("node:fs").writeFileSync(${JSON.stringify(heedless)}, "")`;
  const deaf = `process.on("SIGTERM", () => {}); ${says}; setInterval(() => {}, 1000)`;
  const child = new Child(settings(deaf, { drainMs: 300 }), { clock, log: quietLog(events), ask: NOBODY });
  await until(() => existsSync(heedless));
  await child.stop();
  await rm(folder, { recursive: true });
  assert.ok(events.includes('steward.child-killed'));
  assert.equal(child.restarts, 0);
});

test('B4: a child reads the end of its pipe when the steward is gone', async () => {
  const steward = `
    const { spawn } = require('node:child_process');
    const script = 'const fs = require("node:fs"); require("node:net").Socket; new (require("node:net").Socket)({ fd: 3 }).on("end", () => process.exit()).resume(); setInterval(() => {}, 1000); console.log(process.pid)';
    spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });`;
  const { spawn } = await import('node:child_process');
  const parent = spawn(process.execPath, ['-e', steward], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  parent.kill('SIGKILL');
  const alive = () => {
    try {
      return process.kill(Number(line.toString()), 0);
    } catch {
      return false;
    }
  };
  await until(() => !alive());
  parent.stdout.destroy();
});

test('M6: /readyz is 200 only when every role has proved itself, and says which has not', async () => {
  let broken = true;
  const proofs = new Map([
    ['gate', async () => {}],
    ['deliver', async () => (broken ? Promise.reject(new Error('its heartbeat is 9 s old')) : undefined)],
    ['stuck', async () => (broken ? new Promise<void>(() => {}) : undefined)],
  ]);
  const readiness = new Readiness(proofs, clock, { deadlineMs: 50, freshMs: 0 });
  const server = createAdminServer({ readiness, metrics: async () => 'a 1\n' });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const first = await fetch(`${url}/readyz`);
  assert.equal(first.status, 503);
  assert.deepEqual(await first.json(), {
    ready: false,
    roles: [
      { role: 'gate', ready: true, reason: '' },
      { role: 'deliver', ready: false, reason: 'its heartbeat is 9 s old' },
      { role: 'stuck', ready: false, reason: 'no answer in time' },
    ],
  });
  assert.equal((await fetch(`${url}/readyz?role=gate`)).status, 200);
  assert.equal((await fetch(`${url}/readyz?role=nobody`)).status, 404);
  broken = false;
  assert.equal((await fetch(`${url}/readyz`)).status, 200);
  assert.equal((await fetch(`${url}/livez`)).status, 200);
  assert.equal(await (await fetch(`${url}/metrics`)).text(), 'a 1\n');
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});
