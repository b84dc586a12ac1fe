import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DestinationKey, IncarnationId, Outcome, PolicyVersion } from '#/model/index.ts';
import { Fault, INSPECT_DESTINATION, within } from '#/model/index.ts';
import { type PeopleNotices, TELLS_NOBODY } from '#/ports/index.ts';
import { BROKEN_NOTICES, HERE, incarnationOf, overriding, QueueBench } from '#/testkit/index.ts';
import { QUEUE_DEFAULTS } from './index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
// A short life, so that the tests need not let days pass.
const retry = { ...QUEUE_DEFAULTS.retry, delayNoticeMs: 10 * MINUTE, expireMs: 30 * MINUTE };
const settings = { retry };
const QUARANTINED = {
  kind: 'suspended',
  destination: 'mx:works.test' as DestinationKey,
  until: null,
  atEnd: 'expire',
  verdict: {
    kind: 'hold',
    forMs: null,
    atEnd: 'expire',
    rule: 'macros',
    version: 'v1' as PolicyVersion,
    reason: { en: 'it carries a macro', ja: 'マクロを含みます' },
    changes: [],
    notify: [],
  },
} as const satisfies Outcome;

test('H5: a sender is told once that the mail waits, and once that it is given up', async () => {
  await using bench = await QueueBench.start({ settings });
  bench.deliverer.manners.set('mx:partner.test', 'defers');
  const mail = await bench.accept();
  await bench.clock.advance(9 * MINUTE, 1_000);
  assert.deepEqual(bench.notices, []);
  await bench.clock.advance(15 * MINUTE, 1_000);
  assert.deepEqual(
    bench.notices.map(({ kind }) => kind),
    ['delay'],
  );
  await bench.clock.advance(10 * MINUTE, 1_000);
  assert.deepEqual(
    bench.notices.map(({ kind }) => kind),
    ['delay', 'failure'],
  );
  assert.deepEqual(await bench.states(mail.id), ['expired']);
  const dsns = await bench.store.trace({ to: 'someone@partner.test', from: '<>' }, 10, within(1_000));
  assert.equal(dsns.length, 2);
  assert.ok(dsns.every(({ parent }) => parent === mail.id));
  assert.equal(await bench.balanced(), true);
});

test('H5: mail that only its forward was tried again for is delivered when its time runs out, and no failure is told', async () => {
  await using bench = await QueueBench.start({ settings });
  const reply = { code: 250, enhanced: '2.1.5', text: 'Delivered; not forwarded yet', host: null };
  bench.stopOffers();
  const stop = bench.queue.work.onReady((slot) => {
    for (let claim = slot.next(); claim !== null; claim = slot.next()) {
      const due = bench.clock.now() + MINUTE;
      const outcome = {
        kind: 'deferred',
        reply,
        due,
        delayNotified: claim.recipients[0]?.delayNotified ?? false,
      } as const;
      const outcomes = claim.recipients.map(({ n }) => ({ n, outcome }));
      slot.finish({ claim, outcomes, born: [], elapsedMs: 1, peer: 'mailboxes' });
    }
    slot.release();
  });
  const mail = await bench.accept();
  await bench.clock.advance(35 * MINUTE, 1_000);
  stop();
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
  const told = bench.notices.filter(({ claim }) => claim.mail.id === mail.id);
  assert.deepEqual(
    told.map(({ kind }) => kind),
    ['delay'],
  );
  assert.equal(bench.count('queue.forward_given_up'), 1);
  assert.equal(await bench.balanced(), true);
});

test('H5: after a long stop nothing expires before it was tried once more', async () => {
  // No delay notice comes before the end, and what is due is seen late: the end is looked at first.
  await using bench: QueueBench = new QueueBench({
    settings: { retry: { ...retry, delayNoticeMs: HOUR } },
    wrap: (store) =>
      overriding(store, {
        depth: async (call) => {
          await bench.clock.sleep(3_000);
          return store.depth(call);
        },
      }),
  });
  const [mail] = await bench.backlog(1);
  await bench.clock.advance(3 * HOUR, HOUR);
  await bench.start();
  await bench.clock.advance(2_000, 100);
  assert.ok(mail !== undefined);
  assert.deepEqual(await bench.states(mail.id), ['delivered']);
});

test('H5: mail whose time ran out while we were away expires when its destination is seen to be down', async () => {
  await using bench = new QueueBench({ settings });
  bench.deliverer.manners.set('mx:partner.test', 'refuses');
  const mails = await bench.backlog(50);
  await bench.clock.advance(3 * HOUR, HOUR);
  await bench.start();
  await bench.clock.advance(2 * MINUTE, 500);
  const states = await Promise.all(mails.map(({ id }) => bench.states(id)));
  assert.ok(states.every(([state]) => state === 'expired'));
  assert.equal(bench.notices.filter(({ kind }) => kind === 'failure').length, 50);
});

test('H5: mail that was held until its deadline expires, and its sender is told', async () => {
  await using bench = await QueueBench.start({ settings });
  const mail = await bench.accept({ held: 'outbound off' });
  await bench.clock.advance(10 * 24 * HOUR, 6 * HOUR);
  await bench.clock.advance(MINUTE, 1_000);
  assert.deepEqual(await bench.states(mail.id), ['expired']);
  assert.deepEqual(
    bench.notices.map(({ kind }) => kind),
    ['failure'],
  );
});

