/** What becomes of a claim, and what is born with it (H4, design 1). */
import assert from 'node:assert/strict';
import type { BornMail, Claim, MailId } from '#/model/index.ts';
import { booksOf, bothWays, type Declare, due, statesOf, traceOf, W1, W2 } from './questions.ts';
import {
  ACME,
  claimOfAccepted,
  DELIVERED,
  deferredUntil,
  GLOBEX,
  mail,
  NOON,
  OTHER,
  recipient,
  reply,
  settlementOf,
  soon,
  textOf,
} from './samples.ts';

/** Declares its tests for one keeper. */
export function settling(promise: Declare): void {
  promise('H4: a served recipient is never served again when the other one fails', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1), recipient(2)] });
    await custody.accept([sent], W1, soon());
    const claim = claimOfAccepted(sent);
    const outcomes = [
      { n: 1, outcome: DELIVERED },
      { n: 2, outcome: deferredUntil(NOON) },
    ];
    assert.deepEqual(await custody.settle({ ...settlementOf(claim, DELIVERED), outcomes }, W1, soon()), [
      'settled',
      'settled',
    ]);
    const [again] = await custody.claim(due(clock), W1, soon());
    assert.deepEqual(
      again?.recipients.map(({ n, attempts, token }) => ({ n, attempts, token })),
      [{ n: 2, attempts: 1, token: 2 }],
    );
    assert.equal(again?.recipients[0]?.lastReply?.text, 'not now');
  });

  promise('H4: what has ended stays ended', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    const claim = claimOfAccepted(sent);
    await custody.settle(settlementOf(claim, { kind: 'bounced', reply: reply(550, 'no') }), W1, soon());
    assert.deepEqual(await custody.settle(settlementOf(claim, DELIVERED), W1, soon()), ['already']);
    assert.deepEqual(await statesOf(custody, sent.id), ['bounced']);
  });

  promise('H4: a lost claim settles nothing but a delivery', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    const lost = claimOfAccepted(sent);
    await custody.retire(W1, false, soon());
    const [second] = await custody.claim(due(clock), W2, soon());
    assert.equal(second?.recipients[0]?.possiblyDuplicate, true);
    assert.deepEqual(await custody.settle(settlementOf(lost, deferredUntil(NOON)), W1, soon()), ['lapsed']);
    assert.deepEqual(await custody.settle(settlementOf(lost, DELIVERED), W1, soon()), ['settled']);
    assert.deepEqual(await custody.settle(settlementOf(second, DELIVERED), W2, soon()), ['already']);
    assert.deepEqual(await statesOf(custody, sent.id), ['delivered']);
  });

  promise('H4: a peer that went away with the whole message leaves a mark, and it stays', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    const doubtful = { ...deferredUntil(clock.now()), mayHaveArrived: true };
    await custody.settle(settlementOf(claimOfAccepted(sent), doubtful), W1, soon());
    const [again] = await custody.claim(due(clock), W1, soon());
    assert.equal(again?.recipients[0]?.possiblyDuplicate, true);
    assert.ok(again !== undefined);
    await custody.settle(settlementOf(again, DELIVERED), W1, soon());
    assert.equal((await traceOf(custody, sent.id)).recipients[0]?.possiblyDuplicate, true);
  });

  promise('H4: an older claim of the same worker has lapsed too', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    const first = claimOfAccepted(sent);
    const giveBack = { kind: 'returned', due: NOON, delayNotified: false } as const;
    await custody.settle(settlementOf(first, giveBack), W1, soon());
    const [second] = await custody.claim(due(clock), W1, soon());
    assert.deepEqual(await custody.settle(settlementOf(first, deferredUntil(NOON)), W1, soon()), ['lapsed']);
    assert.deepEqual(await custody.settle(settlementOf(second as Claim, DELIVERED), W1, soon()), ['settled']);
  });

  promise('design 1: a bounce and its DSN come together, or neither', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    const dsn = mail(clock, { parent: sent.id, origin: 'generated', purpose: 'dsn', sender: null });
    const bounce = { kind: 'bounced', reply: reply(550, 'no such user') } as const;
    const settlement = settlementOf(claimOfAccepted(sent), bounce, { born: [dsn] });
    assert.deepEqual(await custody.settle(settlement, W1, soon()), ['settled']);
    assert.deepEqual(await custody.settle(settlement, W1, soon()), ['already']);
    const [claim] = await custody.claim(due(clock), W1, soon());
    assert.equal(claim?.mail.parent, sent.id);
    assert.equal(textOf(claim?.body ?? null), textOf(dsn.body));
    const books = await booksOf(custody, ACME);
    assert.deepEqual([books?.received, books?.generated, books?.bounced, books?.queued], [1, 1, 1, 1]);
    const unborn = mail(clock, { parent: sent.id, origin: 'generated' });
    await custody.settle(settlementOf(claimOfAccepted(sent), bounce, { born: [unborn] }), W1, soon());
    assert.deepEqual(await custody.trace({ ids: [unborn.id] }, 1, soon()), []);
  });

  promise(
    'H4: no report is sent of a failure that was lost while another recipient was served',
    async (custody, clock) => {
      const sent = mail(clock, { recipients: [recipient(1), recipient(2)] });
      await custody.accept([sent], W1, soon());
      await custody.retire(W1, false, soon());
      const dsn = mail(clock, { parent: sent.id, origin: 'generated', purpose: 'dsn', sender: null });
      const late = bothWays(claimOfAccepted(sent), DELIVERED, { kind: 'bounced', reply: reply(550, 'no') }, dsn);
      assert.deepEqual(await custody.settle(late, W1, soon()), ['settled', 'lapsed']);
      assert.deepEqual(await statesOf(custody, sent.id), ['delivered', 'queued']);
      assert.deepEqual(await custody.trace({ ids: [dsn.id] }, 1, soon()), []);
    },
  );

  promise(
    'H4: a report of two failures of which one was lost waits for the next attempt of the other',
    async (custody, clock) => {
      const sent = mail(clock, { recipients: [recipient(1), recipient(2)] });
      await custody.accept([sent], W1, soon());
      const lost = claimOfAccepted(sent);
      await custody.retire(W1, false, soon());
      const [claim] = await custody.claim(due(clock), W2, soon());
      assert.ok(claim !== undefined);
      await custody.settle({ ...settlementOf(lost, DELIVERED), outcomes: [{ n: 1, outcome: DELIVERED }] }, W1, soon());
      const bounce = { kind: 'bounced', reply: reply(550, 'no such user') } as const;
      const dsn = mail(clock, { parent: sent.id, origin: 'generated', purpose: 'dsn', sender: null });
      assert.deepEqual(await custody.settle(bothWays(claim, bounce, bounce, dsn), W2, soon()), ['already', 'lapsed']);
      assert.deepEqual(await custody.trace({ ids: [dsn.id] }, 1, soon()), []);
      const [again] = await custody.claim(due(clock), W2, soon());
      assert.deepEqual(
        again?.recipients.map(({ n }) => n),
        [2],
      );
      assert.deepEqual(await custody.settle(settlementOf(again, bounce, { born: [dsn] }), W2, soon()), ['settled']);
      assert.deepEqual(await statesOf(custody, sent.id), ['delivered', 'bounced']);
      assert.deepEqual(await statesOf(custody, dsn.id), ['queued']);
    },
  );

  promise(
    'design 1: what the rules of a recipient make of a mail is born with that outcome, once, whatever became of the others',
    async (custody, clock) => {
      const sent = mail(clock, { recipients: [recipient(1), recipient(2), recipient(3)] });
      await custody.accept([sent], W1, soon());
      const lost = claimOfAccepted(sent);
      await custody.retire(W1, false, soon());
      const forward = (bornOf: number): BornMail => {
        const forwarded = mail(clock, { parent: sent.id, origin: 'generated', sender: null });
        return { ...forwarded, bornOf };
      };
      const [first, again, second, third] = [forward(1), forward(1), forward(2), forward(3)];
      const [claim] = await custody.claim(due(clock), W2, soon());
      assert.ok(claim !== undefined);
      // The first is served by the worker that had been given up, which makes a mail of it; the others have lapsed.
      const settlement = settlementOf(lost, deferredUntil(NOON), { born: [first, third] });
      const outcomes = lost.recipients.map(({ n }) => ({ n, outcome: n === 1 ? DELIVERED : deferredUntil(NOON) }));
      assert.deepEqual(await custody.settle({ ...settlement, outcomes }, W1, soon()), ['settled', 'lapsed', 'lapsed']);
      const dsn = mail(clock, { parent: sent.id, origin: 'generated', purpose: 'dsn', sender: null });
      const bounce = { kind: 'bounced', reply: reply(550, 'no such user') } as const;
      const both = [
        { n: 1, outcome: DELIVERED },
        { n: 2, outcome: DELIVERED },
        { n: 3, outcome: bounce },
      ];
      const late = { ...settlementOf(claim, DELIVERED), outcomes: both, born: [again, second, dsn] };
      assert.deepEqual(await custody.settle(late, W2, soon()), ['already', 'settled', 'settled']);
      const there = async (id: MailId): Promise<number> => (await custody.trace({ ids: [id] }, 1, soon())).length;
      const found = await Promise.all([first, again, second, third, dsn].map(({ id }) => there(id)));
      assert.deepEqual(found, [1, 0, 1, 0, 1]);
      assert.equal((await booksOf(custody, ACME))?.generated, 3);
    },
  );

  promise(
    'design 1: a mail that is born of several recipients is born for those whose outcomes settled, and for no other',
    async (custody, clock) => {
      const sent = mail(clock, { recipients: [recipient(1), recipient(2), recipient(3)] });
      await custody.accept([sent], W1, soon());
      const lost = claimOfAccepted(sent);
      await custody.retire(W1, false, soon());
      const crossing = (): BornMail => {
        const recipients = [recipient(1), recipient(2), recipient(3)];
        return { ...mail(clock, { tenant: GLOBEX, parent: sent.id, recipients }), bornOf: [1, 2, 3] };
      };
      const late = crossing();
      const outcomes = [1, 2, 3].map((n) => ({ n, outcome: n === 2 ? DELIVERED : deferredUntil(NOON) }));
      const settlement = { ...settlementOf(lost, DELIVERED, { born: [late] }), outcomes };
      assert.deepEqual(await custody.settle(settlement, W1, soon()), ['lapsed', 'settled', 'lapsed']);
      assert.deepEqual(
        (await traceOf(custody, late.id)).recipients.map(({ n }) => n),
        [2],
      );
      const [claim] = await custody.claim({ ...due(clock), tenant: ACME }, W2, soon());
      const rest = { ...crossing(), recipients: [recipient(1), recipient(3)], bornOf: [1, 3] };
      const again = settlementOf(claim as Claim, DELIVERED, { born: [rest] });
      assert.deepEqual(await custody.settle(again, W2, soon()), ['settled', 'settled']);
      assert.deepEqual(
        (await traceOf(custody, rest.id)).recipients.map(({ n }) => n),
        [1, 3],
      );
      assert.equal((await booksOf(custody, GLOBEX))?.received, 3);
      const none = { ...crossing(), recipients: [recipient(1)], bornOf: [1] };
      assert.deepEqual(await custody.settle({ ...again, born: [none] }, W2, soon()), ['already', 'already']);
      assert.deepEqual(await custody.trace({ ids: [none.id] }, 1, soon()), []);
    },
  );

  promise(
    'H1: a mail that is born once of another is born by the first settlement that brings it, and by no other',
    async (custody, clock) => {
      const sent = mail(clock, { recipients: [recipient(1), recipient(2), recipient(3)] });
      await custody.accept([sent], null, soon());
      const copy = (once: string, bornOf: number): BornMail => {
        return { ...mail(clock, { parent: sent.id, origin: 'generated' }), bornOf, once };
      };
      const there = async (...mails: readonly BornMail[]): Promise<number[]> =>
        Promise.all(mails.map(async ({ id }) => (await custody.trace({ ids: [id] }, 1, soon())).length));
      const next = async (): Promise<Claim> => {
        const [claim] = await custody.claim({ ...due(clock), limit: 1 }, W1, soon());
        assert.ok(claim);
        return claim;
      };
      const first = await next();
      const [a1, b1] = [copy('archive a@x.test', 1), copy('archive b@x.test', 1)];
      await custody.settle(settlementOf(first, DELIVERED, { born: [a1, b1] }), W1, soon());
      const second = await next();
      const [a2, c2, d2] = [copy('archive a@x.test', 2), copy('bcc a@x.test', 2), copy('bcc d@x.test', 1)];
      await custody.settle(settlementOf(second, DELIVERED, { born: [a2, c2, d2] }), W1, soon());
      const third = await next();
      const [c3, d3] = [copy('bcc a@x.test', 3), copy('bcc d@x.test', 3)];
      await custody.settle(settlementOf(third, DELIVERED, { born: [c3, d3] }), W1, soon());
      assert.deepEqual(await there(a1, b1, a2, c2, d2, c3, d3), [1, 1, 0, 1, 0, 0, 1]);
      const other = mail(clock);
      await custody.accept([other], null, soon());
      const claims = await custody.claim(due(clock), W1, soon());
      const claim = claims.find((one) => one.mail.id === other.id);
      assert.ok(claim);
      const own = { ...copy('archive a@x.test', 1), parent: other.id };
      await custody.settle(settlementOf(claim, DELIVERED, { born: [own] }), W1, soon());
      assert.deepEqual(await there(own), [1], 'of another mail');
    },
  );

  promise('H4: a report that has to wait keeps no forward back', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1), recipient(2)] });
    await custody.accept([sent], W1, soon());
    await custody.retire(W1, false, soon());
    const forward = { ...mail(clock, { parent: sent.id, origin: 'generated' }), bornOf: 1 };
    const dsn = mail(clock, { parent: sent.id, origin: 'generated', purpose: 'dsn', sender: null });
    const late = bothWays(claimOfAccepted(sent), DELIVERED, { kind: 'bounced', reply: reply(550, 'no') }, dsn);
    const settlement = { ...late, born: [dsn, forward] };
    assert.deepEqual(await custody.settle(settlement, W1, soon()), ['settled', 'lapsed']);
    assert.deepEqual(await custody.trace({ ids: [dsn.id] }, 1, soon()), []);
    assert.equal((await custody.trace({ ids: [forward.id] }, 1, soon())).length, 1);
  });

  promise('design 5: a trace knows who handed a mail in, and which server was tried', async (custody, clock) => {
    const identity = { kind: 'relay', tenant: ACME, name: 'scanner-3f' } as const;
    const sent = mail(clock, { identity });
    await custody.accept([sent], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon());
    const trace = await traceOf(custody, sent.id);
    assert.deepEqual(trace.identity, identity);
    assert.deepEqual(
      trace.events.map(({ provider }) => provider),
      [null, 'mx.partner.test[192.0.2.1]:25'],
    );
  });

  promise('H4: every outcome leads where it says', async (custody, clock) => {
    const outcomes = [
      ['discarded', { kind: 'discarded', reason: 'not wanted' }],
      ['expired', { kind: 'expired', reply: reply(450, 'later') }],
      ['held', { kind: 'held', reason: 'outbound off', detail: 'outbound is off' }],
      ['queued', { kind: 'moved', destination: OTHER }],
    ] as const;
    for (const [state, outcome] of outcomes) {
      const sent = mail(clock);
      await custody.accept([sent], W1, soon());
      assert.deepEqual(await custody.settle(settlementOf(claimOfAccepted(sent), outcome), W1, soon()), ['settled']);
      assert.deepEqual(await statesOf(custody, sent.id), [state]);
    }
    const moved = await custody.claim({ ...due(clock), destination: OTHER }, W1, soon());
    assert.equal(moved.length, 1);
  });

  promise('H5: the content goes with the last recipient', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1), recipient(2)] });
    await custody.accept([sent], W1, soon());
    const claim = claimOfAccepted(sent);
    await custody.settle({ ...settlementOf(claim, DELIVERED), outcomes: [{ n: 1, outcome: DELIVERED }] }, W1, soon());
    assert.equal(textOf(await custody.body(sent.id, soon())), textOf(sent.body));
    await custody.settle({ ...settlementOf(claim, DELIVERED), outcomes: [{ n: 2, outcome: DELIVERED }] }, W1, soon());
    await assert.rejects(custody.body(sent.id, soon()), { code: 'body.missing' });
    assert.equal(custody.reserveBytes(), 0);
  });
}
