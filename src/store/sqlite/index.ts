/**
 * The embedded store: custody and journal in `custody.db` of the data directory (SQLite, WAL, FULL), closed days in `archive/`.
 *
 * States: opened (the lock is taken, the file is of this release) → serving → closed; or failed, after which nothing is accepted and
 * nothing is retried. What must never happen: a commit on the event loop; a promise that resolves before the flush; one request that
 * fails another; a statement of acceptance whose cost grows with what waits.
 *
 * Carries H3, H4, H5 and M3 under `ports/custody.ts` and `ports/journal.ts`; the suite is `store/contract/custody.ts`.
 */

export { openSqliteCampaigns } from './campaigns.ts';
export type { SqliteCustody, SqliteCustodyParts, SqliteCustodySettings } from './custody.ts';
export { openSqliteCustody } from './custody.ts';
export { DOWNLOADS_FILE, openSqliteDownloads } from './downloads.ts';
export { INCIDENTS_FILE, openSqliteIncidents } from './incidents.ts';
export { openSqlitePastMails } from './past-mails.ts';
export { openSqlitePeople, PEOPLE_FILE } from './people.ts';
export { openSqlitePolicyMemory, POLICY_MEMORY_FILE } from './policy-memory.ts';
export type { SqliteReader } from './read-only.ts';
export { isAheadOfTables, openSqliteReader } from './read-only.ts';
export * from './registry.ts';
export { openSqliteStatusHistory } from './status-history.ts';