test('H5: mail that nobody inspected in all its time is set aside for a person, and others do not wait behind it', async () => {
  await using bench = await QueueBench.start({ settings });
  const [mail] = await bench.backlog(1, { destination: INSPECT_DESTINATION });
  assert.ok(mail !== undefined);
  await bench.clock.advance(25 * MINUTE, 1_000);
  assert.deepEqual(await bench.states(mail.id), ['queued']);
  await bench.clock.advance(20 * MINUTE, 1_000);
  assert.deepEqual(await bench.states(mail.id), ['held']);
  assert.deepEqual(
    bench.notices.map(({ kind }) => kind),
    ['delay'],
  );
  assert.equal(await bench.balanced(), true);
});

test('design 1: what policy held of a stranger ends discarded at its deadline, and nobody is sent a report', async () => {
  await using bench = await QueueBench.start({ settings });
  const sketch = { destination: INSPECT_DESTINATION };
  const [strange] = await bench.backlog(1, { ...sketch, stranger: true });
  const [own] = await bench.backlog(1, sketch);
  assert.ok(strange !== undefined && own !== undefined);
  const worker = 'host/inspect/1/1' as IncarnationId;
  await bench.store.enlist(incarnationOf(worker, bench.clock.now()), within(1_000));
  const due = { kind: 'due', destination: INSPECT_DESTINATION, tenant: null, fresh: false, ignoreDue: false } as const;
  const claims = await bench.store.claim({ ...due, now: bench.clock.now(), limit: 9 }, worker, within(1_000));
  for (const claim of claims) {
    const outcomes = [{ n: 1, outcome: QUARANTINED }];
    await bench.store.settle({ claim, outcomes, born: [], elapsedMs: 1, peer: null }, worker, within(1_000));
  }
  await bench.clock.advance(10 * 24 * HOUR, 6 * HOUR);
  await bench.clock.advance(MINUTE, 1_000);
  assert.deepEqual([await bench.states(strange.id), await bench.states(own.id)], [['discarded'], ['expired']]);
  assert.deepEqual(
    bench.notices.map(({ claim }) => claim.mail.id),
    [own.id],
  );
  assert.equal(await bench.balanced(), true);
});

test('design 5: mail that is held until a time goes on when it comes, and its sender is told nothing', async () => {
  await using bench = await QueueBench.start({ settings });
  const [timed, open] = await bench.backlog(2, { destination: 'mx:works.test' });
  assert.ok(timed !== undefined && open !== undefined);
  const until = bench.clock.now() + 2 * HOUR;
  await bench.store.act({ kind: 'hold', until, atEnd: 'release' }, { ids: [timed.id] }, 'op', 9, within(1_000));
  await bench.store.act({ kind: 'hold', until, atEnd: 'expire' }, { ids: [open.id] }, 'op', 9, within(1_000));
  await bench.clock.advance(2 * HOUR - MINUTE, MINUTE);
  assert.deepEqual(await bench.states(timed.id), ['held']);
  await bench.clock.advance(2 * MINUTE, 1_000);
  assert.deepEqual(await bench.states(timed.id), ['delivered']);
  assert.deepEqual(await bench.states(open.id), ['expired']);
  assert.deepEqual(
    bench.notices.map(({ claim }) => claim.mail.id),
    [open.id],
  );
  assert.equal(await bench.balanced(), true);
});

test('H5: mail whose report can not be made still ends, and the log says so', async () => {
  await using bench = await QueueBench.start({ settings, notices: BROKEN_NOTICES });
  bench.deliverer.manners.set('mx:partner.test', 'defers');
  const [mail, held] = [await bench.accept(), await bench.accept({ held: 'outbound off' })];
  await bench.clock.advance(35 * MINUTE, 1_000);
  assert.deepEqual(await bench.states(mail.id), ['expired']);
  assert.equal(bench.count('queue.notice_failed'), 2);
  await bench.clock.advance(10 * 24 * HOUR, 6 * HOUR);
  await bench.clock.advance(MINUTE, 1_000);
  assert.deepEqual(await bench.states(held.id), ['expired']);
  assert.equal(bench.count('queue.notice_failed'), 3);
  assert.deepEqual(bench.fatal, []);
});

test('H5: a DSN that can not be delivered ends discarded, and nobody is told', async () => {
  await using bench = await QueueBench.start({ settings });
  bench.deliverer.manners.set('mx:sender.test', 'defers');
  const dsn = await bench.accept({ purpose: 'dsn', destination: 'mx:sender.test' });
  await bench.clock.advance(40 * MINUTE, 1_000);
  assert.deepEqual(await bench.states(dsn.id), ['discarded']);
  assert.equal(bench.notices.filter(({ kind }) => kind === 'failure').length, 0);
});

