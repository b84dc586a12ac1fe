import { after, describe, test } from 'node:test';
import { startPostgres, VERSIONS_IN_TURN } from '../../../test/support/postgres.ts';
import { custodyContract } from '../contract/custody.ts';
import { Fixture } from './fixture.ts';

for (const version of VERSIONS_IN_TURN) {
  const server = await startPostgres({ version });
  if ('missing' in server) test(`the store in PostgreSQL ${version}`, { skip: server.missing });
  else
    describe(`PostgreSQL ${version}`, () => {
      after(() => server[Symbol.asyncDispose]());
      custodyContract(`the store in PostgreSQL ${version}`, async () => {
        const fixture = await Fixture.make(server);
        return { custody: await fixture.open(), clock: fixture.clock, close: () => fixture[Symbol.asyncDispose]() };
      });
    });
}
