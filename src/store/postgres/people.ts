/** `ports/people-book.ts` in the database that hosts share. */
import type { PeopleBook } from '#/ports/index.ts';
import { lazyBatches, PEOPLE_MIGRATIONS, SqlPeopleBook } from '../sql/index.ts';
import { openPostgresBatches } from './batches.ts';

export interface PostgresPeopleOptions {
  readonly url: string;
  readonly applicationName?: string;
}

/** Connects when it is first asked. Faults of its calls: `store.unavailable`, `store.foreign`, `store.failed`. */
export function openPostgresPeople(options: PostgresPeopleOptions): PeopleBook {
  const { url, applicationName = 'holdfast people' } = options;
  const migrations = PEOPLE_MIGRATIONS;
  return new SqlPeopleBook(
    lazyBatches(() => openPostgresBatches({ url, applicationName, part: 'people', migrations })),
  );
}
