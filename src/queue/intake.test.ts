import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ArrivedMail, Fault, type IncarnationId, NotBegun, within } from '#/model/index.ts';
import { overriding, QueueBench } from '#/testkit/index.ts';
import { QUEUE_DEFAULTS } from './index.ts';

test('H3: nothing is attempted before its acceptance is durable', async () => {
  let commit: () => void = () => undefined;
  await using bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        accept: async (mails, claimFor, call) => {
          await new Promise<void>((resolve) => {
            commit = resolve;
          });
          await store.accept(mails, claimFor, call);
        },
      }),
  });
  const accepting = bench.accept();
  await bench.clock.advance(1_000, 100);
  assert.equal(bench.deliverer.attempted.length, 0);
  commit();
  await accepting;
  assert.equal(bench.deliverer.attempted.length, 1);
});

test('H3: mail to several destinations becomes one claim for each, and its held recipients none', async () => {
  await using bench = await QueueBench.start();
  const to = ['a@one.test', 'b@two.test', 'c@one.test'];
  const mail = await bench.accept({ to, destination: ['mx:one.test', 'mx:two.test', 'mx:one.test'] });
  const held = await bench.accept({ held: 'outbound off' });
  await bench.clock.advance(100, 10);
  const shapes = bench.deliverer.attempted.map(({ destination, recipients }) => [destination, recipients.length]);
  assert.deepEqual(shapes, [
    ['mx:one.test', 2],
    ['mx:two.test', 1],
  ]);
  assert.deepEqual(await bench.states(mail.id), ['delivered', 'delivered', 'delivered']);
  assert.deepEqual(await bench.states(held.id), ['held']);
});

/** A store that answers too late: once in time, `turnsUp` ms after the answer, or never. */
function lateStore(bench: () => QueueBench, comes: 'after' | 'never') {
  let broken = true;
  return {
    mend: () => {
      broken = false;
    },
    damage: () => {
      broken = true;
    },
    wrap: (store: QueueBench['custody']) =>
      overriding(store, {
        accept: async (mails: readonly ArrivedMail[], claimFor: IncarnationId | null) => {
          if (!broken) return store.accept(mails, claimFor, within(30_000));
          if (comes === 'after') {
            void bench()
              .clock.sleep(500)
              .then(() => store.accept(mails, claimFor, within(30_000)));
          }
          throw new Fault('call.late');
        },
      }),
  };
}

test('H3: a commit that turns up after its 451 is withdrawn, and the mail that the sender sends again is delivered once', async () => {
  const late = lateStore(() => bench, 'after');
  await using bench: QueueBench = await QueueBench.start({ wrap: late.wrap });
  await assert.rejects(bench.accept({ subject: 'first' }), { code: 'call.late' });
  late.mend();
  await bench.clock.advance(100, 10);
  const again = await bench.accept({ subject: 'again' });
  await bench.clock.advance(5_000, 100);
  const traces = await bench.store.trace({}, 10, within(30_000));
  assert.deepEqual(
    traces.map(({ subject, recipients }) => [subject, recipients[0]?.state]),
    [
      ['again', 'delivered'],
      ['first', 'discarded'],
    ],
  );
  assert.deepEqual(
    bench.deliverer.attempted.map(({ mail }) => mail.id),
    [again.id],
  );
  assert.equal(await bench.balanced(), true);
});

test('H3: a late commit of mail that nobody had claimed is withdrawn before it is delivered', async () => {
  const late = lateStore(() => bench, 'after');
  await using bench: QueueBench = await QueueBench.start({ wrap: late.wrap });
  bench.deliverer.manners.set('mx:partner.test', 'refuses');
  late.mend();
  const first = await bench.accept();
  await bench.clock.advance(100, 50);
  // The destination is closed now: acceptance leaves the mail to the store.
  late.damage();
  await assert.rejects(bench.accept({ subject: 'late' }), { code: 'call.late' });
  bench.deliverer.manners.set('mx:partner.test', 'takes');
  await bench.clock.advance(10_000, 100);
  assert.deepEqual(await bench.states(first.id), ['delivered']);
  const [trace] = await bench.store.trace({ subject: 'late' }, 1, within(30_000));
  assert.equal(trace?.recipients[0]?.state, 'discarded');
  assert.equal(bench.deliverer.deliveredAt.size, 1);
});

test('H3: a late commit that comes up with the backlog is withdrawn there', async () => {
  const late = lateStore(() => bench, 'after');
  await using bench: QueueBench = await QueueBench.start({
    // The search by name finds nothing, as from a store whose answers are late too.
    wrap: (store) =>
      overriding(late.wrap(store), {
        claim: (request, worker, call) =>
          request.kind === 'named' ? Promise.reject(new Fault('call.late')) : store.claim(request, worker, call),
      }),
  });
  bench.deliverer.manners.set('mx:partner.test', 'refuses');
  late.mend();
  const first = await bench.accept();
  await bench.clock.advance(100, 50);
  // The destination is closed now: acceptance leaves the mail to the store.
  late.damage();
  await assert.rejects(bench.accept({ subject: 'late' }), { code: 'call.late' });
  bench.deliverer.manners.set('mx:partner.test', 'takes');
  await bench.clock.advance(10_000, 100);
  assert.deepEqual(await bench.states(first.id), ['delivered']);
  const [trace] = await bench.store.trace({ subject: 'late' }, 1, within(30_000));
  assert.equal(trace?.recipients[0]?.state, 'discarded');
  assert.equal(bench.deliverer.deliveredAt.size, 1);
});

