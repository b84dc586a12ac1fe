/** What can go wrong between a commit and its answer, between hosts, and when the server dies: what only this keeper promises. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isFault, within } from '#/model/index.ts';
import type { Mailboxes } from '#/ports/index.ts';
import { MoodyWire } from '../../../test/support/moody-wire.ts';
import type { Postgres } from '../../../test/support/postgres.ts';
import { startPostgres } from '../../../test/support/postgres.ts';
import { deliveryKey, letter, NO_LIMITS, nameOf, Person } from '../contract/mail-samples.ts';
import { soon } from '../contract/samples.ts';
import { Fixture } from './fixture.ts';
import { assertCounts } from './recount.ts';

/** Tries of one delivery at a server that is about to be back, a tenth of a second apart. */
const AGAIN_MAX = 100;

const server = await startPostgres({ version: 18 });

if ('missing' in server) test('doubt about mailboxes in PostgreSQL', { skip: server.missing });
else
  describe('doubt about mailboxes in PostgreSQL', () => {
    after(() => server[Symbol.asyncDispose]());
    lines(server);
    silence(server);
    standbys(server);
    hosts(server);
    neighbours(server);
    deaths(server);
  });

function lines(on: Postgres): void {
  test('O5: what was committed with its answer lost is done once, and answered as it was done', async () => {
    await using fixture = await Fixture.make(on);
    await using wire = await MoodyWire.to(on.primary.port);
    const person = new Person(await fixture.open(viaWire(fixture.url, wire)));
    await person.append('INBOX', {});
    wire.swallow(1);
    assert.deepEqual(await person.append('INBOX', { text: 'x'.repeat(2_000) }, {}), [2, 3]);
    assert.equal(wire.swallowed, 1);
    await person.append('INBOX', ...Array.from({ length: 27 }, () => ({})));
    const uids = await person.uids();
    wire.swallow(1);
    const copied = await person.copy('INBOX', uids, 'Archive', 'move');
    assert.deepEqual(copied.kind === 'copied' && [copied.from, copied.to], [uids, uids]);
    assert.equal(wire.swallowed, 2);
    assert.deepEqual(await person.uids(), []);
    assert.deepEqual(await person.uids('Archive'), uids);
    wire.swallow(1);
    assert.deepEqual(
      (await Promise.all([1, 2, 3].map((n) => person.deliver(n, { text: 'x'.repeat(2_000) })))).map(({ kind }) => kind),
      ['stored', 'stored', 'stored'],
    );
    assert.equal(wire.swallowed, 3);
    assert.equal((await person.uids()).length, 3);
    await assertCounts((sql) => fixture.query(sql));
  });
}

function silence(on: Postgres): void {
  test('design 4: a server that has gone without a word is left for one that answers', async () => {
    await using fixture = await Fixture.make(on);
    await using wire = await MoodyWire.to(on.primary.port);
    const person = new Person(await fixture.open(viaWire(fixture.url, wire)));
    await person.append('INBOX', {});
    const id = await person.idOf();
    wire.mute();
    const appended = await person.mailboxes.append(person.account, id, [letter()], NO_LIMITS, within(25_000));
    assert.deepEqual(appended.kind === 'appended' && appended.uids, [2]);
    // The first look at a silent pool is late; the next one finds a connection that speaks.
    await person.mailboxes.view(person.account, id, within(30_000)).catch(() => {});
    const view = await person.mailboxes.view(person.account, id, within(30_000));
    assert.deepEqual([...(view?.uids ?? [])], [1, 2]);
  });
}

function standbys(on: Postgres): void {
  test('design 4: a commit that no standby has is not answered; one that has it then is, and is there once', async () => {
    await using fixture = await Fixture.make(on);
    const person = new Person(await fixture.open());
    const id = await person.idOf();
    await withoutStandby(fixture, async () => {
      const call = within(1_500);
      const late = person.mailboxes.append(person.account, id, [letter()], NO_LIMITS, call);
      const rejected = assert.rejects(late, { code: 'call.late' });
      await endWaits(fixture);
      await rejected;
    });
    let appended: Promise<unknown> = Promise.resolve();
    await withoutStandby(fixture, async () => {
      appended = person.mailboxes.append(person.account, id, [letter(), letter()], NO_LIMITS, soon());
      appended.catch(() => {});
      await endWaits(fixture);
    });
    const answer = (await appended) as { uids: readonly number[] };
    const uids = await person.uids();
    // The late one was committed before its wait was given up.
    assert.deepEqual(
      [uids, answer.uids],
      [
        [1, 2, 3],
        [2, 3],
      ],
    );
    await assertCounts((sql) => fixture.query(sql));
  });
}

