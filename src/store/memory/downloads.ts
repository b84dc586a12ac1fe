/** `ports/downloads.ts` that lives as long as the process: the tables of the others, in memory. For tests of engines. */
import type { KeyRing } from '../keys/index.ts';
import { keyDayOf, newDayKey } from '../keys/index.ts';
import { DOWNLOADS_MIGRATIONS, inDialect, SqlDownloads } from '../sql/index.ts';
import { BatchFile } from '../sqlite/batch-file.ts';

export function openMemoryDownloads(): SqlDownloads {
  const file = BatchFile.inMemory(DOWNLOADS_MIGRATIONS.map((step) => inDialect(step, 'sqlite')));
  const key = newDayKey();
  const ring: Pick<KeyRing, 'sealing' | 'opening'> = {
    sealing: async (nowMs) => ({ day: keyDayOf(nowMs), key }),
    opening: async () => key,
  };
  return new SqlDownloads(
    { run: async (statements) => file.run(statements), [Symbol.asyncDispose]: async () => file.close() },
    ring,
  );
}
