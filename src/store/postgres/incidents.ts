/** `ports/incident-book.ts` in the database that hosts share. */
import type { IncidentBook } from '#/ports/index.ts';
import { INCIDENTS_MIGRATIONS, lazyBatches, SqlIncidentBook } from '../sql/index.ts';
import { openPostgresBatches } from './batches.ts';

export interface PostgresIncidentsOptions {
  readonly url: string;
  readonly applicationName?: string;
}

/** Connects when it is first asked. Faults of its calls: `store.unavailable`, `store.foreign`, `store.failed`. */
export function openPostgresIncidents(options: PostgresIncidentsOptions): IncidentBook {
  const { url, applicationName = 'holdfast incidents' } = options;
  const migrations = INCIDENTS_MIGRATIONS;
  return new SqlIncidentBook(
    lazyBatches(() => openPostgresBatches({ url, applicationName, part: 'incidents', migrations })),
  );
}
