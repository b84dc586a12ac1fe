import { after, before, describe, test } from 'node:test';
import type { IncidentBook } from '#/ports/index.ts';
import { POSTGRES_VERSIONS, type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import { FORGET_ALL_INCIDENTS, incidentBookContract } from '../contract/incident-book.ts';
import { openPostgresIncidents } from './incidents.ts';

for (const version of POSTGRES_VERSIONS) {
  const postgres = await startPostgres({ version });
  if ('missing' in postgres) test(`incidents on PostgreSQL ${version}`, { skip: postgres.missing });
  else describe(`incidents on PostgreSQL ${version}`, () => suite(postgres));
}

function suite(postgres: Postgres): void {
  let url: string;
  let book: IncidentBook;

  before(async () => {
    url = await postgres.emptyDatabase();
    book = openPostgresIncidents({ url });
  });

  after(async () => {
    await book[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  incidentBookContract(`PostgreSQL ${postgres.version}`, async () => ({
    book,
    reopen: async () => {
      await book[Symbol.asyncDispose]();
      book = openPostgresIncidents({ url });
      return book;
    },
    [Symbol.asyncDispose]: async () =>
      void (await postgres.query(
        `SET search_path = holdfast; ${FORGET_ALL_INCIDENTS}`,
        url.slice(url.lastIndexOf('/') + 1),
      )),
  }));
}
