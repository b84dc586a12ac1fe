/** `ports/status-history.ts` that lives as long as the process: the tables of the others, in memory. For tests of engines. */
import type { StatusHistory } from '#/ports/index.ts';
import { inDialect, SqlStatusHistory, STATUS_MIGRATIONS } from '../sql/index.ts';
import { BatchFile } from '../sqlite/batch-file.ts';

export function openMemoryStatusHistory(): StatusHistory {
  const file = BatchFile.inMemory(STATUS_MIGRATIONS.map((step) => inDialect(step, 'sqlite')));
  return new SqlStatusHistory({
    run: async (statements) => file.run(statements),
    [Symbol.asyncDispose]: async () => file.close(),
  });
}
