/** `ports/downloads.ts` in `downloads.db` of the data directory. */
import { join } from 'node:path';
import type { KeyRing } from '../keys/index.ts';
import { DOWNLOADS_MIGRATIONS, inDialect, SqlDownloads } from '../sql/index.ts';
import { openSqliteBatches } from './batches.ts';

/** The file below the data directory. */
export const DOWNLOADS_FILE = 'downloads.db';

export interface SqliteDownloadsOptions {
  readonly dir: string;
  readonly keyRing: Pick<KeyRing, 'sealing' | 'opening'>;
}

/** Any number of processes of this host may have it open. Faults `store.foreign`, `store.failed`, `disk.full`. */
export async function openSqliteDownloads({ dir, keyRing }: SqliteDownloadsOptions): Promise<SqlDownloads> {
  const migrations = DOWNLOADS_MIGRATIONS.map((step) => inDialect(step, 'sqlite'));
  return new SqlDownloads(await openSqliteBatches({ path: join(dir, DOWNLOADS_FILE), migrations }), keyRing);
}
