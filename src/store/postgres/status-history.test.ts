import { after, before, describe, test } from 'node:test';
import type { StatusHistory } from '#/ports/index.ts';
import { POSTGRES_VERSIONS, type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import { FORGET_STATUS, statusHistoryContract } from '../contract/status-history.ts';
import { openPostgresStatusHistory } from './status-history.ts';

for (const version of POSTGRES_VERSIONS) {
  const postgres = await startPostgres({ version });
  if ('missing' in postgres) test(`status history on PostgreSQL ${version}`, { skip: postgres.missing });
  else describe(`status history on PostgreSQL ${version}`, () => suite(postgres));
}

function suite(postgres: Postgres): void {
  let url: string;
  let history: StatusHistory;

  before(async () => {
    url = await postgres.emptyDatabase();
    history = openPostgresStatusHistory({ url });
  });

  after(async () => {
    await history[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  statusHistoryContract(`PostgreSQL ${postgres.version}`, async () => ({
    history,
    reopen: async () => {
      await history[Symbol.asyncDispose]();
      history = openPostgresStatusHistory({ url });
      return history;
    },
    [Symbol.asyncDispose]: async () =>
      void (await postgres.query(`SET search_path = holdfast; ${FORGET_STATUS}`, url.slice(url.lastIndexOf('/') + 1))),
  }));
}
