/** Who tells tenants' contacts how far a campaign has come (H8). */
import type { Call, CampaignState } from '#/model/index.ts';
import type { Campaign } from '#/ports/index.ts';

export interface Announcer {
  /** Tells the contacts of all tenants in it that it has come to this state. Rejects where it could not. */
  tell(state: CampaignState, campaign: Campaign, call: Call): Promise<void>;
}

/** Tells nobody: where notices are made by others. */
export const TELLS_NO_TENANT: Announcer = { tell: async () => {} };
