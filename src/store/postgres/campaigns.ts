/** `ports/campaigns.ts` in the database that hosts share. */
import type { Campaigns } from '#/ports/index.ts';
import { CAMPAIGNS_MIGRATIONS, lazyBatches, SqlCampaigns } from '../sql/index.ts';
import { openPostgresBatches } from './batches.ts';

export interface PostgresCampaignsOptions {
  readonly url: string;
  readonly applicationName?: string;
}

/** Opened when somebody first asks. Faults of its calls: `store.unavailable`, `store.foreign`, `store.failed`. */
export function openPostgresCampaigns({
  url,
  applicationName = 'holdfast campaigns',
}: PostgresCampaignsOptions): Campaigns {
  const migrations = CAMPAIGNS_MIGRATIONS;
  return new SqlCampaigns(
    lazyBatches(() => openPostgresBatches({ url, applicationName, part: 'campaigns', migrations })),
  );
}
