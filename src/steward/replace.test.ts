import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Clock } from '#/ports/index.ts';
import { FakeLog, until } from '#/testkit/index.ts';
import { Child, type LifeSlot, type Pulse, RESTART_DEFAULTS } from './index.ts';

const clock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => new Promise((done) => setTimeout(done, Math.min(ms, 20))),
};

/** A role whose processes say that they stand by a file of their slot. */
class Role implements AsyncDisposable {
  readonly log = new FakeLog();
  readonly #folder = mkdtempSync(join(tmpdir(), 'holdfast-child-'));
  readonly child: Child;

  constructor(script: string) {
    const says = `require('node:fs').writeFileSync(process.env.FOLDER + '/' + process.env.HOLDFAST_SLOT, String(process.pid));`;
    const command = [process.execPath, '-e', `${script.replace('STAND', says)}\nsetInterval(() => {}, 1000);`];
    const times = { drainMs: 10_000, stuckDrainMs: 100, successorMs: 3_000, restart: RESTART_DEFAULTS };
    this.child = new Child(
      { role: 'test', command, env: { FOLDER: this.#folder }, sockets: [], ...times },
      { clock, log: this.log, ask: async (slot) => this.#pulse(slot) },
    );
  }

  #pulse(slot: LifeSlot): Pulse {
    const pid = Number(readFileSync(join(this.#folder, String(slot)), 'utf8'));
    return { pid, phase: 'waiting', loopDelayMs: 0, stillMs: 0 };
  }

  async stands(): Promise<number> {
    let pid = 0;
    await until(() => {
      try {
        pid = this.#pulse(this.child.slot).pid;
      } catch {
        return false;
      }
      return pid !== 0 && pid === this.child.pid;
    }, 'the process stands');
    return pid;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child.stop();
    rmSync(this.#folder, { recursive: true });
  }
}

function runs(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

test('B4: a successor stands before the old process is asked to leave, and is no restart', async () => {
  await using role = new Role(`process.on('SIGTERM', () => setTimeout(() => process.exit(0), 300)); STAND`);
  const first = await role.stands();
  assert.equal(await role.child.replace(), true);
  assert.ok(runs(first), 'it drains');
  await until(() => !runs(first), 'the old one has left');
  const second = await role.stands();
  assert.notEqual(second, first);
  assert.equal(await role.child.replace(), true);
  await until(() => !runs(second), 'the second has left');
  assert.notEqual(await role.stands(), second);
  assert.equal(role.child.restarts, 0);
});

test('B4: a successor that does not come to stand is given up, and what runs goes on', async () => {
  const scripts = [
    'if (process.env.HOLDFAST_SLOT === "1") process.exit(1); STAND',
    'if (process.env.HOLDFAST_SLOT === "0") STAND',
  ];
  for (const script of scripts) {
    await using role = new Role(script);
    const first = await role.stands();
    assert.equal(await role.child.replace(), false);
    assert.equal(role.child.pid, first);
    assert.ok(role.log.lines.some(({ event }) => event === 'steward.successor-failed'));
  }
});

test('B4: when the old process dies while its successor starts, the successor serves', async () => {
  await using role = new Role('setTimeout(() => { STAND }, process.env.HOLDFAST_SLOT === "1" ? 500 : 0);');
  const first = await role.stands();
  const replaced = role.child.replace();
  process.kill(first, 'SIGKILL');
  assert.equal(await replaced, true);
  assert.notEqual(await role.stands(), first);
  assert.equal(role.child.restarts, 0);
});

test('B7: one that is given up is killed though it can’t drain, counted, and started again', async () => {
  await using role = new Role('STAND');
  const first = await role.stands();
  process.kill(first, 'SIGSTOP');
  role.child.giveUp(first, 'it does not answer');
  role.child.giveUp(first, 'it does not answer');
  await until(() => !runs(first), 'it is gone');
  assert.notEqual(await role.stands(), first);
  assert.deepEqual([role.child.stuck, role.child.restarts], [1, 1]);
});
