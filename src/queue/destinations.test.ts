import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueBench } from '#/testkit/index.ts';
import { QUEUE_DEFAULTS } from './index.ts';

const ROUTE = 'route:relay.test:25';

function stateOf(bench: QueueBench, key: string): string | undefined {
  return bench.queue.destinations().find(({ destination }) => destination === key)?.state;
}

test('M5: a destination that refuses is closed as a whole; what waits is given back unattempted', async () => {
  await using bench = await QueueBench.start();
  bench.deliverer.manners.set(ROUTE, 'refuses');
  const mails = await bench.backlog(500, { destination: ROUTE });
  await bench.clock.advance(5_000, 100);
  assert.notEqual(stateOf(bench, ROUTE), 'open');
  assert.ok(bench.deliverer.attempted.length < 30, `${bench.deliverer.attempted.length} attempts`);
  const [depth] = bench.queue.depth();
  assert.ok((depth?.waiting ?? 0) >= 490);
  const tried = await bench.store.queue({}, null, 1_000, { deadlineAt: Number.POSITIVE_INFINITY });
  const untouched = tried.items.filter(({ recipients }) => recipients.every(({ attempts }) => attempts === 0));
  assert.ok(untouched.length >= mails.length - 30);
});

test('M5: a closed route is probed once a second, and drains within two seconds of its return, all tenants at once', async () => {
  await using bench = await QueueBench.start();
  bench.deliverer.manners.set(ROUTE, 'refuses');
  for (const tenant of ['a', 'b', 'c']) await bench.backlog(200, { destination: ROUTE, tenant });
  await bench.clock.advance(60_000, 50);
  const gaps = bench.deliverer.probes.slice(1).map((at, i) => at - (bench.deliverer.probes[i] ?? 0));
  assert.ok(gaps.length >= 45 && gaps.length <= 60, `${gaps.length} probes in a minute`);
  assert.ok(Math.min(...gaps) >= 900);
  bench.deliverer.attempted.length = 0;
  bench.deliverer.manners.set(ROUTE, 'takes');
  await bench.clock.advance(2_000, 10);
  assert.equal(stateOf(bench, ROUTE), 'open');
  assert.ok(bench.deliverer.deliveredAt.size >= 30, `${bench.deliverer.deliveredAt.size} delivered`);
  const tenants = new Set(bench.deliverer.attempted.slice(0, 60).map(({ mail }) => mail.tenant as string));
  assert.deepEqual([...tenants].sort(), ['a', 'b', 'c']);
  await bench.clock.advance(20_000, 10);
  assert.equal(bench.deliverer.deliveredAt.size, 600);
  assert.equal(await bench.balanced(), true);
});

test('M5: mail that was deferred before a destination closed goes when it opens, not when its own time comes', async () => {
  await using bench = await QueueBench.start();
  bench.deliverer.manners.set(ROUTE, 'refuses');
  const mail = await bench.accept({ destination: ROUTE });
  await bench.clock.advance(20_000, 100);
  assert.deepEqual(await bench.states(mail.id), ['deferred']);
  bench.deliverer.manners.set(ROUTE, 'takes');
  await bench.clock.advance(2_500, 100);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
});

test('M5: catching up after an opening does not try again what was deferred since', async () => {
  const lanes = { ...QUEUE_DEFAULTS.lanes, batch: 5, lowWater: 5 };
  await using bench = await QueueBench.start({ settings: { lanes } });
  bench.deliverer.manners.set(ROUTE, 'refuses');
  await bench.backlog(20, { destination: ROUTE });
  // Older than fresh mail, so that it comes by small batches.
  await bench.clock.advance(70_000, 500);
  bench.deliverer.attempted.length = 0;
  bench.deliverer.manners.set(ROUTE, 'defers');
  await bench.clock.advance(20_000, 100);
  assert.equal(stateOf(bench, ROUTE), 'open');
  const attempts = new Map<string, number>();
  for (const { mail } of bench.deliverer.attempted) attempts.set(mail.id, (attempts.get(mail.id) ?? 0) + 1);
  assert.equal(attempts.size, 20);
  assert.deepEqual(new Set(attempts.values()), new Set([1]));
});