test('H5: a wall clock that jumps ahead expires nothing', async () => {
  await using bench = await QueueBench.start({ settings });
  bench.deliverer.manners.set('mx:partner.test', 'defers');
  const mail = await bench.accept();
  await bench.clock.advance(5_000, 500);
  bench.clock.jump(30 * 24 * HOUR);
  await bench.clock.advance(5 * MINUTE, 1_000);
  assert.deepEqual(await bench.states(mail.id), ['deferred']);
  assert.match(bench.queue.clockTrouble(), /jumped/);
  assert.equal(bench.count('clock.suspended'), 1);
});

test('H5: what time does to thousands of mails at once keeps nobody waiting for a look of their own', async () => {
  const pace = { ...QUEUE_DEFAULTS.pace, attentionBatch: 5 };
  await using bench = await QueueBench.start({ settings: { retry, pace } });
  const mails = await bench.backlog(60, { held: 'operator' });
  await bench.clock.advance(10 * 24 * HOUR - 5_000, 6 * HOUR);
  await bench.clock.advance(20_000, 25);
  const states = await Promise.all(mails.map(({ id }) => bench.states(id)));
  assert.equal(states.filter(([state]) => state === 'expired').length, 60);
});

test('H5: held mail whose rest can’t be claimed is looked at as far as it was', async () => {
  const pace = { ...QUEUE_DEFAULTS.pace, attentionBatch: 2 };
  await using bench = await QueueBench.start({
    settings: { retry, pace },
    wrap: (store) =>
      overriding(store, {
        claim: (request, worker, call) =>
          request.kind === 'named' ? Promise.reject(new Fault('store.busy')) : store.claim(request, worker, call),
      }),
  });
  const to = ['a@partner.test', 'b@partner.test', 'c@partner.test', 'd@partner.test'];
  const [mail] = await bench.backlog(1, { held: 'operator', to });
  assert.ok(mail !== undefined);
  await bench.clock.advance(10 * 24 * HOUR, 6 * HOUR);
  await bench.clock.advance(MINUTE, 1_000);
  assert.deepEqual(new Set(await bench.states(mail.id)), new Set(['expired']));
});

test('H5: the sender of a stranger’s mail that was only to be marked hears that it could not be delivered', async () => {
  await using bench = await QueueBench.start({ settings });
  bench.deliverer.manners.set('mx:works.test', 'defers');
  const [mail] = await bench.backlog(1, { destination: INSPECT_DESTINATION, stranger: true });
  assert.ok(mail !== undefined);
  const named = { kind: 'named', filter: { ids: [mail.id] }, limit: 9 } as const;
  const [claim] = await bench.store.claim(named, HERE, within(1_000));
  assert.ok(claim !== undefined);
  const changes = [{ kind: 'tagSubject', text: '[external]' }] as const;
  const verdict = { ...QUARANTINED.verdict, kind: 'pass', changes } as const;
  const outcome = { kind: 'passed', destination: QUARANTINED.destination, verdict } as const;
  const outcomes = [{ n: 1, outcome }];
  await bench.store.settle({ claim, outcomes, born: [], elapsedMs: 1, peer: null }, HERE, within(1_000));
  await bench.clock.advance(40 * MINUTE, 1_000);
  assert.deepEqual(await bench.states(mail.id), ['expired']);
  const told = bench.notices.filter(({ claim: { mail: of } }) => of.id === mail.id).map(({ kind }) => kind);
  assert.deepEqual(told, ['delay', 'failure']);
});

test('H1: people are told once of a mail that a look can only claim in parts', async () => {
  const pace = { ...QUEUE_DEFAULTS.pace, attentionBatch: 2 };
  const told: number[] = [];
  const people: PeopleNotices = {
    ...TELLS_NOBODY,
    waiting: (claims) => {
      told.push(...claims.map(({ recipients }) => recipients.length));
      return TELLS_NOBODY.waiting(claims);
    },
  };
  await using bench = await QueueBench.start({
    settings: { retry, pace },
    people,
    wrap: (store) =>
      overriding(store, {
        claim: (request, worker, call) =>
          store.claim(request.kind === 'named' ? { ...request, limit: 1 } : request, worker, call),
      }),
  });
  const to = ['a@works.test', 'b@works.test', 'c@works.test', 'd@works.test', 'e@works.test'];
  const [mail] = await bench.backlog(1, { destination: INSPECT_DESTINATION, to });
  const [claim] = await bench.store.claim({ kind: 'named', filter: {}, limit: 9 }, HERE, within(1_000));
  assert.ok(mail !== undefined && claim !== undefined);
  const now = bench.clock.now();
  const wait = { who: 'its sender', owed: [], lookAt: now + HOUR };
  const outcome = { ...QUARANTINED, until: now + 24 * HOUR, told: wait };
  const outcomes = claim.recipients.map(({ n }) => ({ n, outcome }));
  await bench.store.settle({ claim, outcomes, born: [], elapsedMs: 1, peer: null }, HERE, within(1_000));
  await bench.clock.advance(HOUR - MINUTE, MINUTE);
  await bench.clock.advance(2 * MINUTE, 1_000);
  assert.deepEqual(told, [5]);
  assert.deepEqual(new Set(await bench.states(mail.id)), new Set(['held']));
});
