/** Mailboxes whose database was brought back to an earlier time by its own means. */
import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { startPostgres } from '../../../test/support/postgres.ts';
import { Person } from '../contract/mail-samples.ts';
import { soon } from '../contract/samples.ts';
import { Fixture } from './fixture.ts';
import { renewPostgresMailboxes } from './index.ts';
import { assertCounts } from './recount.ts';

const server = await startPostgres({ version: 18 });

if ('missing' in server) test('restored mailboxes in PostgreSQL', { skip: server.missing });
else
  describe('restored mailboxes in PostgreSQL', () => {
    after(() => server[Symbol.asyncDispose]());

    test('RFC 9051 §2.3.1.1: no mailbox keeps its UIDVALIDITY, none has one that another had, and those that are made later go on above', async () => {
      await using fixture = await Fixture.make(server);
      const mailboxes = await fixture.open();
      const people = [new Person(mailboxes), new Person(mailboxes)];
      for (const person of people) await person.append('INBOX', {});
      const before = await Promise.all(people.map((person) => mailboxes.list(person.account, soon())));
      await mailboxes[Symbol.asyncDispose]();
      await renewPostgresMailboxes({ url: fixture.url }, fixture);

      const again = await fixture.open();
      for (const [i, person] of people.entries()) {
        person.mailboxes = again;
        const after = await again.list(person.account, soon());
        assert.equal(after.length, before[i]?.length);
        const all = [...(before[i] ?? []), ...after].map(({ uidValidity }) => uidValidity);
        assert.equal(new Set(all).size, all.length, 'each was given once');
        assert.deepEqual(await person.uids(), [1]);
        assert.ok((await person.create('New')).uidValidity > Math.max(...all));
      }
      await assertCounts((sql) => fixture.query(sql));
    });

    test('design 1: where nobody has mailboxes there is nothing to renew', async () => {
      await using fixture = await Fixture.make(server);
      await renewPostgresMailboxes({ url: fixture.url }, fixture);
    });

    test('O1: their tables stand in the schema that a dump of the installation takes', async () => {
      await using fixture = await Fixture.make(server);
      await fixture.open();
      const elsewhere = await fixture.query(
        "SELECT relname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace WHERE relname LIKE 'mailbox%' AND n.nspname <> 'holdfast'",
      );
      const [inIt] = await fixture.query("SELECT to_regclass('holdfast.mailbox_piece') IS NOT NULL AS there");
      assert.deepEqual([elsewhere, inIt?.there], [[], true]);
    });
  });
