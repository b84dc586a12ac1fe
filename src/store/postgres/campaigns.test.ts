import { after, before, describe, test } from 'node:test';
import type { Campaigns } from '#/ports/index.ts';
import { POSTGRES_VERSIONS, type Postgres, startPostgres } from '../../../test/support/postgres.ts';
import { campaignsContract, FORGET_ALL_CAMPAIGNS } from '../contract/campaigns.ts';
import { openPostgresCampaigns } from './campaigns.ts';

for (const version of POSTGRES_VERSIONS) {
  const postgres = await startPostgres({ version });
  if ('missing' in postgres) test(`campaigns on PostgreSQL ${version}`, { skip: postgres.missing });
  else describe(`campaigns on PostgreSQL ${version}`, () => suite(postgres));
}

function suite(postgres: Postgres): void {
  let url: string;
  let campaigns: Campaigns;

  before(async () => {
    url = await postgres.emptyDatabase();
    campaigns = openPostgresCampaigns({ url });
  });

  after(async () => {
    await campaigns[Symbol.asyncDispose]();
    await postgres[Symbol.asyncDispose]();
  });

  campaignsContract(`PostgreSQL ${postgres.version}`, async () => ({
    campaigns,
    reopen: async () => {
      await campaigns[Symbol.asyncDispose]();
      campaigns = openPostgresCampaigns({ url });
      return campaigns;
    },
    [Symbol.asyncDispose]: async () =>
      void (await postgres.query(
        `SET search_path = holdfast; ${FORGET_ALL_CAMPAIGNS}`,
        url.slice(url.lastIndexOf('/') + 1),
      )),
  }));
}
