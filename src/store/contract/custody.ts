/**
 * The promises of `ports/custody.ts` and `ports/journal.ts` as tests, for every keeper. A keeper passes when this suite passes; what only
 * one of them promises stands beside it. After each test the books balance and nothing is left open.
 */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  ArrivedMail,
  BornMail,
  Claim,
  IncarnationId,
  MailAddress,
  MailId,
  Outcome,
  RecipientState,
  Settlement,
  TenantId,
} from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { ClaimRequest, Custody, Journal, Trace, TracedRecipient } from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import { listingAffected } from './affected.ts';
import { decidingAboutHeld } from './held-acts.ts';
import { inspecting } from './inspected.ts';
import { redelivering } from './redelivered.ts';
import { restoring } from './restored.ts';
import type { StandingClock } from './samples.ts';
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
  settlementOf,
  soon,
  textOf,
  worker,
} from './samples.ts';
import { tellingPeople } from './told.ts';

/** A keeper under test, and how to close it so that nothing stays behind. */
export interface Keeper {
  readonly custody: Custody & Journal;
  readonly clock: StandingClock;
  close(): Promise<void>;
}

/** The times that the suite's keepers are opened with. */
export const SUITE_SETTINGS: Partial<CustodySettings> = {
  delayNoticeMs: 4 * 3_600_000,
  expireMs: 5 * DAY_MS,
  heldMs: 10 * DAY_MS,
  host: 'host',
  release: '1.2.3',
};

const W1 = worker('1').id;
const W2 = worker('2').id;

/** Declares the suite for one keeper. */
export function custodyContract(name: string, open: () => Promise<Keeper>): void {
  /** A test with a keeper of its own, two living workers, and balanced books at its end. */
  const promise = (title: string, run: (custody: Custody & Journal, clock: StandingClock) => Promise<void>): void => {
    it(title, async () => {
      const keeper = await open();
      try {
        await keeper.custody.enlist(worker('1'), soon());
        await keeper.custody.enlist(worker('2'), soon());
        await run(keeper.custody, keeper.clock);
        await assertBalanced(keeper.custody);
      } finally {
        await keeper.close();
      }
    });
  };

  describe(`H3: custody of ${name}`, () => {
    accepting(promise);
    claiming(promise);
    settling(promise);
    leases(promise);
    acting(promise);
    auditing(promise);
    reading(promise);
    restoring(promise);
    inspecting(promise);
    decidingAboutHeld(promise);
    tellingPeople(promise);
    listingAffected(promise);
    redelivering(promise);
  });
}

type Declare = (title: string, run: (custody: Custody & Journal, clock: StandingClock) => Promise<void>) => void;

function accepting(promise: Declare): void {
  promise('H3: what was accepted is there as it came, and due at once', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1, { orcpt: { type: 'rfc822', address: 'x@y.test' } })] });
    await custody.accept([sent], null, soon());
    const [claim, ...others] = await custody.claim(due(clock), W1, soon());
    assert.equal(others.length, 0);
    const { recipients, body, ...rest } = sent;
    assert.deepEqual(claim?.mail, rest);
    assert.equal(textOf(claim?.body ?? null), textOf(body));
    assert.deepEqual(claim?.recipients[0]?.orcpt, recipients[0]?.orcpt);
    assert.equal(claim?.recipients[0]?.token, 1);
  });

  promise('H3: the content is read back as accepted, and missing content is a fault', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], null, soon());
    assert.equal(textOf(await custody.body(sent.id, soon())), textOf(sent.body));
    await assert.rejects(custody.body('0000000000000000' as MailId, soon()), { code: 'body.missing' });
  });

  promise('H3: with claimFor, queued recipients start claimed and held ones do not', async (custody, clock) => {
    const sent = mail(clock, { recipients: [recipient(1), recipient(2, { held: 'outbound off' })] });
    await custody.accept([sent], W1, soon());
    assert.deepEqual(await custody.claim(due(clock), W2, soon()), []);
    assert.deepEqual(await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon()), ['settled']);
    assert.deepEqual(await statesOf(custody, sent.id), ['delivered', 'held']);
  });

  promise('H3: an id that is there already is left as it is', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon());
    await custody.accept([sent], W1, soon());
    assert.deepEqual(await statesOf(custody, sent.id), ['delivered']);
    assert.equal((await booksOf(custody, ACME))?.accepted, 1);
  });

  promise('H3: a call that is late is refused', async (custody, clock) => {
    const late = { deadlineAt: performance.now() - 1 };
    await assert.rejects(custody.accept([mail(clock)], null, late), { code: 'call.late' });
    await assert.rejects(custody.depth(late), { code: 'call.late' });
    assert.deepEqual(await custody.books(soon()), []);
  });

  promise('design 1: the mails of one call come together, one per tenant', async (custody, clock) => {
    const one = mail(clock);
    const two = mail(clock, { id: `${one.id}-2` as MailId, tenant: GLOBEX });
    await custody.accept([{ ...one, id: `${one.id}-1` as MailId }, two], null, soon());
    assert.equal((await booksOf(custody, ACME))?.received, 1);
    assert.equal((await booksOf(custody, GLOBEX))?.received, 1);
  });

  promise('H3: a mail in the name of a dead worker waits for a living one', async (custody, clock) => {
    await custody.accept([mail(clock)], 'host/deliver/never' as IncarnationId, soon());
    assert.equal((await custody.claim(due(clock), W1, soon())).length, 1);
  });
}

