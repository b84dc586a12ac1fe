/**
 * Redelivery campaigns (H7): mail that a fault left unserved is sent after all, in the open. Its scope is the answer to a question for affected mail,
 * written down recipient by recipient; tenants are told, and choose for all of their mail or for single messages until a time; then the list is
 * frozen, and who was not refused is let go at a pace.
 * ```
 *   drafted ─announce▶ announced ─time, close▶ closed ─time▶ frozen ─time, run▶ running ⇄ paused ─all came to an end▶ completed ─report▶ reported
 * ```
 * A recipient is let go by custody's own act (`redeliver`), which touches nobody who was served or has ended otherwise, and marks the mail as late.
 * All of it stands in `ports/campaigns.ts`: whoever dies, the next one goes on.
 *
 * What must never happen: a served recipient that is served again; one that was refused and gets it; a scope that grows; a choice that is taken after
 * its time; a tenant that learns of another one's mail.
 */
export { type CampaignParts, campaignOperations } from './operations.ts';
export { CampaignRunner, type RunParts } from './run.ts';
export { CampaignTeller, type TellerParts } from './teller.ts';
