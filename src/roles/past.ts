/** What is kept of past mail, as the roles have it: `inspect` writes it, `janitor` has the old go, operations try drafts of rules on it. */
import { PAST_LIMITS, PastKeeper, PastUpkeep } from '#/inspect/index.ts';
import { PROBE_TENANT, type TenantId } from '#/model/index.ts';
import type { DirectorySource } from '#/ports/index.ts';
import type { Opened } from './opened.ts';

/** Null where the settings want nothing kept. */
export function pastKeeperOf({ settings, parts, stores }: Opened, directory: DirectorySource): PastKeeper | null {
  if (settings.retention.facts === 0) return null;
  const keeps = (tenant: TenantId): boolean => {
    const found = tenant === PROBE_TENANT ? undefined : directory.current().tenant(tenant);
    return found !== undefined && found.noFacts !== true;
  };
  return new PastKeeper({ ...parts, past: stores.past, keeps }, PAST_LIMITS);
}

/** Periodic work, until it is disposed. */
export function startPastUpkeep({ settings, parts, stores }: Opened, directory: DirectorySource): AsyncDisposable {
  const unwanted = (): readonly TenantId[] =>
    directory.current().tenants.flatMap(({ id, noFacts }) => (noFacts === true ? [id] : []));
  const { facts: keptMs } = settings.retention;
  return new PastUpkeep({ ...parts, past: stores.past, keptMs, unwanted }, PAST_LIMITS).start();
}
