import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FakeClock, FakeLog } from '#/testkit/index.ts';
import { isCalm, POOL_DEFAULTS, Pool, type PoolMember, type WorkerLook, workersWanted } from './index.ts';

const SETTINGS = { ...POOL_DEFAULTS, min: 1, max: 4 };
const IDLE: WorkerLook = { fault: null, load: 0, oldestMs: 0 };
const PRESSED: WorkerLook = { fault: null, load: 1, oldestMs: 9_000 };

/** A worker that says what the test wants, and is replaced when it is given up. */
class ScriptedWorker implements PoolMember {
  pid: number;
  state = 'running';
  says: WorkerLook | null;
  readonly givenUp: string[] = [];
  #ended = Promise.withResolvers<void>();

  constructor(number: number, says: WorkerLook) {
    this.pid = number * 100;
    this.says = says;
  }

  look(): Promise<WorkerLook> {
    return this.says === null ? new Promise(() => {}) : Promise.resolve(this.says);
  }

  giveUp(pid: number, why: string): void {
    assert.equal(pid, this.pid);
    this.givenUp.push(why);
    this.pid += 1;
    this.says = IDLE;
  }

  stop(): Promise<void> {
    this.state = 'draining';
    return this.#ended.promise;
  }

  end(): void {
    this.state = 'ended';
    this.#ended.resolve();
  }
}

class Bench implements AsyncDisposable {
  readonly clock = new FakeClock();
  readonly workers: ScriptedWorker[] = [];
  readonly pool: Pool;
  says = IDLE;

  constructor() {
    const start = (number: number): PoolMember => {
      const worker = new ScriptedWorker(number, this.says);
      this.workers.push(worker);
      return worker;
    };
    this.pool = new Pool(SETTINGS, { clock: this.clock, log: new FakeLog(), start });
  }

  all(says: WorkerLook): void {
    this.says = says;
    for (const worker of this.workers) worker.says = says;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const worker of this.workers) worker.end();
    const ending = this.pool[Symbol.asyncDispose]();
    await this.clock.advance(2_000);
    await ending;
  }
}

test('H10: workers are added one by one while the oldest mail waits too long, as many as there may be', async () => {
  await using bench = new Bench();
  assert.equal(bench.pool.members.length, 1);
  bench.all(PRESSED);
  await bench.clock.advance(30_000);
  assert.equal(bench.pool.members.length, 4);
  await bench.clock.advance(60_000);
  assert.equal(bench.workers.length, 4);
});

test('H10: one that is too many drains, and another one is not stopped before it was calm again for as long', async () => {
  await using bench = new Bench();
  bench.all(PRESSED);
  await bench.clock.advance(30_000);
  bench.all(IDLE);
  await bench.clock.advance(SETTINGS.calmMs / 2);
  assert.equal(bench.pool.members.length, 4);
  await bench.clock.advance(SETTINGS.calmMs);
  assert.equal(bench.pool.members.length, 3);
  assert.deepEqual(
    bench.workers.map(({ state }) => state),
    ['running', 'running', 'running', 'draining'],
  );
  await bench.clock.advance(10 * SETTINGS.calmMs);
  assert.equal(bench.pool.members.length, 1);
});

test('H10: a worker with a wrong answer is given up at once, one without an answer when its time is over', async () => {
  await using bench = new Bench();
  const [worker] = bench.workers;
  assert.ok(worker);
  await bench.clock.advance(3_000);
  worker.says = { ...IDLE, fault: 'a probe that should have ended in hold ended in pass' };
  await bench.clock.advance(3_000);
  assert.deepEqual(worker.givenUp, ['a probe that should have ended in hold ended in pass']);
  await bench.clock.advance(3_000);
  worker.says = null;
  await bench.clock.advance(SETTINGS.answerMs - 3_000);
  assert.equal(worker.givenUp.length, 1);
  await bench.clock.advance(6_000);
  assert.equal(worker.givenUp.length, 2);
});

test('H10: one that has not answered yet since its start is left alone', async () => {
  await using bench = new Bench();
  const [worker] = bench.workers;
  assert.ok(worker);
  worker.says = null;
  await bench.clock.advance(60_000);
  assert.deepEqual(worker.givenUp, []);
});

test('H10: workers of which nobody knows how old their work is are neither given up, nor added to, nor stopped', async () => {
  await using bench = new Bench();
  bench.all(PRESSED);
  await bench.clock.advance(4_000);
  bench.all({ ...IDLE, oldestMs: null });
  await bench.clock.advance(3_000);
  const { length } = bench.pool.members;
  assert.ok(length > 1 && length < SETTINGS.max);
  await bench.clock.advance(3 * SETTINGS.calmMs);
  assert.equal(bench.pool.members.length, length);
  assert.ok(bench.workers.every(({ givenUp, state }) => givenUp.length === 0 && state === 'running'));
});

test('H10: time in which the steward slept makes nobody late', async () => {
  await using bench = new Bench();
  await bench.clock.advance(3_000);
  const [worker] = bench.workers;
  assert.ok(worker);
  worker.says = null;
  await bench.clock.advance(600_000, 600_000);
  assert.deepEqual(worker.givenUp, []);
});

test('H10: the number of workers stays within its bounds and moves by one; who would be missed at once is not stopped', () => {
  const load = fc.double({ min: 0, max: 1, noNaN: true });
  const look = fc.record({ fault: fc.constant(null), load, oldestMs: fc.nat(20_000) });
  const looked = fc.array(look, { maxLength: 4 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4 }), looked, fc.nat(200_000), (running, looks, calmMs) => {
      const wanted = workersWanted(running, looks, { sinceStepMs: 1e9, calmMs }, SETTINGS);
      assert.ok(wanted >= SETTINGS.min && wanted <= SETTINGS.max && Math.abs(wanted - running) <= 1);
      if (!isCalm(running, looks, SETTINGS)) return;
      const loads = looks.reduce((sum, one) => sum + one.load, 0);
      assert.ok(loads / (running - 1) < SETTINGS.growLoad);
    }),
  );
});
