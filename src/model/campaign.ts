import type { MailId } from './mail-id.ts';
import type { RecipientNumber } from './recipient.ts';
import type { TenantId } from './tenant.ts';

/** Names a redelivery campaign; ordered by the time of its draft. */
export type CampaignId = string & { readonly __brand: 'CampaignId' };

/** The contract's states, in their order; `paused` is beside `running`. */
export const CAMPAIGN_STATES = [
  'drafted',
  'announced',
  'closed',
  'frozen',
  'running',
  'paused',
  'completed',
  'reported',
] as const;

export type CampaignState = (typeof CAMPAIGN_STATES)[number];

/** What a tenant says of its mail, or of one message: it goes, or it does not. */
export type CampaignChoice = 'send' | 'stop';

/**
 * How far a recipient of a campaign has come.
 * ```
 *   listed ─ frozen ─▶ refused
 *      └─ its turn ─▶ served before | left | releasing ─▶ released ─▶ served | undelivered | waiting
 * ```
 * `releasing`: its act may have been done, or not, and is done again. `left`: nothing that a campaign may move (it had ended, or waits by
 * policy). `waiting`: on its way still when the campaign was completed.
 */
export const CAMPAIGN_OUTCOMES = [
  'listed',
  'refused',
  'served before',
  'left',
  'releasing',
  'released',
  'served',
  'undelivered',
  'waiting',
] as const;

export type CampaignOutcome = (typeof CAMPAIGN_OUTCOMES)[number];

/** A recipient in the scope of a campaign. */
export interface CampaignItem {
  readonly tenant: TenantId;
  readonly message: MailId;
  readonly n: RecipientNumber;
}
