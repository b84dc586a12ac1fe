import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueBench } from '#/testkit/index.ts';
import { QUEUE_DEFAULTS } from './index.ts';

test('M5: a tenant with one mail is not stuck behind a tenant with a thousand for the same destination', async () => {
  await using bench = await QueueBench.start();
  await bench.backlog(1_000, { tenant: 'big' });
  const [small] = await bench.backlog(1, { tenant: 'small' });
  await bench.clock.advance(60_000, 10);
  const order = bench.deliverer.attempted.map(({ mail }) => mail.tenant as string);
  assert.equal(order.length, 1_001);
  assert.ok(order.indexOf('small') < 100, `came as number ${order.indexOf('small')}`);
  assert.ok(small !== undefined && bench.deliverer.deliveredAt.has(small.id));
});

test('M5: while a backlog drains, fresh mail is attempted within a second', async () => {
  await using bench = new QueueBench();
  bench.deliverer.workMs = 200;
  await bench.backlog(2_000);
  await bench.clock.advance(61_000);
  await bench.start();
  await bench.clock.advance(3_000, 50);
  const waits: number[] = [];
  for (let i = 0; i < 10; i++) {
    const mail = await bench.accept();
    await bench.clock.advance(1_500, 50);
    waits.push((bench.deliverer.deliveredAt.get(mail.id) ?? Number.POSITIVE_INFINITY) - mail.receivedAt);
  }
  assert.ok(bench.deliverer.deliveredAt.size < 2_000, 'the backlog was gone before the test ended');
  assert.ok(bench.deliverer.deliveredAt.size > 500, 'the backlog did not drain');
  assert.ok(Math.max(...waits) <= 1_000, `waited ${Math.max(...waits)} ms`);
});

test('M5: while fresh mail floods a single connection, the backlog drains too', async () => {
  const flow = { ...QUEUE_DEFAULTS.flow, initial: 1, mxMax: 1 };
  await using bench = new QueueBench({ settings: { flow } });
  bench.deliverer.workMs = 100;
  const old = await bench.backlog(200);
  await bench.clock.advance(61_000);
  await bench.start();
  for (let i = 0; i < 200; i++) {
    await bench.accept();
    await bench.clock.advance(100, 100);
  }
  const done = old.filter(({ id }) => bench.deliverer.deliveredAt.has(id)).length;
  assert.ok(done >= 40 && done <= 60, `${done} of the backlog in 200 turns`);
});

test('M5: a destination that hangs, and one that refuses, slow no other', async () => {
  await using bench = await QueueBench.start();
  bench.deliverer.manners.set('mx:hangs.test', 'hangs');
  bench.deliverer.manners.set('mx:refuses.test', 'refuses');
  await bench.backlog(3_000, { destination: 'mx:hangs.test' });
  for (let i = 0; i < 500; i++) {
    await bench.accept({ destination: 'mx:hangs.test' });
    await bench.accept({ destination: 'mx:refuses.test' });
  }
  await bench.clock.advance(2_000, 100);
  const mail = await bench.accept({ destination: 'mx:works.test' });
  await bench.clock.advance(20, 10);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
});

test('M3: with a backlog that nobody takes, claims in memory stay bounded and mail is still accepted', async () => {
  const lanes = { ...QUEUE_DEFAULTS.lanes, claimsMax: 200 };
  await using bench = await QueueBench.start({ settings: { lanes } });
  for (let i = 0; i < 20; i++) bench.deliverer.manners.set(`mx:hangs${i}.test`, 'hangs');
  for (let i = 0; i < 2_000; i++) await bench.accept({ destination: `mx:hangs${i % 20}.test`, tenant: `t${i % 7}` });
  await bench.clock.advance(3_000, 500);
  const inMemory = bench.queue.destinations().reduce((sum, { inMemory: claims }) => sum + claims, 0);
  assert.ok(inMemory <= 200, `${inMemory} claims`);
  assert.ok(inMemory >= 100, `${inMemory} claims`);
  assert.equal(bench.queue.intake.room().open, true);
});

test('M2: accepted mail is attempted at once, without a look into the store', async () => {
  await using bench = await QueueBench.start();
  const mail = await bench.accept();
  assert.deepEqual(
    bench.deliverer.attempted.map((claim) => claim.mail.id),
    [mail.id],
  );
});
