/** Commits among neighbours, over lines that break, and beside other keepers: what only the cluster's store promises. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ArrivedMail, MailId, Settled } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import { MoodyWire } from '../../../test/support/moody-wire.ts';
import type { Postgres } from '../../../test/support/postgres.ts';
import { startPostgres } from '../../../test/support/postgres.ts';
import { assertBalanced } from '../contract/questions.ts';
import {
  ACME,
  claimOfAccepted,
  DAY_MS,
  DELIVERED,
  deferredUntil,
  mail,
  NOON,
  PARTNER,
  recipient,
  settlementOf,
  soon,
  worker,
} from '../contract/samples.ts';
import { Fixture } from './fixture.ts';
import type { PostgresCustody } from './index.ts';

const W1 = worker('1').id;
const W2 = worker('2').id;
const server = await startPostgres({ version: 18 });

if ('missing' in server) test('commits in PostgreSQL', { skip: server.missing });
else
  describe('commits in PostgreSQL', () => {
    after(() => server[Symbol.asyncDispose]());
    neighbours(server);
    lines(server);
    hosts(server);
    days(server);
  });

function neighbours(on: Postgres): void {
  test('H3: a call that fails leaves the others of its group alone', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const { clock } = fixture;
    const again = mail(clock);
    await custody.accept([again], null, soon());
    const impossible = mail(clock, { hops: 2 ** 31 });
    const good = [mail(clock), mail(clock), mail(clock, { facts: { from: '', subject: 'a\0b', messageId: '' } })];
    const answers = await Promise.allSettled(
      [again, impossible, ...good].map((each) => custody.accept([each], W1, soon())),
    );
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    );
    assert.deepEqual(
      (await custody.trace({}, 9, soon())).map(({ id }) => id).sort(),
      [again, ...good].map(({ id }) => id).sort(),
    );
    await assertBalanced(custody);
  });

  test('H4: two settlements of one claim at once: one of them is recorded', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const sent = mail(fixture.clock, { recipients: [recipient(1), recipient(2)] });
    await custody.accept([sent], W1, soon());
    const settlement = settlementOf(claimOfAccepted(sent), deferredUntil(NOON));
    const other = mail(fixture.clock);
    const [first, second] = await Promise.all([
      custody.settle(settlement, W1, soon()),
      custody.settle(settlement, W1, soon()),
      custody.accept([other], null, soon()),
    ]);
    const both = [...(first as Settled[]), ...(second as Settled[])].sort();
    assert.deepEqual(both, ['lapsed', 'lapsed', 'settled', 'settled']);
    assert.equal((await custody.trace({ ids: [sent.id] }, 1, soon()))[0]?.recipients[0]?.attempts, 1);
    await assertBalanced(custody);
  });

  test('H5: the last two recipients of a mail end at once, in two keepers: its content goes', async () => {
    await using fixture = await Fixture.make(on);
    const keepers = [await opened(fixture), await opened(fixture)] as const;
    const sent = Array.from({ length: 20 }, () => mail(fixture.clock, { recipients: [recipient(1), recipient(2)] }));
    await keepers[0].accept(sent, W1, soon());
    const one = (each: ArrivedMail, n: number) => {
      return { ...settlementOf(claimOfAccepted(each), DELIVERED), outcomes: [{ n, outcome: DELIVERED }] };
    };
    await Promise.all(
      sent.flatMap((each) => keepers.map((custody, i) => custody.settle(one(each, i + 1), W1, soon()))),
    );
    assert.deepEqual(await fixture.query('SELECT message FROM holdfast.body'), []);
    assert.deepEqual(await fixture.query('SELECT message FROM holdfast.recipient'), []);
    await assertBalanced(keepers[0]);
  });

  test('M3: accepting takes the same statements whatever waits', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const statementsOf = async (): Promise<number> => {
      const before = sum(custody);
      await custody.accept([mail(fixture.clock)], W1, soon());
      return sum(custody) - before;
    };
    const alone = await statementsOf();
    const many = Array.from({ length: 300 }, () => mail(fixture.clock));
    await custody.accept(many, null, soon());
    assert.equal(await statementsOf(), alone);
  });
}

function lines(on: Postgres): void {
  test('H3: connections that are cut under load lose nothing and double nothing', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const { clock } = fixture;
    const accepted: MailId[] = [];
    const settled: Settled[] = [];
    let cuts = 0;
    const until = performance.now() + 2_500;
    const cutting = (async () => {
      for (; performance.now() < until; cuts++) {
        await sleep(60);
        await fixture.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast' AND state = 'active'`,
        );
      }
    })();
    const callers = Array.from({ length: 30 }, async () => {
      while (performance.now() < until) {
        const sent = mail(clock);
        if (!(await succeeds(custody.accept([sent], W1, soon())))) continue;
        accepted.push(sent.id);
        await untilDone(async () => {
          settled.push(...(await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon())));
        });
      }
    });
    await Promise.all([cutting, ...callers]);
    assert.ok(cuts > 5 && accepted.length > 10, `${cuts} cuts, ${accepted.length} mails`);
    const traces = await untilDone(() => custody.trace({}, 100_000, soon()));
    const delivered = new Set(
      traces.filter(({ recipients }) => recipients[0]?.state === 'delivered').map(({ id }) => id),
    );
    assert.deepEqual(
      accepted.filter((id) => !delivered.has(id)),
      [],
    );
    for (const { id, events } of traces.filter((trace) => delivered.has(trace.id)))
      assert.deepEqual(
        events.map(({ kind }) => kind),
        ['accepted', 'delivered'],
        id,
      );
    assert.ok(!settled.includes('lapsed'));
    await assertBalanced(custody);
  });

  test('design 4: a commit whose answer never came is found by its rows, and is not done again', async () => {
    await using fixture = await Fixture.make(on);
    await using wire = await MoodyWire.to(on.primary.port);
    const url = fixture.url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${wire.port}`);
    const custody = await opened(fixture, url);
    const sent = mail(fixture.clock);
    await custody.accept([mail(fixture.clock)], null, soon());
    wire.swallow(1);
    await custody.accept([sent], W1, soon());
    assert.equal(wire.swallowed, 1);
    wire.swallow(1);
    const deferral = settlementOf(claimOfAccepted(sent), deferredUntil(NOON));
    assert.deepEqual(await custody.settle(deferral, W1, soon()), ['settled']);
    const dsn = mail(fixture.clock, { parent: sent.id, origin: 'generated' });
    const [claim] = await custody.claim({ kind: 'named', filter: { ids: [sent.id] }, limit: 9 }, W1, soon());
    assert.ok(claim);
    wire.swallow(1);
    const bounce = { kind: 'expired', reply: null } as const;
    assert.deepEqual(await custody.settle(settlementOf(claim, bounce, { born: [dsn] }), W1, soon()), ['settled']);
    assert.ok(wire.swallowed >= 2, String(wire.swallowed));
    const [trace] = await custody.trace({ ids: [sent.id] }, 1, soon());
    assert.deepEqual(
      trace?.events.map(({ kind }) => kind),
      ['accepted', 'deferred', 'expired'],
    );
    assert.equal((await custody.trace({ ids: [dsn.id] }, 1, soon())).length, 1);
    await assertBalanced(custody);
  });

  test('design 4: a server that has gone without a word is left for one that answers', async () => {
    await using fixture = await Fixture.make(on);
    await using wire = await MoodyWire.to(on.primary.port);
    const custody = await opened(fixture, fixture.url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${wire.port}`));
    await Promise.all([1, 2, 3].map(() => custody.accept([mail(fixture.clock)], W1, soon())));
    await Promise.all([1, 2, 3].map(() => custody.beat(W1, soon())));
    wire.mute();
    const sent = mail(fixture.clock);
    await custody.accept([sent], W1, soon());
    // The first look at a silent pool is late; the next one finds a connection that speaks.
    await custody.beat(W1, within(30_000)).catch((fault) => assert.equal(fault.code, 'call.late'));
    assert.equal(await custody.beat(W1, within(30_000)), true);
    assert.deepEqual(await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon()), ['settled']);
    await assertBalanced(custody);
  });

  test('design 4: a commit that the standby has not got is a failure', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    await custody.accept([mail(fixture.clock)], null, soon());
    await fixture.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
    await fixture.query('SELECT pg_reload_conf()');
    try {
      await settingIs(fixture, 'nobody');
      const sent = mail(fixture.clock);
      const accepting = custody.accept([sent], null, soon());
      const failed = assert.rejects(accepting, { code: 'store.unavailable' });
      await untilTrue(async () => {
        const rows = await fixture.query(
          `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'holdfast'`,
        );
        return rows.length > 0;
      });
      await failed;
      // Late, and told so; the commit itself is left to its end.
      await assert.rejects(custody.accept([mail(fixture.clock)], null, within(300)), { code: 'call.late' });
    } finally {
      await fixture.query('ALTER SYSTEM RESET synchronous_standby_names');
      await fixture.query('SELECT pg_reload_conf()');
    }
    await untilTrue(async () => (await custody.trace({}, 9, soon())).length === 3);
    await assertBalanced(custody);
  });
}

function hosts(on: Postgres): void {
  test('B5: several processes that start at once find one set of tables', async () => {
    await using fixture = await Fixture.make(on);
    const keepers = await Promise.all([fixture.open(), fixture.open(), fixture.open(), fixture.open()]);
    await keepers[0].enlist(worker('1'), soon());
    await Promise.all(keepers.map((custody) => custody.accept([mail(fixture.clock)], null, soon())));
    assert.equal((await keepers[1].trace({}, 9, soon())).length, 4);
  });

  test('design 4: of several hosts the one that answers is taken, and none is a fault that says so', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture, fixture.url.replace('@', '@127.0.0.1:1,'));
    await custody.accept([mail(fixture.clock)], null, soon());
    assert.equal((await custody.books(soon())).length, 1);
  });

  test('contract: a host with another secrets.key than the others is refused before it has a mail', async () => {
    await using fixture = await Fixture.make(on);
    await opened(fixture);
    await assert.rejects(fixture.open(null, fixture.url, 'another.key'), { code: 'key.missing' });
  });

  test('H4: keepers on several hosts never hold the same recipient, and take all of them', async () => {
    await using fixture = await Fixture.make(on);
    const keepers = [await opened(fixture), await opened(fixture)] as const;
    const sent = Array.from({ length: 200 }, () => mail(fixture.clock));
    await keepers[0].accept(sent, null, soon());
    const taken: MailId[] = [];
    const draining = keepers.flatMap((custody, i) =>
      [1, 2].map(async () => {
        for (let empty = 0; empty < 3; ) {
          const claims = await custody.claim({ ...DUE, limit: 7 }, i === 0 ? W1 : W2, soon());
          taken.push(...claims.map((claim) => claim.mail.id));
          empty = claims.length === 0 ? empty + 1 : 0;
        }
      }),
    );
    await Promise.all(draining);
    assert.equal(taken.length, 200);
    assert.equal(new Set(taken).size, 200);
  });

  test('H5: claims of a worker that another host retired are freed, those of nobody too', async () => {
    await using fixture = await Fixture.make(on);
    const [ours, theirs] = [await opened(fixture), await opened(fixture)];
    const before = mail(fixture.clock);
    await ours.accept([before], W1, soon());
    assert.equal(await theirs.retire(W1, false, soon()), 1);
    const behind = mail(fixture.clock);
    await ours.accept([behind], W1, soon());
    assert.equal((await theirs.claim({ ...DUE, limit: 9 }, W2, soon())).length, 2);
    assert.deepEqual(await ours.settle(settlementOf(claimOfAccepted(behind), deferredUntil(NOON)), W1, soon()), [
      'lapsed',
    ]);
    await fixture.query(`UPDATE holdfast.recipient SET claim_by = 4711 WHERE message = '${before.id}'`);
    await fixture.query(`UPDATE holdfast.recipient SET claim_by = NULL, due = NULL WHERE message = '${behind.id}'`);
    const orphans = await theirs.sweep(soon());
    assert.deepEqual(
      orphans.map(({ message, fault, mended }) => [message, fault, mended]),
      [
        [before.id, 'claimed by a dead worker', true],
        [behind.id, 'no due time', true],
      ],
    );
    assert.deepEqual(await theirs.sweep(soon()), []);
    await assertBalanced(theirs);
  });

  test('H5: content that was changed in its row is told', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const sent = mail(fixture.clock);
    await custody.accept([sent], null, soon());
    await fixture.query(`UPDATE holdfast.body SET content = set_byte(content, 40, 255 - get_byte(content, 40))`);
    await assert.rejects(custody.body(sent.id, soon()), { code: 'body.damaged' });
    assert.equal((await custody.scrub(null, 9, soon())).orphans[0]?.fault, 'body differs from acceptance');
    assert.equal((await custody.claim({ ...DUE, limit: 9 }, W1, soon()))[0]?.body, null);
  });
}

function days(on: Postgres): void {
  test('H5: a host whose clock is behind writes to no closed day, and the books stay balanced', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const { clock } = fixture;
    await custody.accept([mail(clock)], W1, soon());
    clock.ms += DAY_MS;
    const closed = await custody.rollOver(clock.ms - DAY_MS / 2, 0, 10, soon());
    assert.equal(closed.moved, 1);
    clock.ms = NOON;
    const late = mail(clock);
    await custody.accept([late], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(late), DELIVERED), W1, soon());
    await assertBalanced(custody);
    const [trace] = await custody.trace({ ids: [late.id] }, 1, soon());
    assert.deepEqual(
      trace?.events.map(({ kind, at }) => [kind, at]),
      [
        ['accepted', NOON],
        ['delivered', NOON],
      ],
    );
  });

  test('design 1: a message outlives its day while a recipient of it waits', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const { clock } = fixture;
    const [waits, done] = [mail(clock), mail(clock)];
    await custody.accept([waits, done], W1, soon());
    await custody.settle(settlementOf(claimOfAccepted(done), DELIVERED), W1, soon());
    clock.ms += 3 * DAY_MS;
    await custody.rollOver(clock.ms - DAY_MS, clock.ms - DAY_MS, 100, soon());
    assert.equal((await custody.trace({ ids: [waits.id] }, 1, soon())).length, 1);
    await custody.settle(settlementOf(claimOfAccepted(waits), DELIVERED), W1, soon());
    await assertBalanced(custody);
    clock.ms += 3 * DAY_MS;
    await custody.rollOver(clock.ms - DAY_MS, clock.ms - DAY_MS, 100, soon());
    const parts = await fixture.query(
      "SELECT inhrelid FROM pg_inherits WHERE inhrelid::regclass::text LIKE '%2026_11_21'",
    );
    assert.deepEqual(parts, []);
    await assertBalanced(custody);
    assert.equal((await custody.books(soon()))[0]?.delivered, 2);
  });
}

const DUE = { kind: 'due', destination: PARTNER, tenant: ACME, fresh: false, ignoreDue: false, now: NOON } as const;

async function opened(fixture: Fixture, url = fixture.url): Promise<PostgresCustody> {
  const custody = await fixture.open(null, url);
  await custody.enlist(worker('1'), soon());
  await custody.enlist(worker('2'), soon());
  return custody;
}

function sum({ costs }: PostgresCustody): number {
  return [...costs.statements.values()].reduce((total, each) => total + each, 0);
}

async function succeeds(promise: Promise<unknown>): Promise<boolean> {
  return promise.then(
    () => true,
    () => false,
  );
}

// As the queue does: an outcome is recorded again and again until the store takes it.
async function untilDone<T>(work: () => Promise<T>): Promise<T> {
  for (let tried = 0; ; tried++) {
    try {
      return await work();
    } catch (error) {
      if (tried > 100) throw error;
      await sleep(50);
    }
  }
}

async function untilTrue(holds: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; !(await holds()); tried++) {
    assert.ok(tried < 400, 'it never came to be');
    await sleep(25);
  }
}

async function settingIs(fixture: Fixture, value: string): Promise<void> {
  await untilTrue(async () => {
    const [row] = await fixture.query('SHOW synchronous_standby_names');
    return row?.synchronous_standby_names === value;
  });
}
