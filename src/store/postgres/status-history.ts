/** `ports/status-history.ts` in the database that hosts share. */
import type { StatusHistory } from '#/ports/index.ts';
import { lazyBatches, SqlStatusHistory, STATUS_MIGRATIONS } from '../sql/index.ts';
import { openPostgresBatches } from './batches.ts';

/** Opened with the first call. Faults `store.unavailable`, `store.foreign`, `store.failed`. */
export function openPostgresStatusHistory(options: {
  readonly url: string;
  readonly applicationName?: string;
}): StatusHistory {
  const { url, applicationName = 'holdfast status' } = options;
  const open = { url, applicationName, part: 'status', migrations: STATUS_MIGRATIONS };
  return new SqlStatusHistory(lazyBatches(() => openPostgresBatches(open)));
}
