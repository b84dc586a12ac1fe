/** What is read in ways of this keeper's own: long phrases put together from rows, UIDs that vanished and were forgotten, views that are kept. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Postgres } from '../../../test/support/postgres.ts';
import { startPostgres } from '../../../test/support/postgres.ts';
import { Person } from '../contract/mail-samples.ts';
import { soon } from '../contract/samples.ts';
import { Fixture } from './fixture.ts';
import { assertCounts } from './recount.ts';

const server = await startPostgres({ version: 15 });

if ('missing' in server) test('reading mailboxes in PostgreSQL', { skip: server.missing });
else
  describe('reading mailboxes in PostgreSQL', () => {
    after(() => server[Symbol.asyncDispose]());
    phrases(server);
    forgetting(server);
    keeping(server);
    restoring(server);
  });

function phrases(on: Postgres): void {
  test('O3: a phrase of a hundred words is found where it stands, and nowhere else', async () => {
    await using fixture = await Fixture.make(on);
    const person = new Person(await fixture.open());
    const words = Array.from({ length: 600 }, (_, at) => `w${at % 250}`);
    const begun = [...words.slice(0, 150), 'other', ...words.slice(151)];
    await person.append(
      'INBOX',
      { text: words.join(' ') },
      { text: begun.join(' ') },
      { text: words.slice(0, 90).join(' ') },
    );
    const hundred = words.slice(60, 160).join(' ');
    assert.deepEqual(await person.holding(hundred), [1, 2]);
    assert.deepEqual(await person.holding(words.slice(0, 160).join(' ')), [1, 2]);
    assert.deepEqual(await person.holding(words.slice(140, 180).join(' ')), [1, 2]);
    assert.deepEqual(await person.holding(`${hundred} other`), []);
    assert.deepEqual(await person.holding(hundred, 'body', 'Sent'), []);
  });

  test('O4: one account’s words are no other’s, however their numbers and words begin', async () => {
    await using fixture = await Fixture.make(on);
    const keeper = await fixture.open();
    const people = Array.from({ length: 12 }, () => new Person(keeper));
    for (const [at, person] of people.entries()) await person.append('INBOX', { text: `common own${at}` });
    for (const [at, person] of people.entries()) {
      assert.deepEqual(await person.holding('common'), [1]);
      assert.deepEqual(await person.holding(`own${at} `), [1]);
      assert.deepEqual(await person.holding(`own${(at + 1) % 12}x`), []);
    }
  });
}

function forgetting(on: Postgres): void {
  test('RFC 7162 §3.2.5.2: what vanished before a purge is still told to who asks for it, and no live UID is', async () => {
    await using fixture = await Fixture.make(on);
    const person = new Person(await fixture.open());
    await person.append('INBOX', {}, {}, {}, {}, {});
    await person.expunge('INBOX', [1, 3, 4]);
    const { id, highestModSeq } = await person.mailbox();
    await fixture.clock.sleep(1);
    await person.purge();
    await person.append('INBOX', {});
    await person.expunge('INBOX', [5]);
    const since = async (modSeq: number): Promise<readonly number[]> => [
      ...((await person.mailboxes.changes(person.account, id, { modSeq: modSeq }, soon()))?.vanished ?? []),
    ];
    assert.deepEqual(await since(0), [1, 3, 4, 5]);
    assert.deepEqual(await since(highestModSeq), [5]);
    const [left] = await fixture.query('SELECT count(*)::int AS rows FROM holdfast.mailbox_vanished');
    assert.equal(left?.rows, 1);
    await assertCounts((sql) => fixture.query(sql));
  });
}

function keeping(on: Postgres): void {
  test('O3: a view that is kept is the same while nothing changes, and new when another host has changed it', async () => {
    await using fixture = await Fixture.make(on);
    const one = new Person(await fixture.open());
    const two = new Person(await fixture.open(), one.account);
    await one.append('INBOX', {}, {});
    const id = await one.idOf();
    const view = async (): Promise<unknown> => one.mailboxes.view(one.account, id, soon());
    const first = await view();
    assert.equal(await view(), first);
    await two.expunge('INBOX', [1]);
    assert.deepEqual(await one.uids(), [2]);
    assert.notEqual(await view(), first);
  });
}

function restoring(on: Postgres): void {
  test('design 1: out of a dump every mailbox has a new UIDVALIDITY, each once; opened again where it was it keeps it', async () => {
    await using fixture = await Fixture.make(on);
    const person = new Person(await fixture.open());
    await person.append('INBOX', {}, {});
    const validities = async (): Promise<number[]> => {
      person.mailboxes = await fixture.open();
      return (await person.mailboxes.list(person.account, soon())).map(({ uidValidity }) => uidValidity);
    };
    const before = await validities();
    assert.deepEqual(await validities(), before);
    await fixture.query("UPDATE holdfast.mailbox_place SET place = '1:1'");
    const renewed = await validities();
    assert.equal(new Set([...before, ...renewed]).size, 2 * before.length);
    assert.ok(Math.min(...renewed) > Math.max(...before));
    assert.deepEqual(await validities(), renewed);
    assert.deepEqual(await person.uids(), [1, 2]);
    assert.ok((await person.create('New')).uidValidity > Math.max(...renewed));
  });
}
