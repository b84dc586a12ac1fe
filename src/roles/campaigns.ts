/** Redelivery campaigns as the roles have them: operations where people ask, the run beside the janitor's work. */
import { CampaignRunner, CampaignTeller } from '#/campaign/index.ts';
import { CampaignLetters } from '#/notice/index.ts';
import type { Core } from './core.ts';
import type { Opened } from './opened.ts';
import { reachIn } from './reach.ts';

/** Moves campaigns on, and tells contacts, until it is disposed. `ring` tells those who deliver and inspect that rows have become due. */
export function startCampaignRunner(
  { settings, parts, stores, incarnation }: Opened,
  { directory, routes: routing, returnPaths }: Pick<Core, 'directory' | 'routes' | 'returnPaths'>,
  ring: () => void,
): AsyncDisposable {
  const { campaigns, custody, journal } = stores;
  const { clock, log } = parts;
  const shared = { campaigns, custody, journal, clock, log, worker: incarnation.id };
  const mails = new CampaignLetters(settings.hostname, { directory, routing, reach: reachIn(directory, returnPaths) });
  const teller = new CampaignTeller({ ...shared, directory, mails, ring });
  return new CampaignRunner({ ...shared, teller, doorbell: ring }).start();
}
