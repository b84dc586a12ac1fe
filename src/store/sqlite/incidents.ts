/** `ports/incident-book.ts` in `incidents.db` of the data directory. */
import { join } from 'node:path';
import type { IncidentBook } from '#/ports/index.ts';
import { INCIDENTS_MIGRATIONS, inDialect, lazyBatches, SqlIncidentBook } from '../sql/index.ts';
import { openSqliteBatches } from './batches.ts';

/** The file below the data directory. */
export const INCIDENTS_FILE = 'incidents.db';

/**
 * Any number of processes of this host may have it open; each opens it when it first looks, since most never do. Faults of its calls:
 * `store.foreign`, `store.failed`, `disk.full`.
 */
export function openSqliteIncidents({ dir }: { readonly dir: string }): IncidentBook {
  const migrations = INCIDENTS_MIGRATIONS.map((step) => inDialect(step, 'sqlite'));
  return new SqlIncidentBook(lazyBatches(() => openSqliteBatches({ path: join(dir, INCIDENTS_FILE), migrations })));
}
