/** The promises about a store that is a copy of an earlier time (design 1, After a restore), as tests for every keeper of custody. */
import assert from 'node:assert/strict';
import type { MailId } from '#/model/index.ts';
import type { ActResult, Custody, Journal } from '#/ports/index.ts';
import type { StandingClock } from './samples.ts';
import {
  ACME,
  claimOfAccepted,
  DAY_MS,
  DELIVERED,
  deferredUntil,
  mail,
  NOON,
  OTHER,
  PARTNER,
  recipient,
  settlementOf,
  soon,
  worker,
} from './samples.ts';

type Subject = Custody & Journal;
type Declare = (title: string, run: (custody: Subject, clock: StandingClock) => Promise<void>) => void;

const W1 = worker('1').id;
const SUPPORT = 'cli:root';

/** Declares them within the suite of a keeper. */
export function restoring(promise: Declare): void {
  promise('design 1: after a restore what waited is held, flagged, and goes on only when released', async (custody) => {
    const { fresh, late } = await waitingMails(custody);
    assert.equal((await mark(custody)).recipients, 2);
    for (const id of [fresh, late]) {
      const [shown] = (await traceOf(custody, id)).recipients;
      assert.deepEqual([shown?.state, shown?.reason, shown?.possiblyDuplicate], ['held', 'restored', true]);
      assert.deepEqual([shown?.due, shown?.releaseAt], [NOON + 10 * DAY_MS, null]);
    }
    assert.deepEqual(await claimable(custody), []);
    assert.equal((await custody.books(soon()))[0]?.held, 2);

    const { recipients } = await custody.act({ kind: 'release' }, { reason: 'restored' }, SUPPORT, 9, soon());
    assert.equal(recipients, 2);
    const claims = await custody.claim(dueAt(PARTNER), W1, soon());
    const facts = claims.flatMap((claim) => claim.recipients.map((each) => [each.possiblyDuplicate, each.attempts]));
    assert.deepEqual(facts, [
      [true, 0],
      [true, 1],
    ]);
    for (const claim of claims) await custody.settle(settlementOf(claim, DELIVERED), W1, soon());
    const [first] = (await traceOf(custody, fresh)).recipients;
    assert.deepEqual([first?.state, first?.possiblyDuplicate], ['delivered', true]);
  });

  promise('design 1: the journal says who restored it, and what it means', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], null, soon());
    await mark(custody);
    const event = (await traceOf(custody, sent.id)).events.at(-1);
    assert.deepEqual([event?.kind, event?.stage, event?.attribution], ['held', 'hold', SUPPORT]);
    assert.match(event?.detail ?? '', /restored from a backup/);
  });

  promise('design 1: repeating the mark after a crash in its middle changes nothing more', async (custody, clock) => {
    for (let i = 0; i < 3; i++) await custody.accept([mail(clock)], null, soon());
    const part = await mark(custody, 2);
    assert.deepEqual([part.recipients, part.more], [2, true]);
    assert.equal((await mark(custody)).recipients, 1);
    clock.ms += 1000;
    assert.deepEqual(await mark(custody), { recipients: 0, messages: [], more: false });
    const { items } = await custody.queue({}, null, 9, soon());
    assert.deepEqual(
      items.map(({ recipients: [shown] }) => shown?.due),
      [1, 2, 3].map(() => NOON + 10 * DAY_MS),
    );
  });

  promise('design 1: no hold of an earlier time ends by itself; its reason stays', async (custody, clock) => {
    const policy = mail(clock, {
      recipients: [recipient(1, { held: 'policy' }), recipient(2, { destination: OTHER })],
    });
    await custody.accept([policy], null, soon());
    const hold = { kind: 'hold', until: clock.now() + 1000, atEnd: 'release' } as const;
    await custody.act(hold, { recipient: 2 }, 'op', 9, soon());
    clock.ms += 9 * DAY_MS;
    assert.equal((await mark(custody)).recipients, 2);
    const { recipients } = await traceOf(custody, policy.id);
    assert.deepEqual(
      recipients.map(({ reason, possiblyDuplicate, releaseAt }) => [reason, possiblyDuplicate, releaseAt]),
      [
        ['policy', true, null],
        ['restored', true, null],
      ],
    );
    clock.ms += 9 * DAY_MS;
    assert.deepEqual(await custody.claim({ kind: 'held', now: clock.now(), limit: 9 }, W1, soon()), []);
    assert.equal((await custody.act({ kind: 'release' }, {}, 'op', 9, soon())).recipients, 1);
  });

  promise('design 1: what had ended stays ended, and the mark is no way around a claim', async (custody, clock) => {
    const [ended, atWork] = [mail(clock), mail(clock)];
    await custody.accept([ended, atWork], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(ended), DELIVERED), W1, soon());
    assert.equal((await mark(custody)).recipients, 0);
    const [shown] = (await traceOf(custody, ended.id)).recipients;
    assert.deepEqual([shown?.state, shown?.possiblyDuplicate], ['delivered', false]);
    await custody.retire(W1, false, soon());
    assert.equal((await mark(custody)).recipients, 1);
    assert.equal((await custody.books(soon())).find(({ tenant }) => tenant === ACME)?.delivered, 1);
  });
}

/** One mail that was never tried, and one that was deferred. */
async function waitingMails(custody: Subject): Promise<{ readonly fresh: MailId; readonly late: MailId }> {
  const standing = { now: () => NOON } as StandingClock;
  const [fresh, late] = [mail(standing), mail(standing)];
  await custody.accept([late], W1, soon());
  await custody.accept([fresh], null, soon());
  await custody.settle(settlementOf(claimOfAccepted(late), deferredUntil(NOON)), W1, soon());
  return { fresh: fresh.id, late: late.id };
}

function mark(custody: Subject, limit = 9): Promise<ActResult> {
  return custody.act({ kind: 'restored' }, {}, SUPPORT, limit, soon());
}

async function claimable(custody: Subject): Promise<readonly unknown[]> {
  const overdue = { kind: 'attention', now: NOON + 5 * DAY_MS, limit: 9 } as const;
  const lanes = [dueAt(PARTNER), dueAt(OTHER), overdue];
  return (await Promise.all(lanes.map((request) => custody.claim(request, W1, soon())))).flat();
}

function dueAt(destination: typeof PARTNER) {
  const now = NOON + DAY_MS;
  return { kind: 'due', destination, tenant: null, fresh: false, ignoreDue: true, now, limit: 9 } as const;
}

async function traceOf(custody: Subject, id: MailId) {
  const [found] = await custody.trace({ ids: [id] }, 1, soon());
  assert(found !== undefined);
  return found;
}
