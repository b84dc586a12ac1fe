/** `ports/campaigns.ts` in `campaigns.db` of the data directory. */
import { join } from 'node:path';
import type { Campaigns } from '#/ports/index.ts';
import { CAMPAIGNS_MIGRATIONS, inDialect, lazyBatches, SqlCampaigns } from '../sql/index.ts';
import { openSqliteBatches } from './batches.ts';

/** The file below the data directory. */
export const CAMPAIGNS_FILE = 'campaigns.db';

/**
 * Any number of processes of this host may have it open; each opens it when it first looks. Faults of its calls: `store.foreign`, `store.failed`,
 * `disk.full`.
 */
export function openSqliteCampaigns({ dir }: { readonly dir: string }): Campaigns {
  const migrations = CAMPAIGNS_MIGRATIONS.map((step) => inDialect(step, 'sqlite'));
  return new SqlCampaigns(lazyBatches(() => openSqliteBatches({ path: join(dir, CAMPAIGNS_FILE), migrations })));
}
