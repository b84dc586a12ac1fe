/**
 * Facades over several stores, for what is asked of an installation whose tenants are pinned to cells (design 4, Cells). Claims, leases and
 * the schedule are each cell's own and are not here: a cell that is away must not make another one's claims stale.
 *
 * | asked | answered by |
 * |---|---|
 * | something of one tenant (mail that comes in, its content, its resources) | the cell of that tenant, and no other |
 * | something with an id | the cell that has it; where nobody here has it and a cell is away, a fault that names the cell |
 * | everything | all cells together, or a fault that names the one that is away: never a short list |
 * | who our tenants are | all cells, those that are away with what was last known of them |
 *
 * What must never happen: one tenant in two cells; mail, content or resources in another cell than their tenant's; a list that is short
 * without a word; a cell that is away and keeps another one's tenants from anything.
 */
export { cellsBlobs } from './blobs.ts';
export { cellsCampaigns } from './campaigns.ts';
export { type Cell, type CellStores, Cells } from './cell.ts';
export { cellsCustody } from './custody.ts';
export { cellsDecisions } from './decisions.ts';
export { cellsDomainKeys } from './domain-keys.ts';
export { cellsDownloads } from './downloads.ts';
export { cellsEndedSessions } from './ended-sessions.ts';
export { cellsIncidents } from './incidents.ts';
export { cellsIntake } from './intake.ts';
export { cellsJournal } from './journal.ts';
export { type KnownResources, knownResourcesIn } from './known-resources.ts';
export { cellsPastMails } from './past-mails.ts';
export { cellsPeople } from './people.ts';
export { cellsPolicyMemory } from './policy-memory.ts';
export { cellsRegistry } from './registry.ts';
