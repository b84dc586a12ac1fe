/** `ports/incident-book.ts` that lives as long as the process: the tables of the others, in memory. For tests of engines. */
import type { IncidentBook } from '#/ports/index.ts';
import { INCIDENTS_MIGRATIONS, inDialect, SqlIncidentBook } from '../sql/index.ts';
import { BatchFile } from '../sqlite/batch-file.ts';

export function openMemoryIncidents(): IncidentBook {
  const file = BatchFile.inMemory(INCIDENTS_MIGRATIONS.map((step) => inDialect(step, 'sqlite')));
  return new SqlIncidentBook({
    run: async (statements) => file.run(statements),
    [Symbol.asyncDispose]: async () => file.close(),
  });
}
