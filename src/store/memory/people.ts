/** `ports/people-book.ts` that lives as long as the process: the tables of the others, in memory. For tests of engines. */
import type { PeopleBook } from '#/ports/index.ts';
import { inDialect, PEOPLE_MIGRATIONS, SqlPeopleBook } from '../sql/index.ts';
import { BatchFile } from '../sqlite/batch-file.ts';

export function openMemoryPeople(): PeopleBook {
  const file = BatchFile.inMemory(PEOPLE_MIGRATIONS.map((step) => inDialect(step, 'sqlite')));
  return new SqlPeopleBook({
    run: async (statements) => file.run(statements),
    [Symbol.asyncDispose]: async () => file.close(),
  });
}
