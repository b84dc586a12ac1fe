/** What a window, a part of ours, a rule or a hop touched, as every keeper of the journal answers it (H6). */
import assert from 'node:assert/strict';
import type { DestinationKey, Domain, TenantId } from '#/model/index.ts';
import { mxDestination, PROBE_TENANT } from '#/model/index.ts';
import type { AffectedQuery, AffectedRecipient, Custody, Journal, RecipientPlace } from '#/ports/index.ts';
import {
  ACME,
  claimOfAccepted,
  DAY_MS,
  DELIVERED,
  deferredUntil,
  GLOBEX,
  mail,
  NOON,
  OTHER,
  PARTNER,
  recipient,
  reply,
  type StandingClock,
  settlementOf,
  soon,
  verdict,
  worker,
} from './samples.ts';

const W1 = worker('1').id;
const W2 = worker('2').id;
const MINUTE = 60_000;

type Kept = Custody & Journal;
type Declare = (title: string, run: (custody: Kept, clock: StandingClock) => Promise<void>) => void;

/** Declares its tests for one keeper. */
export function listingAffected(promise: Declare): void {
  promise(
    'H6: a window names tenants, messages and recipients, served and unserved, and no probes',
    async (custody, clock) => {
      const before = mail(clock);
      await custody.accept([before], null, soon());
      clock.ms = NOON + MINUTE;
      const two = mail(clock, { recipients: [recipient(1), recipient(2)] });
      const served = mail(clock, { tenant: GLOBEX });
      await custody.accept([two, served, mail(clock, { tenant: PROBE_TENANT })], W1, soon());
      const outcomes = [
        { n: 1, outcome: DELIVERED },
        { n: 2, outcome: deferredUntil(clock.now() + MINUTE) },
      ];
      await custody.settle({ ...settlementOf(claimOfAccepted(two), DELIVERED), outcomes }, W1, soon());
      await custody.settle(settlementOf(claimOfAccepted(served), DELIVERED), W1, soon());
      clock.ms = NOON + 2 * MINUTE;
      await custody.accept([mail(clock)], null, soon());
      const window = { from: NOON + MINUTE, to: NOON + 2 * MINUTE };
      assert.deepEqual(await custody.affectedCounts(window, soon()), [
        { tenant: ACME, messages: 1, recipients: 2, unserved: 1 },
        { tenant: GLOBEX, messages: 1, recipients: 1, unserved: 0 },
      ]);
      assert.deepEqual(
        (await allOf(custody, window)).map(({ message, n, state, address }) => [message, n, state, address]),
        [
          [two.id, 1, 'delivered', 'r1@partner.test'],
          [two.id, 2, 'deferred', 'r2@partner.test'],
          [served.id, 1, 'delivered', 'r1@partner.test'],
        ],
      );
      const [first] = await allOf(custody, { ...window, tenant: GLOBEX });
      const { tenant, from, subject, receivedAt } = first ?? {};
      assert.deepEqual(
        [tenant, from, subject, receivedAt],
        [GLOBEX, 'alice@acme.test', served.facts.subject, NOON + MINUTE],
      );
      assert.deepEqual(await custody.affectedCounts({ from: NOON - DAY_MS, to: NOON }, soon()), []);
    },
  );

  promise('H6: component, stage, worker, next hop and rule are those of one event', async (custody, clock) => {
    const [one, other] = [mail(clock), mail(clock, { recipients: [recipient(1, { destination: OTHER })] })];
    await custody.accept([one], W1, soon());
    await custody.accept([other], W2, soon());
    await custody.settle(settlementOf(claimOfAccepted(one), deferredUntil(NOON)), W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(other), deferredUntil(NOON)), W2, soon());
    const found = async (more: Partial<AffectedQuery>) =>
      (await allOf(custody, { from: NOON, to: NOON + 1, ...more })).map(({ message }) => message);
    const both = [one.id, other.id];
    assert.deepEqual(await found({ component: 'gate' }), both);
    assert.deepEqual(await found({ component: 'accept' }), both);
    assert.deepEqual(await found({ component: 'deliver', worker: W1 }), [one.id]);
    assert.deepEqual(await found({ component: 'deliver', worker: W2 }), [other.id]);
    assert.deepEqual(await found({ worker: 'host/deliver' }), both);
    assert.deepEqual(await found({ worker: 'host/del' }), [], 'a part of a name is no name');
    assert.deepEqual(await found({ component: 'inspect' }), []);
    assert.deepEqual(await found({ destination: PARTNER }), [one.id]);
    assert.deepEqual(await found({ destination: OTHER, worker: W1 }), []);
    const elsewhere = mxDestination('elsewhere.test' as Domain);
    const destination = `${elsewhere}!` as DestinationKey;
    await custody.act({ kind: 'reroute', destination }, { ids: [one.id] }, 'cli:root', 10, soon());
    for (const hop of [elsewhere, destination]) assert.deepEqual(await found({ destination: hop }), [one.id], hop);
    const [judged] = await custody.claim({ kind: 'named', filter: { ids: [other.id] }, limit: 10 }, W1, soon());
    assert.ok(judged);
    const refusal = verdict({ kind: 'reject', text: 'no' });
    await custody.settle(
      settlementOf(judged, { kind: 'bounced', reply: reply(550, 'no'), verdict: refusal }),
      W1,
      soon(),
    );
    assert.deepEqual(await found({ policy: 'leak' }), [other.id]);
    assert.deepEqual(await found({ policy: 'another' }), []);
  });

  promise(
    'H6: pages put together are the whole list, each recipient once, and bounds hold to the ms',
    async (custody, clock) => {
      const mails = Array.from({ length: 5 }, (_, i) =>
        mail(clock, {
          tenant: `t${i % 2}` as TenantId,
          recipients: Array.from({ length: 1 + (i % 3) }, (_each, n) => recipient(n + 1)),
        }),
      );
      await custody.accept(mails, null, soon());
      const window = { from: NOON, to: NOON + 1 };
      const whole = mails.flatMap(({ id, recipients }) => recipients.map(({ n }) => `${id}/${n}`));
      for (const limit of [1, 2, 3, 100]) {
        const paged = await allOf(custody, window, limit);
        assert.deepEqual(
          paged.map(({ message, n }) => `${message}/${n}`),
          whole,
          `pages of ${limit}`,
        );
      }
      clock.ms = NOON + MINUTE;
      const often = mail(clock);
      await custody.accept([often], W1, soon());
      clock.ms += 1;
      await custody.settle(settlementOf(claimOfAccepted(often), deferredUntil(clock.now())), W1, soon());
      const counted = async (from: number, to: number) => {
        const counts = await custody.affectedCounts({ from: NOON + MINUTE + from, to: NOON + MINUTE + to }, soon());
        return counts.map(({ recipients }) => recipients);
      };
      assert.deepEqual(await counted(0, 2), [1]);
      assert.deepEqual(await counted(1, 2), [1]);
      assert.deepEqual(await counted(2, 3), []);
      assert.deepEqual(await counted(-1, 0), []);
    },
  );

  promise(
    'H6: closed days and an open one are one list, also for who ended later than the window',
    async (custody, clock) => {
      const [ended, waiting, late] = [mail(clock), mail(clock), mail(clock)];
      await custody.accept([ended, waiting, late], W1, soon());
      await custody.settle(settlementOf(claimOfAccepted(ended), DELIVERED), W1, soon());
      await custody.settle(settlementOf(claimOfAccepted(waiting), deferredUntil(NOON)), W1, soon());
      clock.ms = NOON + DAY_MS;
      await custody.settle(settlementOf(claimOfAccepted(late), DELIVERED), W1, soon());
      clock.ms = NOON + 2 * DAY_MS;
      const fresh = mail(clock);
      await custody.accept([fresh], null, soon());
      const states = async (from: number, to: number) =>
        (await allOf(custody, { from, to }, 2)).map(({ message, state }) => [message, state]);
      const first = [
        [ended.id, 'delivered'],
        [waiting.id, 'deferred'],
        [late.id, 'delivered'],
      ];
      assert.deepEqual(await states(NOON, NOON + 1), first);
      while ((await custody.rollOver(NOON + 1.5 * DAY_MS, 0, 100, soon())).more);
      assert.deepEqual(await states(NOON, NOON + 1), first);
      assert.deepEqual(await states(NOON, NOON + 3 * DAY_MS), [...first, [fresh.id, 'queued']]);
      const counted = (from: number, to: number) => custody.affectedCounts({ from, to }, soon());
      const [of4, of3] = [4, 3].map((n) => ({ tenant: ACME, messages: n, recipients: n }));
      assert.deepEqual(await counted(NOON, NOON + 3 * DAY_MS), [{ ...of4, unserved: 2 }]);
      assert.deepEqual(await counted(NOON, NOON + 1), [{ ...of3, unserved: 1 }]);
      // All of it in one closed day.
      assert.deepEqual(await counted(NOON + DAY_MS, NOON + DAY_MS + 1), [
        { tenant: ACME, messages: 1, recipients: 1, unserved: 0 },
      ]);
      assert.deepEqual(await counted(NOON + 2 * DAY_MS, NOON + 3 * DAY_MS), [
        { tenant: ACME, messages: 1, recipients: 1, unserved: 1 },
      ]);
    },
  );

  promise('H6: a clock that was put back hides nothing', async (custody, clock) => {
    const times = [0, 90, 91, 10, 20, 200, 30, 29.5, 40].map((minutes) => NOON + minutes * MINUTE);
    const mails = [];
    for (const at of times) {
      clock.ms = at;
      const sent = mail(clock);
      mails.push({ id: sent.id, at });
      await custody.accept([sent], null, soon());
    }
    const ends = [-1, 0, 5, 15, 25, 29.75, 35, 60, 90.5, 100, 300].map((minutes) => NOON + minutes * MINUTE);
    for (const from of ends)
      for (const to of ends.filter((end) => end > from)) {
        const found = (await allOf(custody, { from, to })).map(({ message }) => message);
        const wanted: string[] = mails.filter(({ at }) => at >= from && at < to).map(({ id }) => id);
        assert.deepEqual(found, wanted.toSorted(), `${from - NOON} to ${to - NOON}`);
        const counts = await custody.affectedCounts({ from, to }, soon());
        assert.equal(counts.at(0)?.recipients ?? 0, wanted.length, `${from - NOON} to ${to - NOON}, counted`);
      }
  });
}

async function allOf(custody: Journal, query: AffectedQuery, limit = 100): Promise<AffectedRecipient[]> {
  const items: AffectedRecipient[] = [];
  for (let after: RecipientPlace | null = null; ; ) {
    const page: Awaited<ReturnType<Journal['affected']>> = await custody.affected(query, after, limit, soon());
    assert.ok(page.items.length <= limit);
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
}
