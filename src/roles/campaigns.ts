/** Redelivery campaigns as the roles have them: operations where people ask, the run beside the janitor's work. */
import { CampaignRunner, TELLS_NO_TENANT } from '#/campaign/index.ts';
import type { Opened } from './opened.ts';

/** Moves campaigns on until it is disposed. `ring` tells those who deliver and inspect that rows have become due. */
export function startCampaignRunner({ parts, stores, incarnation }: Opened, ring: () => void): AsyncDisposable {
  const { campaigns, custody, journal } = stores;
  const { clock, log } = parts;
  return new CampaignRunner({
    ...{ campaigns, custody, journal, clock, log },
    ...{ announcer: TELLS_NO_TENANT, worker: incarnation.id, doorbell: ring },
  }).start();
}
