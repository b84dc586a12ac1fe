/** What can go wrong between a commit and its answer, and with mail that a database may not like. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { MailAddress } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Log } from '#/ports/index.ts';
import type { Postgres } from '../../../test/support/postgres.ts';
import { startPostgres } from '../../../test/support/postgres.ts';
import { assertBalanced } from '../contract/questions.ts';
import {
  ACME,
  claimOfAccepted,
  DAY_MS,
  DELIVERED,
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
import { openPostgresCustody } from './index.ts';

const W1 = worker('1').id;
const W2 = worker('2').id;
const DUE = { kind: 'due', destination: PARTNER, tenant: ACME, fresh: false, ignoreDue: false, now: NOON } as const;
const server = await startPostgres({ version: 18 });

if ('missing' in server) test('doubt in PostgreSQL', { skip: server.missing });
else
  describe('doubt in PostgreSQL', () => {
    after(() => server[Symbol.asyncDispose]());
    claims(server);
    doors(server);
    oddMail(server);
    lostTail(server);
  });

function claims(on: Postgres): void {
  test('H5: a claim that was committed and told as failed is given back: its mail moves on', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const sent = mail(fixture.clock);
    await custody.accept([sent], null, soon());
    await withoutStandby(fixture, async () => {
      const refused = assert.rejects(custody.claim({ ...DUE, limit: 9 }, W1, soon()), { code: 'store.unavailable' });
      await waitsEnd(fixture, 'pg_cancel_backend');
      await refused;
    });
    await isClaimable(custody, sent.id);
  });

  test('H5: a claim whose connection was lost behind its caller’s deadline is given back', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const sent = mail(fixture.clock);
    await custody.accept([sent], null, soon());
    await withoutStandby(fixture, async () => {
      await assert.rejects(custody.claim({ ...DUE, limit: 9 }, W1, within(300)), { code: 'call.late' });
      await waitsEnd(fixture, 'pg_terminate_backend');
    });
    await isClaimable(custody, sent.id);
  });

  test('H5: held mail waits on as it was when a claim of it is answered too late', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const sent = mail(fixture.clock, { recipients: [recipient(1, { held: 'operator' })] });
    await custody.accept([sent], null, soon());
    const before = await custody.trace({ ids: [sent.id] }, 1, soon());
    await withoutStandby(fixture, async () => {
      const held = { kind: 'held', now: NOON + 99 * DAY_MS, limit: 9 } as const;
      await assert.rejects(custody.claim(held, W1, within(300)), { code: 'call.late' });
      await waitsEnd(fixture, 'pg_terminate_backend');
    });
    const named = { kind: 'named', filter: { ids: [sent.id] }, limit: 9 } as const;
    await untilTrue(async () => (await custody.claim(named, W2, soon())).length > 0);
    assert.deepEqual(await custody.trace({ ids: [sent.id] }, 1, soon()), before);
  });

  test('H4: what a claim has lost on its way is not taken by another one of the same worker, and then by both', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    await fixture.query(`CREATE FUNCTION holdfast.slowly() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF EXISTS (SELECT 1 FROM holdfast.fact WHERE name = 'slow') THEN PERFORM pg_sleep(10); END IF; RETURN NEW; END $$`);
    await fixture.query(
      'CREATE TRIGGER slowly BEFORE UPDATE ON holdfast.recipient FOR EACH ROW EXECUTE FUNCTION holdfast.slowly()',
    );
    await custody.remember('slow', 'yes', soon());
    const sent = mail(fixture.clock);
    await custody.accept([sent], null, soon());
    const cut = custody.claim({ ...DUE, limit: 9 }, W1, soon());
    const asleep = `FROM pg_stat_activity WHERE application_name = 'holdfast' AND wait_event = 'PgSleep'`;
    await untilTrue(async () => (await fixture.query(`SELECT 1 ${asleep}`)).length > 0);
    await fixture.query("DELETE FROM holdfast.fact WHERE name = 'slow'");
    await fixture.query(`SELECT pg_terminate_backend(pid) ${asleep}`);
    await untilTrue(async () => (await fixture.query(`SELECT 1 ${asleep}`)).length === 0);
    const other = await custody.claim({ ...DUE, limit: 9 }, W1, soon());
    const claims = [...(await cut), ...other];
    assert.deepEqual(
      claims.map((claim) => claim.mail.id),
      [sent.id],
    );
  });
}

function doors(on: Postgres): void {
  test('design 4: a mail whose transaction was undone behind its caller’s deadline never comes to be', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    await custody.accept([mail(fixture.clock)], null, soon());
    const locking = fixture.query('BEGIN; LOCK TABLE holdfast.message IN EXCLUSIVE MODE; SELECT pg_sleep(2); COMMIT');
    await untilTrue(
      async () =>
        (
          await fixture.query(
            "SELECT 1 FROM pg_locks WHERE mode = 'ExclusiveLock' AND relation = 'holdfast.message'::regclass",
          )
        ).length > 0,
    );
    const late = mail(fixture.clock);
    await assert.rejects(custody.accept([late], null, within(300)), { code: 'call.late' });
    await fixture.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast' AND wait_event_type = 'Lock'`,
    );
    await locking;
    await custody.accept([mail(fixture.clock)], null, soon());
    await sleep(200);
    assert.deepEqual(await custody.trace({ ids: [late.id] }, 9, soon()), []);
    await assertBalanced(custody);
  });

  test('design 1: where the database has no room the answer says so, nothing is kept, and it goes on when there is room', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    await fixture.query(`CREATE FUNCTION holdfast.no_room() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$`);
    await fixture.query(
      'CREATE TRIGGER no_room BEFORE INSERT ON holdfast.body FOR EACH ROW EXECUTE FUNCTION holdfast.no_room()',
    );
    const sent = mail(fixture.clock);
    await assert.rejects(custody.accept([sent], W1, soon()), { code: 'disk.full' });
    await fixture.query('DROP TRIGGER no_room ON holdfast.body');
    await custody.accept([sent], W1, soon());
    assert.deepEqual(await custody.settle(settlementOf(claimOfAccepted(sent), DELIVERED), W1, soon()), ['settled']);
    await assertBalanced(custody);
  });

  test('design 1: the key of a day is there the day before, so that no standby can lack it', async () => {
    await using fixture = await Fixture.make(on);
    await fixture.open();
    const rows = await fixture.query('SELECT day FROM holdfast.day_key ORDER BY day');
    assert.deepEqual(
      rows.map(({ day }) => day),
      ['2026-11-21', '2026-11-22'],
    );
  });
}

function oddMail(on: Postgres): void {
  test('H3: a mail with odd and long texts is taken beside its neighbours, and goes its way', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const { clock } = fixture;
    const long = 'x'.repeat(1_000_000);
    const odd = mail(clock, {
      facts: { from: `\ud800\0${long}`, subject: `\udfff\0${long}`, messageId: `<\0\ud800${long}@x>` },
      needs: { eightBit: true, smtpUtf8: true, requireTls: false, ret: 'hdrs', envid: '\0\ud800' },
      identity: { kind: 'user', tenant: ACME, name: 'a\0\ud800' },
      recipients: [
        recipient(1, {
          address: 'a\0\ud800@partner.test' as MailAddress,
          orcpt: { type: 'rfc822', address: '\0\ud800' },
        }),
      ],
    });
    await Promise.all([odd, mail(clock), mail(clock)].map((each) => custody.accept([each], null, soon())));
    const got = await custody.claim({ ...DUE, limit: 9 }, W1, soon());
    assert.equal(got.length, 3);
    for (const claim of got) {
      const bad = {
        kind: 'deferred',
        reply: { code: 450, enhanced: null, text: '\0\ud800', host: '\0' },
        due: NOON,
        delayNotified: false,
      } as const;
      assert.deepEqual(await custody.settle(settlementOf(claim, bad, { peer: '\0\ud800' }), W1, soon()), ['settled']);
    }
    assert.equal((await custody.queue({}, null, 9, soon())).items.length, 3);
    assert.equal((await custody.trace({ subject: 'a\0b' }, 9, soon())).length, 0);
    assert.equal(
      (await custody.act({ kind: 'drop', reason: 'a\0\ud800' }, { ids: [odd.id] }, '\0me', 9, soon())).recipients,
      1,
    );
    await assertBalanced(custody);
  });

  test('H4: a mail of ten thousand recipients is accepted, served by many and retired whole', async () => {
    await using fixture = await Fixture.make(on);
    const custody = await opened(fixture);
    const crowd = mail(fixture.clock, { recipients: Array.from({ length: 10_000 }, (_, i) => recipient(i + 1)) });
    await custody.accept([crowd], W1, soon());
    const claim = claimOfAccepted(crowd);
    const half = settlementOf(claim, DELIVERED).outcomes.slice(0, 5_000);
    const answers = await custody.settle({ ...settlementOf(claim, DELIVERED), outcomes: half }, W1, soon());
    assert.deepEqual(new Set(answers), new Set(['settled']));
    assert.equal(await custody.retire(W1, false, soon()), 5_000);
    let served = 0;
    for (let more = true; more; ) {
      const claims = await custody.claim({ ...DUE, limit: 2_000 }, W2, soon());
      more = claims.length > 0;
      for (const each of claims) served += (await custody.settle(settlementOf(each, DELIVERED), W2, soon())).length;
    }
    assert.equal(served, 5_000);
    assert.deepEqual(await fixture.query('SELECT message FROM holdfast.body'), []);
    await assertBalanced(custody);
  });
}

function lostTail(on: Postgres): void {
  test('design 4: a database that comes back without what it had committed is told of, and one that has it is not', async () => {
    await using fixture = await Fixture.make(on);
    const told: string[] = [];
    const log: Log = { info: () => {}, warn: () => {}, error: (event) => void told.push(event), child: () => log };
    const settings = { url: fixture.url, secretsKeyFile: join(fixture.dir, 'secrets.key') };
    await using custody = await openPostgresCustody(settings, { clock: fixture.clock, blobs: null, log });
    const first = mail(fixture.clock);
    await custody.accept([first], null, soon());
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holdfast'`;
    const acceptSome = async (): Promise<void> => {
      for (let i = 0; i < 6; i++) await custody.accept([mail(fixture.clock)], null, soon()).catch(() => {});
    };
    await fixture.query(cut);
    await acceptSome();
    assert.deepEqual(told, []);
    await fixture.query('DELETE FROM holdfast.journal');
    await fixture.query(cut);
    await acceptSome();
    assert.deepEqual(told, ['store.tail.lost']);
  });
}

async function opened(fixture: Fixture): Promise<PostgresCustody> {
  const custody = await fixture.open();
  await custody.enlist(worker('1'), soon());
  await custody.enlist(worker('2'), soon());
  // All that a first use makes is there.
  const first = mail(fixture.clock);
  await custody.accept([first], W1, soon());
  await custody.settle(settlementOf(claimOfAccepted(first), DELIVERED), W1, soon());
  return custody;
}

/** While `work` runs every commit waits for a standby that nobody is. */
async function withoutStandby(fixture: Fixture, work: () => Promise<void>): Promise<void> {
  await fixture.query("ALTER SYSTEM SET synchronous_standby_names = 'nobody'");
  await fixture.query('SELECT pg_reload_conf()');
  try {
    await untilTrue(async () => {
      const [row] = await fixture.query('SHOW synchronous_standby_names');
      return row?.synchronous_standby_names === 'nobody';
    });
    await work();
  } finally {
    await fixture.query('ALTER SYSTEM RESET synchronous_standby_names');
    await fixture.query('SELECT pg_reload_conf()');
  }
}

async function waitsEnd(fixture: Fixture, how: 'pg_cancel_backend' | 'pg_terminate_backend'): Promise<void> {
  await untilTrue(async () => {
    const rows = await fixture.query(
      `SELECT ${how}(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND application_name = 'holdfast'
         AND query = 'COMMIT'`,
    );
    return rows.length > 0;
  });
}

async function isClaimable(custody: PostgresCustody, id: string): Promise<void> {
  await untilTrue(async () => {
    const claims = await custody.claim({ ...DUE, limit: 9 }, W2, soon());
    return claims.some((claim) => claim.mail.id === id);
  });
}

async function untilTrue(holds: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; !(await holds()); tried++) {
    assert.ok(tried < 400, 'it never came to be');
    await sleep(25);
  }
}
