/** `ports/downloads.ts` in the database that hosts share. */
import type { KeyRing } from '../keys/index.ts';
import { DOWNLOADS_MIGRATIONS, SqlDownloads } from '../sql/index.ts';
import { openPostgresBatches } from './batches.ts';

export interface PostgresDownloadsOptions {
  readonly url: string;
  readonly applicationName?: string;
  readonly keyRing: Pick<KeyRing, 'sealing' | 'opening'>;
}

/** Faults `store.unavailable`, `store.foreign`, `store.failed`. */
export async function openPostgresDownloads(options: PostgresDownloadsOptions): Promise<SqlDownloads> {
  const { url, applicationName = 'holdfast downloads', keyRing } = options;
  const migrations = DOWNLOADS_MIGRATIONS;
  return new SqlDownloads(await openPostgresBatches({ url, applicationName, part: 'downloads', migrations }), keyRing);
}