function hosts(on: Postgres): void {
  test('O2: two hosts at one account give each UID and each modification sequence once', async () => {
    await using fixture = await Fixture.make(on);
    const one = new Person(await fixture.open());
    const two = new Person(await fixture.open(), one.account);
    const rounds = Array.from({ length: 10 }, (_, n) => n);
    await Promise.all(
      [one, two].map(async (person, host) => {
        for (const n of rounds) {
          await Promise.all([person.deliver(n), person.deliver(100 * (host + 1) + n), person.append('INBOX', {}, {})]);
          await person.flag('INBOX', await person.uids(), 'add', [`word${host}`]);
        }
      }),
    );
    const uids = await one.uids();
    assert.deepEqual(
      uids,
      Array.from({ length: 70 }, (_, at) => at + 1),
    );
    assert.deepEqual(await two.everything(), await one.everything());
    await assertCounts((sql) => fixture.query(sql));
  });

  test('O2: hosts that make one account at the same time make one', async () => {
    await using fixture = await Fixture.make(on);
    const keepers = await Promise.all([fixture.open(), fixture.open(), fixture.open()]);
    const first = new Person(keepers[0]);
    const people = keepers.map((keeper) => new Person(keeper, first.account));
    const lists = await Promise.all(people.map((person) => person.mailboxes.list(person.account, soon())));
    for (const list of lists) assert.deepEqual(list, lists[0]);
    assert.deepEqual(await first.mailboxes.accounts(null, 9, soon()), [first.account]);
  });

  test('RFC 2177: changes of another host are heard within two seconds, and nobody asks when nobody watches', async () => {
    await using fixture = await Fixture.make(on);
    const one = new Person(await fixture.open());
    const two = new Person(await fixture.open(), one.account);
    await one.append('INBOX', {});
    let told = 0;
    const end = one.mailboxes.watch(one.account, () => void told++);
    await sleep(1_500);
    const before = told;
    await two.flag('INBOX', [1], 'add', ['\\Seen']);
    await untilTrue(async () => told > before);
    end();
    const [first] = await fixture.query(LOOKS);
    await sleep(1_500);
    assert.deepEqual((await fixture.query(LOOKS))[0], first);
  });
}

function neighbours(on: Postgres): void {
  test('design 1: a delivery that the database refuses fails alone', async () => {
    await using fixture = await Fixture.make(on);
    const person = new Person(await fixture.open());
    await person.idOf();
    await fixture.query(`CREATE FUNCTION holdfast.refuse() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN IF NEW.size = 666 THEN RAISE EXCEPTION 'no'; END IF; RETURN NEW; END $$`);
    await fixture.query(
      'CREATE TRIGGER refuse BEFORE INSERT ON holdfast.mailbox_message FOR EACH ROW EXECUTE FUNCTION holdfast.refuse()',
    );
    const bad = { content: Buffer.alloc(666, 'x') };
    const answers = await Promise.allSettled([person.deliver(1), person.deliver(2, bad), person.deliver(3)]);
    assert.deepEqual(
      answers.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    assert.ok(answers.every((each) => each.status === 'fulfilled' || isFault(each.reason, 'store.failed')));
    assert.equal((await person.uids()).length, 2);
    await assertCounts((sql) => fixture.query(sql));
  });

  test('design 1: where the database has no room the answer says so, and nothing is kept', async () => {
    await using fixture = await Fixture.make(on);
    const person = new Person(await fixture.open());
    await person.idOf();
    await fixture.query(`CREATE FUNCTION holdfast.no_room() RETURNS trigger LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = '53100'; END $$`);
    await fixture.query(
      'CREATE TRIGGER no_room BEFORE INSERT ON holdfast.mailbox_piece FOR EACH ROW EXECUTE FUNCTION holdfast.no_room()',
    );
    await assert.rejects(person.deliver(1), { code: 'disk.full' });
    await fixture.query('DROP TRIGGER no_room ON holdfast.mailbox_piece');
    assert.equal((await person.deliver(1)).kind, 'stored');
    assert.deepEqual(await person.uids(), [1]);
  });

  test('B3: a lock that another holds makes a call late, and what it asked for never comes to be', async () => {
    await using fixture = await Fixture.make(on);
    const person = new Person(await fixture.open());
    const id = await person.idOf();
    const locking = fixture.query(
      'BEGIN; SELECT 1 FROM holdfast.mailbox_account FOR UPDATE; SELECT pg_sleep(2); COMMIT',
    );
    await sleep(300);
    await assert.rejects(person.mailboxes.append(person.account, id, [letter()], NO_LIMITS, within(400)), {
      code: 'call.late',
    });
    const cancelled = await fixture.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%FOR UPDATE'`,
    );
    assert.equal(cancelled.length, 1);
    await locking;
    assert.deepEqual(await person.append('INBOX', {}), [1]);
  });
}

