import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault, type Orphan } from '#/model/index.ts';
import type { Custody } from '#/ports/index.ts';
import { overriding, QueueBench } from '#/testkit/index.ts';
import { JANITOR_DEFAULTS, type JanitorWork, startJanitorWork } from './index.ts';

const HOUR = 3_600_000;

function janitorOf(bench: QueueBench, changes: Partial<Custody> = {}): Promise<JanitorWork> {
  const custody = overriding<Custody>(bench.store, changes);
  const { clock, log, meter } = bench;
  return startJanitorWork({ custody, clock, log, meter }, JANITOR_DEFAULTS);
}

test('H5: rows that nothing would move are found within seconds, counted and raised', async () => {
  await using bench = new QueueBench();
  const mail = bench.mail();
  const orphan: Orphan = { message: mail.id, recipient: 1, tenant: mail.tenant, fault: 'no due time', mended: true };
  let left = 2;
  await using janitor = await janitorOf(bench, { sweep: async () => (left-- > 0 ? [orphan] : []) });
  await bench.clock.advance(10_000, 500);
  assert.equal(bench.count('queue.orphan'), 2);
  assert.equal(bench.meter.values.get('holdfast_orphans_total'), 2);
  assert.ok(bench.clock.monotonic() - janitor.lastRunAt() <= JANITOR_DEFAULTS.sweepMs);
});

test('H5: damaged content is found by the scrub, and all content is looked at within a day', async () => {
  await using bench = new QueueBench();
  await bench.backlog(100, { held: 'operator' });
  const seen: (string | null)[] = [];
  await using janitor = await janitorOf(bench, {
    scrub: async (after, limit, call) => {
      seen.push(after);
      const step = await bench.store.scrub(after, limit, call);
      const orphan = { recipient: 1, tenant: 'acme' as never, fault: 'body missing', mended: false } as const;
      return { ...step, orphans: step.next === null ? [{ ...orphan, message: 'X' as never }] : [] };
    },
  });
  await bench.clock.advance(60_000, 500);
  assert.equal(seen.length, 4);
  assert.equal(bench.count('queue.orphan'), 1);
  await bench.clock.advance(25 * HOUR, HOUR / 2);
  await bench.clock.advance(60_000, 500);
  assert.ok(seen.length >= 8);
  assert.ok(janitor.lastRunAt() > 0);
});

test('H5: while the store of content is away the scrub calls nothing an orphan, and goes on where it was', async () => {
  await using bench = new QueueBench();
  await bench.backlog(100, { held: 'operator' });
  const seen: (string | null)[] = [];
  await using janitor = await janitorOf(bench, {
    scrub: (after, limit, call) => {
      seen.push(after);
      if (seen.length > 1 && seen.length < 5) throw new Fault('store.unavailable', 'The blob store is away.');
      return bench.store.scrub(after, limit, call);
    },
  });
  await bench.clock.advance(4 * JANITOR_DEFAULTS.scrubAwayMs, 500);
  assert.equal(bench.count('queue.orphan'), 0);
  assert.equal(bench.count('janitor.failed'), 3);
  assert.deepEqual(seen.slice(1, 5), Array(4).fill(seen[1]));
  assert.ok(seen[1] !== null && seen.length >= 6, 'not begun anew');
  assert.ok(janitor.lastRunAt() > 0);
});

test('H5: books that do not balance are an incident', async () => {
  await using bench = new QueueBench();
  await bench.backlog(1);
  await using janitor = await janitorOf(bench, {
    recount: async (call) => (await bench.store.recount(call)).map((count) => ({ ...count, balanced: false })),
  });
  await bench.clock.advance(1_000, 500);
  assert.equal(bench.count('books.unbalanced'), 1);
  assert.equal(bench.meter.values.get('holdfast_books_balanced'), 0);
  assert.ok(janitor.lastRunAt() > 0);
});

test('H5: no day is dropped while the clock can not be trusted', async () => {
  await using bench = new QueueBench();
  const drops: number[] = [];
  await using janitor = await janitorOf(bench, {
    rollOver: async (_before, dropBefore) => {
      drops.push(dropBefore);
      return { moved: 0, more: false };
    },
  });
  await bench.clock.advance(1_000, 500);
  bench.clock.jump(500 * 24 * HOUR);
  await bench.clock.advance(HOUR / 12, 1_000);
  await bench.clock.advance(HOUR, HOUR);
  assert.equal(drops.length, 2);
  assert.ok((drops[0] ?? 0) > 0);
  assert.ok(janitor.lastRunAt() > 0);
});

test('O6: a store that is away is tried again at a pace, and the janitor goes on when it is back', async () => {
  await using bench = new QueueBench();
  let calls = 0;
  await using janitor = await janitorOf(bench, {
    sweep: async () => {
      calls += 1;
      if (calls < 4) throw new Error('away');
      return [];
    },
  });
  await bench.clock.advance(30_000, 500);
  assert.ok(calls >= 5 && calls <= 12, `${calls} sweeps in 30 s`);
  assert.ok(janitor.lastRunAt() > 0);
});
