import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Claim } from '#/model/index.ts';
import { QueueBench } from '#/testkit/index.ts';
import { Budget } from './budget.ts';
import { FairQueue } from './fair-queue.ts';
import { Fifo } from './fifo.ts';
import { Flow } from './flow.ts';
import { claimsOf } from './hand-over.ts';
import { QUEUE_DEFAULTS } from './index.ts';
import { nextDue } from './retry.ts';

const { retry, flow } = QUEUE_DEFAULTS;
const bench = new QueueBench();

function claim(tenant: string, size = 100, recipients = 1): Claim {
  const to = Array.from({ length: recipients }, (_, i) => `r${i}@x.test`);
  const [made] = claimsOf(bench.mail({ tenant, size, to }));
  assert.ok(made !== undefined);
  return { ...made, body: null, mail: { ...made.mail, size } };
}

test('RFC 5321 §4.5.4.1: waits double from a minute to an hour', () => {
  const waits = [1, 2, 3, 4, 5, 6, 7, 8, 50, 10_000].map((attempts) => nextDue(attempts, 0, retry, 0.5) / 60_000);
  assert.deepEqual(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
});

test('M5: mails deferred together do not come back together, and none comes back before its wait is nearly over', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 200 }),
      fc.double({ min: 0, max: 0.999, noNaN: true }),
      (attempts, random) => {
        const exact = nextDue(attempts, 1_000, retry, 0.5) - 1_000;
        const wait = nextDue(attempts, 1_000, retry, random) - 1_000;
        assert.ok(wait >= exact * (1 - retry.jitter) - 1 && wait <= exact * (1 + retry.jitter) + 1);
      },
    ),
  );
  assert.notEqual(nextDue(1, 0, retry, 0), nextDue(1, 0, retry, 0.9));
});

test('M5: claims leave fairly: between tenants that all wait, nobody is ahead by more than two turns and one mail', () => {
  const lanes = fc.array(
    fc.record({ count: fc.integer({ min: 1, max: 80 }), size: fc.integer({ min: 1, max: 300_000 }) }),
    {
      minLength: 2,
      maxLength: 6,
    },
  );
  fc.assert(
    fc.property(lanes, (sketch) => {
      const queue = new FairQueue();
      sketch.forEach(({ count, size }, i) => {
        for (let n = 0; n < count; n++) queue.push(claim(`t${i}`, size));
      });
      const left = sketch.map(({ count }) => count);
      const spent = sketch.map(() => 0);
      for (let taken = queue.take(); taken !== undefined; taken = queue.take()) {
        const i = Number(taken.mail.tenant.slice(1));
        left[i] = (left[i] ?? 0) - 1;
        spent[i] = (spent[i] ?? 0) + 1 + Math.floor(taken.mail.size / 65_536);
        const waiting = spent.filter((_, at) => (left[at] ?? 0) > 0);
        if (waiting.length === sketch.length) assert.ok(Math.max(...waiting) - Math.min(...waiting) <= 2 * 16 + 6);
      }
      assert.deepEqual(
        left,
        sketch.map(() => 0),
      );
      assert.equal(queue.size, 0);
    }),
    { numRuns: 100 },
  );
});

test('M5: one tenant keeps the order of its mails', () => {
  const queue = new FairQueue();
  const claims = Array.from({ length: 50 }, (_, i) => claim('a', 1, 1 + (i % 5)));
  for (const each of claims) queue.push(each);
  assert.deepEqual(queue.drain(), claims);
});

test('M3: the fifo gives back what it was given, in order, whatever the mix of pushes and takes', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('push', 'shift', 'rotate'), { maxLength: 5_000 }), (acts) => {
      const fifo = new Fifo<number>();
      const model: number[] = [];
      acts.forEach((act, i) => {
        if (act === 'push') {
          fifo.push(i);
          model.push(i);
        } else if (act === 'shift') assert.equal(fifo.shift(), model.shift());
        else {
          fifo.rotate();
          const first = model.shift();
          if (first !== undefined) model.push(first);
        }
        assert.equal(fifo.size, model.length);
        assert.equal(fifo.peek(), model[0]);
      });
    }),
    { numRuns: 50 },
  );
});

test('M3: however holders come and go, claims in memory stay within the bound, and an empty holder gets in', () => {
  const act = fc.record({ holder: fc.nat(9), want: fc.integer({ min: 1, max: 50 }), back: fc.boolean() });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 300 }), (acts) => {
      const budget = new Budget(100, 1_000_000);
      const holders = Array.from({ length: 10 }, () => ({ claims: 0, bytes: 0 }));
      for (const { holder: at, want, back } of acts) {
        const holder = holders[at] ?? { claims: 0, bytes: 0 };
        if (back) budget.giveBack(holder, holder.claims, holder.bytes);
        const got = Math.min(want, budget.room(holder, holder.claims));
        if (holder.claims === 0) assert.ok(got >= 1);
        budget.take(holder, got, got * 10);
        assert.ok(budget.claims <= 110);
      }
      assert.equal(
        budget.claims,
        holders.reduce((sum, { claims }) => sum + claims, 0),
      );
    }),
  );
});

test('M5: a destination that wants less gets half, once per complaint, and never less than one connection', () => {
  const it = new Flow(16, flow);
  for (let i = 0; i < 100; i++) it.success(it.limit);
  assert.equal(it.limit, 16);
  it.busy(10_000);
  it.busy(10_500);
  assert.equal(it.limit, 8);
  for (let i = 1; i < 20; i++) it.busy(10_000 + i * 2_000);
  assert.equal(it.limit, 1);
  for (let i = 0; i < 3; i++) it.success(it.limit);
  assert.ok(it.limit <= 3, 'after trouble it grows by steps');
});

test('M5: a limit that is not used is not raised', () => {
  const it = new Flow(16, flow);
  for (let i = 0; i < 100; i++) it.success(1);
  assert.equal(it.limit, flow.initial);
});

test('M5: a part of the connections is kept for fresh mail', () => {
  const it = new Flow(10, { ...flow, initial: 10 });
  assert.equal(it.limit, 10);
  assert.equal(it.backlogLimit, 8);
});

test('M5: one destination with many tenants takes half of the memory at most', () => {
  const budget = new Budget(1_000, 1_000_000);
  const holder = { claims: 0, bytes: 0 };
  for (let tenant = 0; tenant < 100; tenant++) budget.take(holder, budget.room(holder, 0), 0);
  assert.ok(holder.claims <= 500 && holder.claims >= 490, `${holder.claims} claims`);
  assert.ok(budget.room({ claims: 0, bytes: 0 }, 0) >= 1);
});
