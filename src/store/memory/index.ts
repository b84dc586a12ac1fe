/** Keepers in memory: the model that the real ones are measured against, and what tests of engines run on. */
export * from './blobs.ts';
export { openMemoryCampaigns } from './campaigns.ts';
export * from './custody.ts';
export { openMemoryDownloads } from './downloads.ts';
export { openMemoryIncidents } from './incidents.ts';
export { MemoryAccounts, openMemoryMailboxes } from './mailboxes.ts';
export { openMemoryPastMails } from './past-mails.ts';
export { openMemoryPeople } from './people.ts';
export { openMemoryPolicyMemory } from './policy-memory.ts';
export * from './registry.ts';
export { openMemoryStatusHistory } from './status-history.ts';
