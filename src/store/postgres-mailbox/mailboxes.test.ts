import { after, describe, test } from 'node:test';
import { startPostgres, VERSIONS_IN_TURN } from '../../../test/support/postgres.ts';
import { mailboxesContract } from '../contract/mailboxes.ts';
import { Fixture } from './fixture.ts';
import { assertCounts } from './recount.ts';

for (const version of VERSIONS_IN_TURN) {
  const server = await startPostgres({ version });
  if ('missing' in server) test(`mailboxes in PostgreSQL ${version}`, { skip: server.missing });
  else
    describe(`PostgreSQL ${version}`, () => {
      after(() => server[Symbol.asyncDispose]());
      mailboxesContract(`PostgreSQL ${version}`, async () => {
        const fixture = await Fixture.make(server);
        let mailboxes = await fixture.open();
        return {
          mailboxes,
          clock: fixture.clock,
          reopen: async () => {
            await mailboxes[Symbol.asyncDispose]();
            mailboxes = await fixture.open();
            return mailboxes;
          },
          beside: () => fixture.open(),
          [Symbol.asyncDispose]: async () => {
            await assertCounts((sql) => fixture.query(sql));
            await fixture[Symbol.asyncDispose]();
          },
        };
      });
    });
}
