/** What operators do to what waits (design 5, M8). */
import assert from 'node:assert/strict';
import type { MailId } from '#/model/index.ts';
import type { ClaimRequest } from '#/ports/index.ts';
import { booksOf, type Declare, due, statesOf, traceOf, W1 } from './questions.ts';
import {
  ACME,
  claimOfAccepted,
  deferredUntil,
  GLOBEX,
  mail,
  NOON,
  OTHER,
  PARTNER,
  recipient,
  settlementOf,
  soon,
} from './samples.ts';

/** Declares its tests for one keeper. */
export function acting(promise: Declare): void {
  promise('H4: an operator holds and releases, by filter and in bounded steps', async (custody, clock) => {
    await custody.accept([mail(clock), mail(clock), mail(clock, { tenant: GLOBEX })], null, soon());
    const hold = { kind: 'hold', until: NOON + 1000, atEnd: 'expire' } as const;
    const first = await custody.act(hold, { tenant: ACME }, 'op@example.test', 1, soon());
    assert.deepEqual([first.recipients, first.messages.length, first.more], [1, 1, true]);
    const second = await custody.act(hold, { tenant: ACME }, 'op@example.test', 5, soon());
    assert.deepEqual([second.recipients, second.more], [1, false]);
    assert.equal((await booksOf(custody, ACME))?.held, 2);
    const released = await custody.act({ kind: 'release' }, { tenant: ACME }, 'op@example.test', 9, soon());
    assert.equal(released.recipients, 2);
    const { events } = await traceOf(custody, first.messages[0] as MailId);
    assert.deepEqual(
      events.map(({ kind, attribution }) => [kind, attribution]),
      [
        ['accepted', null],
        ['held', 'op@example.test'],
        ['released', 'op@example.test'],
      ],
    );
    assert.equal((await custody.claim(due(clock), W1, soon())).length, 3);
  });

  promise('design 5: a hold with a time goes on by itself when it comes; one without ends', async (custody, clock) => {
    const [timed, open] = [mail(clock), mail(clock)];
    await custody.accept([timed, open], null, soon());
    const until = clock.now() + 1000;
    await custody.act({ kind: 'hold', until, atEnd: 'release' }, { ids: [timed.id] }, 'op', 9, soon());
    await custody.act({ kind: 'hold', until, atEnd: 'expire' }, { ids: [open.id] }, 'op', 9, soon());
    assert.deepEqual((await traceOf(custody, timed.id)).recipients[0]?.releaseAt, until);
    assert.deepEqual((await traceOf(custody, open.id)).recipients[0]?.releaseAt, null);
    const held = (): ClaimRequest => ({ kind: 'held', now: clock.now(), limit: 9 });
    assert.deepEqual(await custody.claim(held(), W1, soon()), []);
    const giveBack = { kind: 'returned', due: clock.now(), delayNotified: false } as const;
    const named = { kind: 'named', filter: { ids: [timed.id] }, limit: 9 } as const;
    for (const early of await custody.claim(named, W1, soon()))
      await custody.settle(settlementOf(early, giveBack), W1, soon());
    assert.deepEqual(await statesOf(custody, timed.id), ['held']);
    clock.ms += 1000;
    const claims = await custody.claim(held(), W1, soon());
    assert.deepEqual(
      new Map(claims.map((claim) => [claim.mail.id, claim.recipients[0]?.releaseAt])),
      new Map([
        [timed.id, until],
        [open.id, null],
      ]),
    );
    for (const claim of claims) await custody.settle(settlementOf(claim, giveBack), W1, soon());
    assert.deepEqual(await statesOf(custody, timed.id), ['queued']);
    assert.deepEqual(await statesOf(custody, open.id), ['held']);
    const { recipients, events } = await traceOf(custody, timed.id);
    assert.deepEqual([recipients[0]?.due, recipients[0]?.releaseAt], [clock.now(), null]);
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['accepted', 'held', 'released'],
    );
    assert.equal((await booksOf(custody, ACME))?.queued, 1);
  });

  promise(
    'H4: a hold with a time keeps it on another way, and a release does not wait for it',
    async (custody, clock) => {
      const sent = mail(clock);
      await custody.accept([sent], null, soon());
      const until = clock.now() + 1000;
      await custody.act({ kind: 'hold', until, atEnd: 'release' }, {}, 'op', 9, soon());
      await custody.act({ kind: 'reroute', destination: OTHER }, {}, 'op', 9, soon());
      assert.equal((await traceOf(custody, sent.id)).recipients[0]?.releaseAt, until);
      await custody.act({ kind: 'release' }, {}, 'op', 9, soon());
      const [shown] = (await traceOf(custody, sent.id)).recipients;
      assert.deepEqual([shown?.state, shown?.due, shown?.releaseAt], ['queued', clock.now(), null]);
    },
  );

  promise('design 5: approvals and policy holds are not for the queue’s operators', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1, { held: 'policy' })] });
    await custody.accept([sent], null, soon());
    const none = { recipients: 0, messages: [], more: false };
    assert.deepEqual(await custody.act({ kind: 'release' }, {}, 'op', 9, soon()), none);
    assert.deepEqual(await custody.act({ kind: 'drop', reason: 'spam' }, {}, 'op', 9, soon()), none);
  });

  promise('M8: retry makes due, reroute moves, drop discards', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(sent), deferredUntil(NOON + 9999)), W1, soon());
    assert.equal((await custody.act({ kind: 'retry' }, { ids: [sent.id] }, 'op', 9, soon())).recipients, 1);
    assert.equal((await custody.act({ kind: 'retry' }, { ids: [sent.id] }, 'op', 9, soon())).recipients, 0);
    const reroute = { kind: 'reroute', destination: OTHER } as const;
    assert.equal((await custody.act(reroute, { destination: PARTNER }, 'op', 9, soon())).recipients, 1);
    const [lane] = await custody.depth(soon());
    assert.deepEqual([lane?.destination, lane?.nextDue], [OTHER, clock.now()]);
    const drop = { kind: 'drop', reason: 'test mail' } as const;
    assert.equal((await custody.act(drop, { from: '*@acme.test' }, 'op', 9, soon())).recipients, 1);
    const { recipients } = await traceOf(custody, sent.id);
    assert.deepEqual([recipients[0]?.state, recipients[0]?.reason], ['discarded', 'test mail']);
  });

  promise('H4: an act leaves alone what is in work', async (custody, clock) => {
    await custody.accept([mail(clock)], W1, soon());
    assert.equal((await custody.act({ kind: 'drop', reason: '' }, {}, 'op', 9, soon())).recipients, 0);
  });
}
