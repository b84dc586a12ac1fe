/** Books, closed days and facts (H5, design 1). */
import assert from 'node:assert/strict';
import { PROBE_TENANT } from '#/model/index.ts';
import { assertBalanced, type Declare, ids2, kinds, traceOf, W1 } from './questions.ts';
import {
  ACME,
  claimOfAccepted,
  DAY_MS,
  DELIVERED,
  GLOBEX,
  mail,
  NOON,
  OTHER,
  PARTNER,
  recipient,
  reply,
  settlementOf,
  soon,
} from './samples.ts';

/** Declares its tests for one keeper. */
export function auditing(promise: Declare): void {
  promise('H5: books hold each state in its column, per tenant, probes left out', async (custody, clock) => {
    const recipients = [recipient(1), recipient(2, { held: 'operator' }), recipient(3), recipient(4)];
    const sent = mail(clock, { recipients });
    await custody.accept([sent, mail(clock, { tenant: GLOBEX }), mail(clock, { tenant: PROBE_TENANT })], W1, soon());
    const outcomes = [
      { n: 1, outcome: DELIVERED },
      { n: 3, outcome: { kind: 'bounced', reply: reply(550, 'no') } as const },
    ];
    await custody.settle({ ...settlementOf(claimOfAccepted(sent), DELIVERED), outcomes }, W1, soon());
    const none = { generated: 0, discarded: 0, expired: 0 };
    assert.deepEqual(await custody.books(soon()), [
      { tenant: ACME, accepted: 4, received: 4, delivered: 1, bounced: 1, held: 1, queued: 1, ...none },
      { tenant: GLOBEX, accepted: 1, received: 1, delivered: 0, bounced: 0, held: 0, queued: 1, ...none },
    ]);
    assert.ok(custody.reserveBytes() > 0);
  });

  promise('M3: depth counts what waits by destination and tenant', async (custody, clock) => {
    await custody.accept([mail(clock)], null, soon());
    clock.ms += 1000;
    await custody.accept([mail(clock), mail(clock, { tenant: GLOBEX })], null, soon());
    await custody.accept([mail(clock, { recipients: [recipient(1, { destination: OTHER })] })], null, soon());
    await custody.accept([mail(clock)], W1, soon());
    assert.deepEqual(await custody.depth(soon()), [
      { destination: OTHER, tenant: ACME, waiting: 1, oldestAt: NOON + 1000, nextDue: NOON + 1000 },
      { destination: PARTNER, tenant: ACME, waiting: 2, oldestAt: NOON, nextDue: NOON },
      { destination: PARTNER, tenant: GLOBEX, waiting: 1, oldestAt: NOON + 1000, nextDue: NOON + 1000 },
    ]);
  });

  promise('H5: a closed day leaves the books as they were, and its trace can still be read', async (custody, clock) => {
    const [done, waits] = [mail(clock, { recipients: [recipient(1), recipient(2)] }), mail(clock)];
    await custody.accept([done], W1, soon());
    await custody.accept([waits], null, soon());
    await custody.settle(settlementOf(claimOfAccepted(done), DELIVERED), W1, soon());
    const before = await traceOf(custody, done.id);
    const books = await custody.books(soon());
    clock.ms += DAY_MS;
    let moved = 0;
    for (let more = true; more; ) {
      const step = await custody.rollOver(NOON + 1, 0, 2, soon());
      moved += step.moved;
      more = step.more;
      await assertBalanced(custody);
    }
    assert.equal(moved, 2 + 5);
    assert.deepEqual(await custody.books(soon()), books);
    assert.deepEqual(await traceOf(custody, done.id), before);
    assert.deepEqual(kinds(await traceOf(custody, waits.id)), ['accepted']);
    assert.deepEqual(ids2(await custody.trace({ address: 'r2@partner.test' }, 9, soon())), [done.id]);
    assert.deepEqual(await custody.settle(settlementOf(claimOfAccepted(done), DELIVERED), W1, soon()), [
      'already',
      'already',
    ]);
  });

  promise('design 1: a dropped day is gone, its totals stay', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon());
    const books = await custody.books(soon());
    clock.ms += 2 * DAY_MS;
    await custody.rollOver(clock.ms - DAY_MS, clock.ms - DAY_MS, 100, soon());
    assert.deepEqual(await custody.trace({ ids: [sent.id] }, 1, soon()), []);
    assert.deepEqual(await custody.books(soon()), books);
  });

  promise('design 1: facts are remembered', async (custody) => {
    assert.equal(await custody.recall('janitor.lastRun', soon()), null);
    await custody.remember('janitor.lastRun', '1', soon());
    await custody.remember('janitor.lastRun', '2', soon());
    assert.equal(await custody.recall('janitor.lastRun', soon()), '2');
  });
}
