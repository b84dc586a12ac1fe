/** Where the history of the status is kept: in the store that hosts share, else in a file of this host; with cells too, for it is of no tenant. */
import { isDatabase, type Settings } from '#/config/index.ts';
import type { StatusHistory } from '#/ports/index.ts';
import { openSqliteStatusHistory } from '#/store/index.ts';
import { openPostgresStatusHistory } from '#/store/postgres/index.ts';

/** Opened when it is first asked, and again where that failed: no mail waits for it. */
export function openStatusHistory({ data, store }: Pick<Settings, 'data' | 'store'>): StatusHistory {
  return store !== null && isDatabase(store)
    ? openPostgresStatusHistory({ url: store })
    : openSqliteStatusHistory({ dir: store ?? data });
}
