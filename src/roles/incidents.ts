/** Incidents as the roles have them: the owner's operations write them, the janitor keeps their times. */
import type { Settings } from '#/config/index.ts';
import { IncidentDesk, IncidentUpkeep } from '#/incident/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import type { Opened } from './opened.ts';
import type { Stores } from './stores.ts';

/** Who writes and reads them. */
export function incidentDeskOf(
  { incidents }: Pick<Settings, 'incidents'>,
  parts: { readonly stores: Pick<Stores, 'incidents'>; readonly clock: Clock; readonly log: Log },
): IncidentDesk {
  return new IncidentDesk({ ...parts, book: parts.stores.incidents }, { publishDrafts: incidents.publish });
}

/** Periodic work, until it is disposed. */
export function startIncidentUpkeep({ settings, parts, stores }: Opened): AsyncDisposable {
  return new IncidentUpkeep({ desk: incidentDeskOf(settings, { ...parts, stores }), ...parts }).start();
}
