/** Who holds what waits, and what comes up by itself (H4, M5, design 1). */
import assert from 'node:assert/strict';
import type { ClaimRequest } from '#/ports/index.ts';
import { type Declare, due, ids, statesOf, W1, W2 } from './questions.ts';
import {
  ACME,
  claimOfAccepted,
  DAY_MS,
  deferredUntil,
  GLOBEX,
  mail,
  NOON,
  OTHER,
  recipient,
  settlementOf,
  soon,
  textOf,
} from './samples.ts';

/** Declares its tests for one keeper. */
export function claiming(promise: Declare): void {
  promise('H4: two workers never hold the same recipient', async (custody, clock) => {
    await custody.accept([mail(clock), mail(clock), mail(clock)], null, soon());
    const both = await Promise.all([custody.claim(due(clock), W1, soon()), custody.claim(due(clock), W2, soon())]);
    assert.equal(both.flat().length, 3);
    assert.equal(new Set(both.flat().map((claim) => claim.mail.id)).size, 3);
  });

  promise('M5: claims come by due time, of one tenant or of all, never more than asked for', async (custody, clock) => {
    const [late, early] = [mail(clock, { tenant: GLOBEX }), mail(clock)];
    await custody.accept(
      [
        { ...late, receivedAt: NOON - 1 },
        { ...early, receivedAt: NOON - 2 },
      ],
      null,
      soon(),
    );
    await custody.accept([mail(clock)], null, soon());
    const two = await custody.claim({ ...due(clock), limit: 2 }, W1, soon());
    assert.deepEqual(ids(two), [early.id, late.id]);
    assert.deepEqual(ids(await custody.claim({ ...due(clock), tenant: GLOBEX }, W1, soon())), []);
    assert.equal((await custody.claim({ ...due(clock), tenant: ACME }, W1, soon())).length, 1);
  });

  promise('M5: fresh ones can be asked for alone', async (custody, clock) => {
    const tried = mail(clock);
    await custody.accept([tried], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(tried), deferredUntil(NOON - 5)), W1, soon());
    const fresh = mail(clock);
    await custody.accept([fresh], null, soon());
    assert.deepEqual(ids(await custody.claim({ ...due(clock), fresh: true }, W1, soon())), [fresh.id]);
    assert.deepEqual(ids(await custody.claim(due(clock), W1, soon())), [tried.id]);
  });

  promise('M5: what is not due waits, unless its destination has just opened', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(sent), deferredUntil(NOON + 60_000)), W1, soon());
    assert.deepEqual(await custody.claim(due(clock), W1, soon()), []);
    assert.deepEqual(ids(await custody.claim({ ...due(clock), ignoreDue: true }, W1, soon())), [sent.id]);
  });

  promise('H4: recipients of one message make one claim per destination', async (custody, clock) => {
    const recipients = [recipient(1), recipient(2), recipient(3, { destination: OTHER })];
    await custody.accept([mail(clock, { recipients })], null, soon());
    const [first, ...rest] = await custody.claim(due(clock), W1, soon());
    assert.equal(rest.length, 0);
    assert.deepEqual(
      first?.recipients.map(({ n }) => n),
      [1, 2],
    );
    const other = await custody.claim({ ...due(clock), destination: OTHER }, W1, soon());
    assert.deepEqual(
      other[0]?.recipients.map(({ n }) => n),
      [3],
    );
  });

  promise(
    'H4: however many recipients are claimed at once, a message is one claim, with its content',
    async (custody, clock) => {
      const recipients = Array.from({ length: 90 }, (_, i) => recipient(i + 1));
      const sent = [mail(clock), mail(clock, { recipients }), mail(clock)];
      await custody.accept(sent, null, soon());
      const claims = await custody.claim({ ...due(clock), limit: 96 }, W1, soon());
      assert.deepEqual(
        claims.map((claim) => [claim.mail.id, claim.recipients.length]),
        sent.map(({ id, recipients: all }) => [id, all.length]),
      );
      assert.deepEqual(
        claims.map(({ body }) => textOf(body)),
        sent.map(({ body }) => textOf(body)),
      );
      assert.equal(new Set(claims[1]?.recipients.map(({ n }) => n)).size, 90);
    },
  );

  promise('design 1: attention comes for waiting mail after the delay, then at expiry', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], null, soon());
    const attention = (): ClaimRequest => ({ kind: 'attention', now: clock.now(), limit: 10 });
    assert.deepEqual(await custody.claim(attention(), W1, soon()), []);
    clock.ms = NOON + 4 * 3_600_000;
    const [claim] = await custody.claim(attention(), W1, soon());
    assert.equal(claim?.mail.id, sent.id);
    const notified = { kind: 'returned', due: clock.now(), delayNotified: true } as const;
    await custody.settle(settlementOf(claim, notified), W1, soon());
    assert.deepEqual(await custody.claim(attention(), W1, soon()), []);
    clock.ms = NOON + 5 * DAY_MS;
    const [again] = await custody.claim(attention(), W1, soon());
    assert.equal(again?.recipients[0]?.delayNotified, true);
    assert.equal(again?.recipients[0]?.attempts, 0);
  });

  promise('H5: held mail comes up when its deadline has passed', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1, { held: 'no local delivery' })] });
    await custody.accept([sent], null, soon());
    const held = (): ClaimRequest => ({ kind: 'held', now: clock.now(), limit: 10 });
    assert.deepEqual(await custody.claim(held(), W1, soon()), []);
    clock.ms = NOON + 10 * DAY_MS;
    const [claim] = await custody.claim(held(), W1, soon());
    assert.equal(claim?.recipients[0]?.state, 'held');
    const expired = { kind: 'expired', reply: null } as const;
    assert.deepEqual(await custody.settle(settlementOf(claim, expired, { peer: null }), W1, soon()), ['settled']);
    assert.deepEqual(await statesOf(custody, sent.id), ['expired']);
  });

  promise('H4: a claim by name takes what the filter means, held ones too', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1, { held: 'operator' }), recipient(2), recipient(3)] });
    await custody.accept([sent, mail(clock)], null, soon());
    const filter = { ids: [sent.id], to: 'R1@PARTNER.TEST' };
    const claims = await custody.claim({ kind: 'named', filter, limit: 10 }, W1, soon());
    assert.deepEqual(
      claims.flatMap((claim) => claim.recipients.map(({ n }) => n)),
      [1],
    );
  });
}
