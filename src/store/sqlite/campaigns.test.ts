import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before } from 'node:test';
import type { Campaigns } from '#/ports/index.ts';
import { campaignsContract, FORGET_ALL_CAMPAIGNS } from '../contract/campaigns.ts';
import { CAMPAIGNS_FILE, openSqliteCampaigns } from './campaigns.ts';

let dir: string;
let campaigns: Campaigns;

before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'holdfast-campaigns-'));
  campaigns = openSqliteCampaigns({ dir });
});

after(async () => {
  await campaigns[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

// One keeper for all, emptied behind each: a thread takes its time to start.
campaignsContract('sqlite', async () => ({
  campaigns,
  reopen: async () => {
    await campaigns[Symbol.asyncDispose]();
    campaigns = openSqliteCampaigns({ dir });
    return campaigns;
  },
  [Symbol.asyncDispose]: async () => {
    const db = new DatabaseSync(join(dir, CAMPAIGNS_FILE), { timeout: 5_000 });
    db.exec(FORGET_ALL_CAMPAIGNS);
    db.close();
  },
}));
