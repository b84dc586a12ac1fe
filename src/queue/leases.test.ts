import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type IncarnationId, within } from '#/model/index.ts';
import { HERE, incarnationOf, overriding, QueueBench } from '#/testkit/index.ts';

const OTHER = 'host2/deliver/7/1' as IncarnationId;

test('H5: mail that a dead worker held is delivered within seconds, and marked as possibly served twice', async () => {
  await using bench = new QueueBench();
  await bench.store.enlist(incarnationOf(OTHER, bench.clock.now()), within(1_000));
  const mail = bench.mail();
  await bench.store.accept([mail], OTHER, within(1_000));
  await bench.start();
  await bench.clock.advance(8_000, 500);
  assert.equal(bench.deliverer.attempted.length, 0);
  await bench.clock.advance(7_000, 500);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
  const [trace] = await bench.store.trace({ ids: [mail.id] }, 1, within(1_000));
  assert.equal(trace?.recipients[0]?.possiblyDuplicate, true);
  assert.equal(bench.count('queue.worker_declared_dead'), 1);
});

test('H5: a worker whose heart beats keeps its mail', async () => {
  await using bench = new QueueBench();
  await bench.store.enlist(incarnationOf(OTHER, bench.clock.now()), within(1_000));
  await bench.store.accept([bench.mail()], OTHER, within(1_000));
  await bench.start();
  for (let i = 0; i < 30; i++) {
    await bench.store.beat(OTHER, within(1_000));
    await bench.clock.advance(2_000, 500);
  }
  assert.equal(bench.deliverer.attempted.length, 0);
});

test('H10: a watcher that slept itself does not take the others for dead', async () => {
  await using bench = new QueueBench();
  await bench.store.enlist(incarnationOf(OTHER, bench.clock.now()), within(1_000));
  await bench.start();
  await bench.clock.advance(2_000, 500);
  // Both processes were stopped for a minute; ours looks first.
  await bench.clock.advance(60_000, 60_000);
  await bench.clock.advance(1_000, 500);
  await bench.store.beat(OTHER, within(1_000));
  await bench.clock.advance(4_000, 500);
  assert.equal(bench.count('queue.worker_declared_dead'), 0);
});

test('H3: attempts stop once our own stored heartbeat is eight seconds old, and begin again when it is stored', async () => {
  let away = false;
  await using bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        beat: async (worker, call) => {
          if (away) throw new Fault('store.unavailable');
          return store.beat(worker, call);
        },
      }),
  });
  away = true;
  await bench.clock.advance(10_000, 500);
  assert.equal(bench.queue.work.mayAttempt(), false);
  assert.equal(bench.queue.alive(), false);
  const mail = await bench.accept();
  await bench.clock.advance(1_000, 500);
  assert.equal(bench.deliverer.attempted.length, 0);
  away = false;
  await bench.clock.advance(4_000, 500);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
});

test('H10: a process that was declared dead by another says so and must stop', async () => {
  await using bench = await QueueBench.start();
  await bench.store.retire(HERE, false, within(1_000));
  await bench.clock.advance(4_000, 500);
  assert.equal(bench.fatal.length >= 1, true);
  assert.match(bench.fatal[0] ?? '', /declared dead/);
});

test('H10: nobody is taken for dead because the store was away and took no heartbeat', async () => {
  let away = false;
  await using bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        beats: async (call) => {
          if (away) throw new Fault('store.unavailable');
          return store.beats(call);
        },
      }),
  });
  await bench.store.enlist(incarnationOf(OTHER, bench.clock.now()), within(1_000));
  await bench.clock.advance(2_000, 500);
  // It comes and goes, as a database that is failed over; the other one's heart finds it gone each time.
  for (let times = 0; times < 3; times++) {
    away = true;
    await bench.clock.advance(6_000, 500);
    away = false;
    await bench.clock.advance(2_500, 500);
  }
  await bench.store.beat(OTHER, within(1_000));
  await bench.clock.advance(2_000, 500);
  assert.equal(bench.count('queue.worker_declared_dead'), 0);
});

test('H10: nobody is taken for dead because a store that could be read took no heartbeat of anyone', async () => {
  let stuck = false;
  await using bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        beat: async (worker, call) => {
          if (stuck) throw new Fault('call.late');
          return store.beat(worker, call);
        },
      }),
  });
  await bench.store.enlist(incarnationOf(OTHER, bench.clock.now()), within(1_000));
  await bench.clock.advance(2_000, 500);
  stuck = true;
  await bench.clock.advance(30_000, 500);
  assert.equal(bench.count('queue.worker_declared_dead'), 0);
  stuck = false;
  await bench.store.beat(OTHER, within(1_000));
  await bench.clock.advance(4_000, 500);
  assert.equal(bench.count('queue.worker_declared_dead'), 0);
  await bench.clock.advance(12_000, 500);
  assert.equal(bench.count('queue.worker_declared_dead'), 1);
});
