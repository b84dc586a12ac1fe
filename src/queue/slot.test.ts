/** Claims that a slot took must end, however they came to be in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Claim, DestinationKey } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Slot } from '#/ports/index.ts';
import { HERE, OK, QueueBench } from '#/testkit/index.ts';

const PARTNER = 'mx:partner.test' as DestinationKey;

test('H5: two claims of one message in one slot both end, and nothing stays claimed', async () => {
  await using bench = await QueueBench.start();
  bench.stopOffers();
  const [mail] = await bench.backlog(1, { to: ['a@partner.test', 'b@partner.test'] });
  assert.ok(mail !== undefined);
  const [whole] = await bench.store.claim(
    { kind: 'named', filter: { ids: [mail.id] }, limit: 10 },
    HERE,
    within(30_000),
  );
  assert.ok(whole !== undefined);
  // As when a peer deferred the two, and they came due one after the other.
  const parts: Claim[] = whole.recipients.map((recipient) => ({ ...whole, recipients: [recipient] }));
  const slots: Slot[] = [];
  bench.queue.work.onReady((slot) => void slots.push(slot));
  for (const part of parts) assert.ok(adopt(bench, part));
  const [slot] = slots;
  assert.ok(slot !== undefined);
  const [first, second] = [slot.next(), slot.next()];
  assert.ok(first !== null && second !== null);
  const outcomes = first.recipients.map(({ n }) => ({ n, outcome: { kind: 'delivered', reply: OK } as const }));
  slot.finish({ claim: first, outcomes, born: [], elapsedMs: 1, peer: 'mx.test' });
  slot.release();
  for (const other of slots) other.release();
  await bench.clock.advance(200, 10);
  const [beat] = await bench.store.beats(within(30_000));
  assert.equal(beat?.claims, 0);
});

function adopt(bench: QueueBench, claim: Claim): boolean {
  const work = bench.queue.work as unknown as { adopt(claim: Claim): boolean };
  return claim.destination === PARTNER && work.adopt(claim);
}