test('H4: a probe that fails again and again does not wear out the retry table of its mail', async () => {
  await using bench = await QueueBench.start();
  bench.deliverer.manners.set(ROUTE, 'refuses');
  const mail = await bench.accept({ destination: ROUTE });
  await bench.clock.advance(120_000, 100);
  const [trace] = await bench.store.trace({ ids: [mail.id] }, 1, { deadlineAt: Number.POSITIVE_INFINITY });
  assert.ok(bench.deliverer.probes.length > 60);
  assert.ok((trace?.recipients[0]?.attempts ?? 99) <= 2);
  assert.ok((trace?.events.length ?? 99) <= 4);
});

test('M5: MX hosts that stay down are probed less and less often', async () => {
  await using bench = await QueueBench.start();
  bench.deliverer.manners.set('mx:partner.test', 'refuses');
  await bench.backlog(10);
  await bench.clock.advance(300_000, 250);
  const { probes } = bench.deliverer;
  assert.ok(probes.length >= 6 && probes.length <= 20, `${probes.length} probes in five minutes`);
});

test('M5: a connection refused while others stand is a wish for fewer, not the end', async () => {
  await using bench = await QueueBench.start();
  await bench.accept();
  await bench.clock.advance(1_000, 100);
  bench.deliverer.workMs = 2_000;
  await bench.accept();
  await bench.clock.advance(100, 100);
  bench.deliverer.manners.set('mx:partner.test', 'refuses');
  await bench.accept();
  assert.equal(bench.deliverer.attempted.length, 3);
  assert.equal(stateOf(bench, 'mx:partner.test'), 'open');
});

test('M5: connections to a destination grow with success and stay below its bound', async () => {
  const flow = { ...QUEUE_DEFAULTS.flow, initial: 2, mxMax: 8 };
  await using bench = new QueueBench({ settings: { flow } });
  bench.deliverer.workMs = 100;
  await bench.backlog(300);
  await bench.start();
  await bench.clock.advance(10_000, 50);
  const most = bench.deliverer.connectionsMax.get('mx:partner.test') ?? 0;
  assert.equal(most, 8);
});

test('B3: connections in all are bounded, and those that work get room beside those that hang', async () => {
  const flow = { ...QUEUE_DEFAULTS.flow, totalMax: 20 };
  await using bench = await QueueBench.start({ settings: { flow } });
  await bench.accept({ destination: 'mx:works.test' });
  await bench.clock.advance(100, 10);
  for (let i = 0; i < 10; i++) {
    bench.deliverer.manners.set(`mx:hangs${i}.test`, 'hangs');
    await bench.backlog(10, { destination: `mx:hangs${i}.test` });
  }
  await bench.clock.advance(3_000, 100);
  const open = bench.queue.destinations().reduce((sum, { connections }) => sum + connections, 0);
  assert.ok(open <= 20, `${open} connections`);
  const mail = await bench.accept({ destination: 'mx:works.test' });
  await bench.clock.advance(20, 10);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
});

test('M5: with all connections in use, a destination whose work never ends makes room for one that waits', async () => {
  const flow = { ...QUEUE_DEFAULTS.flow, totalMax: 2, unprovenShare: 1 };
  await using bench = await QueueBench.start({ settings: { flow } });
  await bench.backlog(1_500, { destination: 'mx:busy.test' });
  await bench.clock.advance(2_000, 10);
  const mail = await bench.accept({ destination: 'mx:waits.test' });
  await bench.clock.advance(2_000, 10);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
  assert.ok(bench.deliverer.deliveredAt.size < 1_500, 'the busy one was done before');
});
