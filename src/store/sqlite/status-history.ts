/** `ports/status-history.ts` in `status.db` of the data directory; in backups, as the other databases are. */
import { join } from 'node:path';
import type { StatusHistory } from '#/ports/index.ts';
import { inDialect, lazyBatches, SqlStatusHistory, STATUS_MIGRATIONS } from '../sql/index.ts';
import { openSqliteBatches } from './batches.ts';

/** In the folder of the embedded store. */
export const STATUS_FILE = 'status.db';

/** Any number of processes of this host may have it open; it is opened with the first call. Faults `store.foreign`, `store.failed`, `disk.full`. */
export function openSqliteStatusHistory({ dir }: { readonly dir: string }): StatusHistory {
  const migrations = STATUS_MIGRATIONS.map((step) => inDialect(step, 'sqlite'));
  return new SqlStatusHistory(lazyBatches(() => openSqliteBatches({ path: join(dir, STATUS_FILE), migrations })));
}
