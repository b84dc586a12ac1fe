import { after, before, describe, test } from 'node:test';
import type { PeopleBook } from '#/ports/index.ts';
import { POSTGRES_VERSIONS, type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import { FORGET_PEOPLE, peopleBookContract } from '../contract/people.ts';
import { peoplePushesContract } from '../contract/people-pushes.ts';
import { openPostgresPeople } from './people.ts';

for (const version of POSTGRES_VERSIONS) {
  const postgres = await startPostgres({ version });
  if ('missing' in postgres) test(`people on PostgreSQL ${version}`, { skip: postgres.missing });
  else describe(`people on PostgreSQL ${version}`, () => suite(postgres));
}

function suite(postgres: Postgres): void {
  let url: string;
  let book: PeopleBook;

  before(async () => {
    url = await postgres.emptyDatabase();
    book = openPostgresPeople({ url });
  });

  after(async () => {
    await book[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  for (const contract of [peopleBookContract, peoplePushesContract])
    contract(`PostgreSQL ${postgres.version}`, async () => ({
      book,
      reopen: async () => {
        await book[Symbol.asyncDispose]();
        book = openPostgresPeople({ url });
        return book;
      },
      another: async () => openPostgresPeople({ url }),
      [Symbol.asyncDispose]: async () =>
        void (await postgres.query(
          `SET search_path = holdfast; ${FORGET_PEOPLE}`,
          url.slice(url.lastIndexOf('/') + 1),
        )),
    }));
}
