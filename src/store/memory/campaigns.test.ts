import { campaignsContract } from '../contract/campaigns.ts';
import { openMemoryCampaigns } from './campaigns.ts';

campaignsContract('memory', async () => {
  const campaigns = openMemoryCampaigns();
  return { campaigns, reopen: null, [Symbol.asyncDispose]: () => campaigns[Symbol.asyncDispose]() };
});