function claiming(promise: Declare): void {
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

function settling(promise: Declare): void {
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

function leases(promise: Declare): void {
  promise('H10: beats are counted while a worker lives, and refused when it was retired', async (custody, clock) => {
    assert.equal(await custody.beat(W1, soon()), true);
    await custody.accept([mail(clock)], W1, soon());
    const [first, second] = await custody.beats(soon());
    assert.deepEqual([first?.incarnation.id, first?.beat, first?.claims], [W1, 1, 1]);
    assert.deepEqual([second?.incarnation.id, second?.beat, second?.claims], [W2, 0, 0]);
    assert.equal(await custody.retire(W1, true, soon()), 1);
    assert.equal(await custody.beat(W1, soon()), false);
    assert.deepEqual(await custody.claim(due(clock), W1, soon()), []);
  });

  promise('H10: a clean end frees claims without a doubt, an unclean one marks them', async (custody, clock) => {
    const [clean, unclean] = [mail(clock), mail(clock)];
    await custody.accept([clean], W1, soon());
    await custody.accept([unclean], W2, soon());
    assert.equal(await custody.retire(W1, true, soon()), 1);
    assert.equal(await custody.retire(W2, false, soon()), 1);
    assert.equal((await traceOf(custody, clean.id)).recipients[0]?.possiblyDuplicate, false);
    const doubtful = await traceOf(custody, unclean.id);
    assert.equal(doubtful.recipients[0]?.possiblyDuplicate, true);
    assert.deepEqual(kinds(doubtful), ['accepted', 'repaired']);
    assert.equal(doubtful.recipients[0]?.due, clock.now());
  });

  promise('H5: nothing is wrong when nothing is wrong', async (custody, clock) => {
    await custody.accept([mail(clock)], W1, soon());
    await custody.accept([mail(clock, { recipients: [recipient(1, { held: 'operator' })] })], null, soon());
    assert.deepEqual(await custody.sweep(soon()), []);
    assert.deepEqual(await custody.scrub(null, 10, soon()), { orphans: [], next: null });
  });

  promise('H5: a scrub goes through all live messages, page by page', async (custody, clock) => {
    const sent = [mail(clock), mail(clock), mail(clock)];
    await custody.accept(sent, null, soon());
    const first = await custody.scrub(null, 2, soon());
    assert.equal(first.next, sent[1]?.id);
    assert.equal((await custody.scrub(first.next, 2, soon())).next, null);
  });
}

function acting(promise: Declare): void {
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

function auditing(promise: Declare): void {
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

function reading(promise: Declare): void {
  promise('contract: a trace is found by id, Message-ID, address, subject, tenant and time', async (custody, clock) => {
    const original = 'Sales@acme.test' as MailAddress;
    const first = mail(clock, { recipients: [recipient(1, { original })] });
    clock.ms += 1000;
    const second = mail(clock, { tenant: GLOBEX, sender: 'bob@globex.test' as MailAddress });
    await custody.accept([first, second], null, soon());
    const find = async (query: Parameters<Journal['trace']>[0]): Promise<MailId[]> => {
      return ids2(await custody.trace(query, 9, soon()));
    };
    for (let indexed = 0; indexed < 2; indexed++) {
      assert.deepEqual(await find({}), [second.id, first.id]);
      assert.deepEqual(await find({ ids: [first.id] }), [first.id]);
      assert.deepEqual(await find({ messageId: `<${second.id}@acme.test>` }), [second.id]);
      assert.deepEqual(await find({ messageId: `${second.id}@acme.test` }), [second.id]);
      assert.deepEqual(await find({ address: 'sales@ACME.test' }), [first.id]);
      assert.deepEqual(await find({ address: 'alice@acme.test' }), [first.id]);
      assert.deepEqual(await find({ from: '*@globex.test' }), [second.id]);
      assert.deepEqual(await find({ to: 'r1@partner.test' }), [second.id, first.id]);
      assert.deepEqual(await find({ to: 'r1@partner.test', tenant: ACME }), [first.id]);
      assert.deepEqual(await find({ subject: `offer ${second.id}` }), [second.id]);
      assert.deepEqual(await find({ since: NOON + 1 }), [second.id]);
      assert.deepEqual(await find({ until: NOON }), [first.id]);
      assert.deepEqual(await find({ state: 'held' }), []);
      // Closing nothing brings the look-up index up to date: the answers stay the same.
      await custody.rollOver(0, 0, 1, soon());
    }
    assert.deepEqual(ids2(await custody.trace({ to: 'r1@partner.test' }, 1, soon())), [second.id]);
  });

  promise('contract: the trace tells the whole way in order, without an address', async (custody, clock) => {
    const sent = mail(clock);
    await custody.accept([sent], W1, soon());
    const text = 'mailbox <r1@partner.test> is busy';
    const busy: Outcome = { kind: 'deferred', reply: reply(450, text), due: NOON, delayNotified: false };
    await custody.settle(settlementOf(claimOfAccepted(sent), busy), W1, soon());
    const [claim] = await custody.claim(due(clock), W2, soon());
    await custody.settle(settlementOf(claim as Claim, DELIVERED), W2, soon());
    const { events, recipients } = await traceOf(custody, sent.id);
    assert.deepEqual(
      events.map((event) => [event.kind, event.stage, event.component, event.worker, event.attempt, event.detail]),
      [
        ['accepted', 'accept', 'gate', W1, 0, 'received'],
        ['deferred', 'deliver', 'deliver', W1, 1, '450 4.2.0 mailbox <(address)> is busy'],
        ['delivered', 'deliver', 'deliver', W2, 2, '250 2.0.0 ok'],
      ],
    );
    assert.deepEqual(events.map(({ host, release, provider, elapsedMs }) => [host, release, provider, elapsedMs])[2], [
      'host',
      '1.2.3',
      'mx.partner.test[192.0.2.1]:25',
      5,
    ]);
    const [shown] = recipients as [TracedRecipient];
    assert.deepEqual([shown.state, shown.due, shown.attempts, shown.lastReply], ['delivered', null, 2, '250 2.0.0 ok']);
  });

  promise('contract: the queue is listed page by page in order of acceptance', async (custody, clock) => {
    const recipients = [recipient(1), recipient(2, { held: 'operator' })];
    const sent = [mail(clock, { recipients }), mail(clock), mail(clock, { tenant: GLOBEX })];
    await custody.accept(sent, null, soon());
    const first = await custody.queue({}, null, 2, soon());
    assert.deepEqual(ids2(first.items), [sent[0]?.id, sent[1]?.id]);
    assert.equal(first.next, sent[1]?.id);
    assert.deepEqual(first.items[0]?.events, []);
    const second = await custody.queue({}, first.next, 2, soon());
    assert.deepEqual([ids2(second.items), second.next], [[sent[2]?.id], null]);
    const held = await custody.queue({ state: 'held' }, null, 9, soon());
    assert.deepEqual(
      held.items.map((item) => item.recipients.map(({ n }) => n)),
      [[2]],
    );
    assert.equal(held.items[0]?.recipients[0]?.due, NOON + 10 * DAY_MS);
  });

  promise('M2: the wait for the first attempt leaves out the time with a person', async (custody, clock) => {
    const [prompt, heldBack] = [mail(clock), mail(clock, { recipients: [recipient(1, { held: 'operator' })] })];
    await custody.accept([prompt], W1, soon());
    await custody.accept([heldBack], null, soon());
    clock.ms += 805;
    await custody.settle(settlementOf(claimOfAccepted(prompt), DELIVERED), W1, soon());
    clock.ms += 3_600_000;
    await custody.act({ kind: 'release' }, {}, 'op', 9, soon());
    clock.ms += 105;
    const [claim] = await custody.claim(due(clock), W1, soon());
    await custody.settle(settlementOf(claim as Claim, DELIVERED), W1, soon());
    assert.deepEqual(await custody.firstAttempts(NOON, soon()), { count: 2, p50: 800, p95: 800, p99: 800 });
    assert.deepEqual(await custody.firstAttempts(NOON + 10_000, soon()), { count: 1, p50: 100, p95: 100, p99: 100 });
  });
}

/** A settlement of two recipients, and the report that tells of it. */
function bothWays(claim: Claim, first: Outcome, second: Outcome, born: ArrivedMail): Settlement {
  const outcomes = [
    { n: 1, outcome: first },
    { n: 2, outcome: second },
  ];
  return { ...settlementOf(claim, first), outcomes, born: [born] };
}

/** Both sides agree with each other and with the live books. */
export async function assertBalanced(custody: Custody): Promise<void> {
  for (const each of await custody.recount(soon())) assert.ok(each.balanced, JSON.stringify(each));
}

function due(clock: StandingClock): ClaimRequest & { kind: 'due' } {
  return {
    kind: 'due',
    destination: PARTNER,
    tenant: null,
    fresh: false,
    ignoreDue: false,
    now: clock.now(),
    limit: 100,
  };
}

async function booksOf(
  custody: Custody,
  tenant: TenantId,
): Promise<Awaited<ReturnType<Custody['books']>>[number] | undefined> {
  return (await custody.books(soon())).find((books) => books.tenant === tenant);
}

async function traceOf(custody: Journal, id: MailId): Promise<Trace> {
  const [trace] = await custody.trace({ ids: [id] }, 1, soon());
  assert.ok(trace, `${id} is not found`);
  return trace;
}

async function statesOf(custody: Journal, id: MailId): Promise<RecipientState[]> {
  return (await traceOf(custody, id)).recipients.map(({ state }) => state);
}

function kinds(trace: Trace): string[] {
  return trace.events.map(({ kind }) => kind);
}

function ids(claims: readonly Claim[]): MailId[] {
  return claims.map((claim) => claim.mail.id);
}

function ids2(traces: readonly Trace[]): MailId[] {
  return traces.map(({ id }) => id);
}