test('H3: a commit that never came is forgotten after a minute', async () => {
  const late = lateStore(() => bench, 'never');
  await using bench: QueueBench = await QueueBench.start({ wrap: late.wrap });
  await assert.rejects(bench.accept(), { code: 'call.late' });
  await bench.clock.advance(70_000, 500);
  assert.equal(bench.count('queue.commit_never_came'), 1);
});

test('M3: acceptance whose commit failed leaves its room in memory to others', async () => {
  const late = lateStore(() => bench, 'never');
  await using bench: QueueBench = await QueueBench.start({ wrap: late.wrap });
  for (let i = 0; i < 5; i++) await assert.rejects(bench.accept());
  assert.equal(
    bench.queue.destinations().reduce((sum, { inMemory }) => sum + inMemory, 0),
    0,
  );
});

test('B3: a store that fails three times in a row closes the door for a moment, then is tried again', async () => {
  const late = lateStore(() => bench, 'never');
  await using bench: QueueBench = await QueueBench.start({ wrap: late.wrap });
  for (let i = 0; i < 3; i++) await assert.rejects(bench.accept());
  assert.deepEqual(bench.queue.intake.room(), { open: false, why: 'store' });
  await bench.clock.advance(1_500, 500);
  assert.deepEqual(bench.queue.intake.room(), { open: true });
});

test('M3: accepting stops at the disk reserve and resumes only when clearly more is free', async () => {
  await using bench = await QueueBench.start();
  await bench.clock.advance(1_000);
  assert.deepEqual(bench.queue.intake.room(), { open: true });
  bench.free = 100 * 2 ** 20;
  await bench.clock.advance(2_000);
  assert.deepEqual(bench.queue.intake.room(), { open: false, why: 'disk' });
  bench.free = 257 * 2 ** 20;
  await bench.clock.advance(2_000);
  assert.deepEqual(bench.queue.intake.room(), { open: false, why: 'disk' });
  bench.free = 400 * 2 ** 20;
  await bench.clock.advance(2_000);
  assert.deepEqual(bench.queue.intake.room(), { open: true });
});

test('H3: an outcome that the store can not take is repeated until it can, and recorded once', async () => {
  let failures = 5;
  await using bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        settle: async (settlement, worker, call) => {
          if (failures-- > 0) throw new Fault('store.unavailable');
          return store.settle(settlement, worker, call);
        },
      }),
  });
  const mail = await bench.accept();
  await bench.clock.advance(20_000, 100);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
  assert.equal(bench.deliverer.attempted.length, 1);
});

test('B3: while outcomes pile up before a store that is away, nothing new is attempted', async () => {
  let away = true;
  await using bench = new QueueBench({
    settings: { lanes: { ...QUEUE_DEFAULTS.lanes, unsettledMax: 100 } },
    wrap: (store) =>
      overriding(store, {
        settle: async (settlement, worker, call) => {
          if (away) throw new Fault('store.unavailable');
          return store.settle(settlement, worker, call);
        },
      }),
  });
  await bench.backlog(300);
  bench.deliverer.workMs = 1;
  await bench.start();
  await bench.clock.advance(5_000, 50);
  const attempted = bench.deliverer.attempted.length;
  assert.ok(attempted >= 90 && attempted <= 120, `${attempted} attempts`);
  away = false;
  await bench.clock.advance(15_000, 50);
  assert.equal(bench.deliverer.deliveredAt.size, 300);
  assert.equal(bench.deliverer.attempted.length, 300);
});

test('H3: what waits in memory is given back when the queue ends, and nothing is marked as possibly served twice', async () => {
  await using bench = await QueueBench.start();
  bench.deliverer.workMs = 1_000;
  const mails = [];
  for (let i = 0; i < 50; i++) mails.push(await bench.accept());
  await bench.stop();
  const traces = await bench.store.trace({}, 100, within(30_000));
  assert.equal(traces.length, 50);
  for (const { recipients } of traces) {
    assert.equal(recipients[0]?.possiblyDuplicate, false);
    assert.ok(recipients[0]?.state === 'delivered' || recipients[0]?.state === 'queued');
  }
  const free = (await bench.store.depth(within(30_000))).reduce((sum, { waiting }) => sum + waiting, 0);
  assert.equal(free, traces.filter(({ recipients }) => recipients[0]?.state === 'queued').length);
  assert.equal((await bench.store.beats(within(30_000))).length, 0);
});

test('B3: the door is open as soon as a store is back that began nothing while it was away, however many were refused', async () => {
  let away = true;
  await using bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        accept: async (mails, claimFor, call) => {
          if (away) throw new NotBegun('store.unavailable');
          await store.accept(mails, claimFor, call);
        },
      }),
  });
  for (let refused = 0; refused < 10_001; refused++) await assert.rejects(bench.accept());
  away = false;
  await bench.clock.advance(2_000, 500);
  assert.deepEqual(bench.queue.intake.room(), { open: true });
  await bench.accept();
});
