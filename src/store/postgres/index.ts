/**
 * The cluster's store: custody, journal and registry in a PostgreSQL database (15 or newer) that any number of hosts write at once.
 *
 * States: opened (the tables are of this release) → serving ⇄ away (calls fault `store.unavailable`, connections are tried again) → closed.
 * What must never happen: a promise that resolves before its commit, or with a commit that a standby had to have and has not; a commit that is
 * cancelled; a call that fails its neighbours in a group; a lock that is not a row's or a key's; a statement of acceptance whose cost
 * grows with what waits.
 *
 * Carries H3, H4, H5 and M3 under `ports/custody.ts` and `ports/journal.ts`; the suite is `store/contract/custody.ts`.
 */
export { type Advice, adviseOnDatabase } from './advice.ts';
export { openPostgresCampaigns, type PostgresCampaignsOptions } from './campaigns.ts';
export { Connector } from './connections.ts';
export type { PostgresCustody, PostgresCustodyParts } from './custody.ts';
export type { PostgresDownloadsOptions } from './downloads.ts';
export { openPostgresDownloads } from './downloads.ts';
export type { PostgresIncidentsOptions } from './incidents.ts';
export { openPostgresIncidents } from './incidents.ts';
export type { PostgresKeyRingSettings } from './key-ring.ts';
export { openPostgresKeyRing } from './key-ring.ts';
export type { PostgresCustodySettings } from './open.ts';
export { openPostgresCustody, openPostgresKeys } from './open.ts';
export { openPostgresPastMails } from './past-mails.ts';
export type { PostgresPeopleOptions } from './people.ts';
export { openPostgresPeople } from './people.ts';
export type { PostgresPolicyMemoryOptions } from './policy-memory.ts';
export { openPostgresPolicyMemory } from './policy-memory.ts';
export { ReadingPool } from './reading-pool.ts';
export type { PostgresRegistrySettings } from './registry.ts';
export { openPostgresRegistry } from './registry.ts';
export { openPostgresStatusHistory } from './status-history.ts';
export { wrappedKeyTable } from './wrapped-key-table.ts';
