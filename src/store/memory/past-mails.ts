/** `ports/past-mails.ts` that lives as long as the process: the table of the others, in memory. For tests of engines. */
import type { PastMails } from '#/ports/index.ts';
import { keyDayOf, newDayKey } from '../keys/index.ts';
import { inDialect, PAST_MAILS_MIGRATIONS, SqlPastMails } from '../sql/index.ts';
import { BatchFile } from '../sqlite/batch-file.ts';

export function openMemoryPastMails(): PastMails {
  const file = BatchFile.inMemory(PAST_MAILS_MIGRATIONS.map((step) => inDialect(step, 'sqlite')));
  const key = newDayKey();
  return new SqlPastMails(
    { run: async (statements) => file.run(statements), [Symbol.asyncDispose]: async () => file.close() },
    { sealing: async (nowMs) => ({ day: keyDayOf(nowMs), key }), opening: async () => key },
  );
}
