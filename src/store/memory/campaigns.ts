/** `ports/campaigns.ts` that lives as long as the process: the tables of the others, in memory. For tests of engines. */
import type { Campaigns } from '#/ports/index.ts';
import { CAMPAIGNS_MIGRATIONS, inDialect, SqlCampaigns } from '../sql/index.ts';
import { BatchFile } from '../sqlite/batch-file.ts';

export function openMemoryCampaigns(): Campaigns {
  const file = BatchFile.inMemory(CAMPAIGNS_MIGRATIONS.map((step) => inDialect(step, 'sqlite')));
  return new SqlCampaigns({
    run: async (statements) => file.run(statements),
    [Symbol.asyncDispose]: async () => file.close(),
  });
}
