/** A clock that was wrong for a while must neither keep mail for ever nor end it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QueueBench } from '#/testkit/index.ts';

const DAY_MS = 24 * 3_600_000;

test('design 1: mail that was deferred while the clock stood ahead is tried again when it is put right', async () => {
  await using bench = await QueueBench.start();
  bench.clock.jump(30 * DAY_MS);
  bench.deliverer.manners.set('mx:partner.test', 'defers');
  const mail = await bench.accept();
  await bench.clock.advance(5_000, 100);
  assert.deepEqual(await bench.states(mail.id), ['deferred']);
  bench.clock.jump(-30 * DAY_MS);
  bench.deliverer.manners.set('mx:partner.test', 'takes');
  await bench.clock.advance(90_000, 500);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
});