function deaths(on: Postgres): void {
  test('H4: of deliveries amid which the server is killed none that was answered is lost, and each is there once', async () => {
    await using fixture = await Fixture.make(on);
    const people = Array.from({ length: 3 }, () => new Person({} as Mailboxes));
    const keepers: readonly Mailboxes[] = [await fixture.open(), await fixture.open()];
    const answered = new Set<number>();
    const deliver = async (n: number): Promise<void> => {
      const person = people[n % people.length] as Person;
      const keeper = keepers[n % 2] as Mailboxes;
      const delivery = {
        key: deliveryKey(n),
        mail: letter({ subject: `number ${n}` }),
        into: nameOf('INBOX'),
        limits: NO_LIMITS,
      };
      await keeper.deliver(person.account, delivery, within(30_000));
      answered.add(n);
    };
    const numbers = Array.from({ length: 300 }, (_, n) => n);
    const first = Promise.allSettled(numbers.map(async (n) => sleep(n * 4).then(() => deliver(n))));
    await untilTrue(async () => answered.size >= 30);
    await on.kill9();
    assert.ok(answered.size < numbers.length);
    await on.start();
    await first;
    const there = await subjects(people, keepers[0] as Mailboxes);
    for (const n of answered) assert.ok(there.includes(`number ${n}`), `number ${n} was answered and is gone`);
    // Who was on the way when the server came back may hear once more that it is away, and comes again, as the queue does.
    const untilTaken = async (n: number, left = AGAIN_MAX): Promise<void> => {
      try {
        await deliver(n);
      } catch (error) {
        if (left === 0 || !isFault(error, 'store.unavailable')) throw error;
        await sleep(100);
        await untilTaken(n, left - 1);
      }
    };
    await Promise.all(numbers.map(async (n) => untilTaken(n)));
    const all = await subjects(people, keepers[1] as Mailboxes);
    assert.deepEqual(all.sort(), numbers.map((n) => `number ${n}`).sort());
    await assertCounts((sql) => fixture.query(sql));
  });
}

const LOOKS = `SELECT state_change FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%WITH ORDINALITY%'
  AND pid <> pg_backend_pid() ORDER BY pid`;

async function subjects(people: readonly Person[], keeper: Mailboxes): Promise<string[]> {
  const found: string[] = [];
  for (const person of people) {
    person.mailboxes = keeper;
    found.push(...(await person.rows()).map(({ facts }) => facts?.subject ?? ''));
  }
  return found;
}

function viaWire(url: string, wire: MoodyWire): string {
  return url.replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${wire.port}`);
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

/** Gives up the wait for a standby, as a person may. */
async function endWaits(fixture: Fixture): Promise<void> {
  await untilTrue(async () => {
    const rows = await fixture.query(
      `SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep' AND query = 'COMMIT'`,
    );
    return rows.length > 0;
  });
}

async function untilTrue(holds: () => Promise<boolean>): Promise<void> {
  for (let tried = 0; !(await holds()); tried++) {
    assert.ok(tried < 400, 'it never came to be');
    await sleep(25);
  }
}
