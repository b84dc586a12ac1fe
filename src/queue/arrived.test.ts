/** Mail that another process has sent on its way is fetched at once, and none of it is forgotten. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Claim, type DestinationKey, INSPECT_DESTINATION, type Settlement, within } from '#/model/index.ts';
import { HERE, overriding, QueueBench, until, verdictOf } from '#/testkit/index.ts';

const NEXT = 'mx:partner.test' as DestinationKey;
const SOON_MS = 30_000;

/** A mail that a worker of inspection has passed on; only the store knows. */
async function passed(bench: QueueBench): Promise<Settlement> {
  const [mail] = await bench.backlog(1, { destination: INSPECT_DESTINATION });
  const named = { kind: 'named', filter: { ids: mail === undefined ? [] : [mail.id] }, limit: 1 } as const;
  const [claim] = await bench.store.claim(named, HERE, within(SOON_MS));
  const outcome = { kind: 'passed', destination: NEXT, verdict: verdictOf({ kind: 'pass' }) } as const;
  const settlement = { claim: claim as Claim, outcomes: [{ n: 1, outcome }], born: [], elapsedMs: 1, peer: null };
  await bench.store.settle(settlement, HERE, within(SOON_MS));
  return settlement;
}

/** At rest, and counted: looks at all that waits. `open` lets go what the store has found for the next hop. */
async function atRest(open: Promise<void> = Promise.resolve()) {
  const looks = { count: 0 };
  const bench = await QueueBench.start({
    wrap: (store) =>
      overriding(store, {
        depth: (call) => {
          looks.count += 1;
          return store.depth(call);
        },
        claim: async (request, worker, call) => {
          const found = await store.claim(request, worker, call);
          await open;
          return found;
        },
      }),
  });
  await bench.clock.advance(5_000, 100);
  looks.count = 0;
  return { bench, looks };
}

test('M2: what another process has passed on is attempted without a look at all that waits', async () => {
  const { bench: started, looks } = await atRest();
  await using bench = started;
  bench.queue.settledElsewhere(await passed(bench));
  await until(() => bench.deliverer.attempted.length === 1);
  bench.queue.settledElsewhere(await passed(bench));
  await until(() => bench.deliverer.attempted.length === 2);
  assert.equal(looks.count, 0);
});

test('M2: what is passed on while the store is being asked is fetched behind it', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { bench: started, looks } = await atRest(promise);
  await using bench = started;
  bench.queue.settledElsewhere(await passed(bench));
  bench.queue.settledElsewhere(await passed(bench));
  resolve();
  await until(() => bench.deliverer.attempted.length === 2);
  assert.equal(looks.count, 0);
});
