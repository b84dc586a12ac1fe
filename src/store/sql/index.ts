/**
 * Keepers that are written once, in the SQL that SQLite and PostgreSQL share: for what people administer, where no microsecond counts (design 4).
 * `batches.ts` is what they ask of a database; `sqlite/batches.ts` and `postgres/batches.ts` are the two.
 */
export type { Batches, BatchStatement, SqlRow, SqlValue } from './batches.ts';
export { inDialect } from './batches.ts';
export { SqlCampaigns } from './campaigns/campaigns.ts';
export { CAMPAIGNS_MIGRATIONS } from './campaigns/schema.ts';
export { SqlDownloads } from './downloads/downloads.ts';
export { DOWNLOADS_MIGRATIONS } from './downloads/schema.ts';
export { SqlIncidentBook } from './incidents/book.ts';
export { INCIDENTS_MIGRATIONS } from './incidents/schema.ts';
export { lazyBatches } from './lazy-batches.ts';
export { SqlPastMails } from './past-mails/past-mails.ts';
export { PAST_MAILS_MIGRATIONS } from './past-mails/schema.ts';
export { SqlPeopleBook } from './people/people-book.ts';
export { PEOPLE_MIGRATIONS } from './people/schema.ts';
export { sqlPolicyMemory } from './policy-memory/policy-memory.ts';
export { POLICY_MEMORY_MIGRATIONS } from './policy-memory/schema.ts';
export { STATUS_MIGRATIONS } from './status/schema.ts';
export { SqlStatusHistory } from './status/status-history.ts';
