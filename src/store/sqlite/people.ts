/** `ports/people-book.ts` in `people.db` of the data directory. */
import { join } from 'node:path';
import type { PeopleBook } from '#/ports/index.ts';
import { inDialect, lazyBatches, PEOPLE_MIGRATIONS, SqlPeopleBook } from '../sql/index.ts';
import { openSqliteBatches } from './batches.ts';

/** The file below the data directory. */
export const PEOPLE_FILE = 'people.db';

/**
 * Any number of processes of this host may have it open; each opens it when it first asks, since some never do. Faults of its calls:
 * `store.foreign`, `store.failed`, `disk.full`.
 */
export function openSqlitePeople({ dir }: { readonly dir: string }): PeopleBook {
  const migrations = PEOPLE_MIGRATIONS.map((step) => inDialect(step, 'sqlite'));
  return new SqlPeopleBook(lazyBatches(() => openSqliteBatches({ path: join(dir, PEOPLE_FILE), migrations })));
}
