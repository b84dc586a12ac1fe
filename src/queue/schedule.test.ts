import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { within } from '#/model/index.ts';
import type { Slot, Work } from '#/ports/index.ts';
import { LATER, OK, QueueBench, REFUSED } from '#/testkit/index.ts';

/** What a careless deliverer may do with a slot, one step after the other. */
const step = fc.constantFrom(
  'next',
  'next',
  'deliver',
  'deliver',
  'defer',
  'partly',
  'alive',
  'busy',
  'down',
  'wait',
  'late',
);
const behaviour = fc.array(
  fc.record({ steps: fc.array(step, { maxLength: 12 }), releases: fc.integer({ min: 1, max: 3 }) }),
  {
    minLength: 1,
    maxLength: 8,
  },
);

class CarelessDeliverer {
  readonly #bench: QueueBench;
  readonly #scripts: readonly { readonly steps: readonly string[]; readonly releases: number }[];
  served = 0;

  constructor(bench: QueueBench, scripts: CarelessDeliverer['scripts']) {
    this.#bench = bench;
    this.#scripts = scripts;
  }

  get scripts() {
    return this.#scripts;
  }

  serve(work: Work): () => void {
    return work.onReady((slot) => {
      const script = this.#scripts[this.served++];
      // When the scripts are used up, everything is delivered.
      void this.#run(
        slot,
        script?.steps ?? Array.from({ length: 400 }, () => ['next', 'deliver']).flat(),
        script?.releases ?? 1,
        work,
      );
    });
  }

  async #run(slot: Slot, steps: readonly string[], releases: number, work: Work): Promise<void> {
    const taken = [];
    let last = null;
    try {
      for (const each of steps) {
        if (each === 'next') taken.push(slot.next());
        if (each === 'alive') slot.alive();
        if (each === 'busy' || each === 'down') slot.trouble(each, REFUSED);
        if (each === 'wait') await this.#bench.clock.sleep(100);
        if (each === 'late' && last !== null) slot.finish(last);
        if (each !== 'deliver' && each !== 'defer' && each !== 'partly') continue;
        const claim = taken.pop() ?? null;
        if (claim === null) continue;
        const outcome =
          each === 'defer'
            ? ({ kind: 'deferred', reply: LATER, due: work.retryAt(1), delayNotified: false } as const)
            : ({ kind: 'delivered', reply: OK } as const);
        const told = each === 'partly' ? claim.recipients.slice(1) : claim.recipients;
        last = { claim, outcomes: told.map(({ n }) => ({ n, outcome })), born: [], elapsedMs: 1, peer: 'mx' };
        slot.finish(last);
      }
    } finally {
      for (let i = 0; i < releases; i++) slot.release();
    }
  }
}

test('M5: whatever a deliverer does with its slots, none leaks, every claim ends, and all mail is delivered in the end', async () => {
  await fc.assert(
    fc.asyncProperty(behaviour, fc.integer({ min: 1, max: 30 }), async (scripts, mails) => {
      const bench = new QueueBench();
      await bench.start();
      bench.stopOffers();
      const careless = new CarelessDeliverer(bench, scripts);
      const stop = careless.serve(bench.queue.work);
      for (let i = 0; i < mails; i++) {
        await bench.accept({ to: ['a@x.test', 'b@x.test'], destination: i % 3 === 0 ? 'route:r:25' : 'mx:x.test' });
      }
      await bench.clock.advance(400_000, 500);
      const views = bench.queue.destinations();
      for (const view of views) {
        assert.deepEqual([view.connections, view.inMemory, view.state], [0, 0, 'open'], view.destination);
      }
      const traces = await bench.store.trace({}, 100, within(30_000));
      assert.equal(traces.length, mails);
      for (const { recipients } of traces) for (const { state } of recipients) assert.equal(state, 'delivered');
      assert.equal(await bench.balanced(), true);
      stop();
      await bench.stop();
    }),
    { numRuns: 20 },
  );
});

test('M5: a deliverer that throws loses its slot and nothing else', async () => {
  await using bench = await QueueBench.start();
  bench.stopOffers();
  let thrown = 0;
  const stop = bench.queue.work.onReady((slot) => {
    slot.next();
    thrown += 1;
    throw new Error('a mistake');
  });
  const mail = await bench.accept();
  stop();
  assert.equal(thrown, 1);
  assert.equal(bench.count('queue.deliverer_threw'), 1);
  bench.serve();
  await bench.clock.advance(3_000, 100);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
});

test('H4: an outcome that comes after its slot was released is still recorded when the peer took the mail', async () => {
  await using bench = await QueueBench.start();
  bench.stopOffers();
  const slots: Slot[] = [];
  const stop = bench.queue.work.onReady((slot) => void slots.push(slot));
  const mail = await bench.accept();
  const claim = slots[0]?.next() ?? null;
  assert.ok(claim !== null);
  stop();
  slots[0]?.release();
  slots[0]?.finish({
    claim,
    outcomes: [{ n: 1, outcome: { kind: 'delivered', reply: OK } }],
    born: [],
    elapsedMs: 1,
    peer: 'mx',
  });
  await bench.clock.advance(1_000, 100);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
  assert.equal(bench.queue.destinations()[0]?.inMemory, 0);
});
