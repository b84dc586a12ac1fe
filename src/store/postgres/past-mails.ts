/** `ports/past-mails.ts` in the database that hosts share. */
import type { PastMails } from '#/ports/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { lazyBatches, PAST_MAILS_MIGRATIONS, SqlPastMails } from '../sql/index.ts';
import { openPostgresBatches } from './batches.ts';

export interface PostgresPastMailsOptions {
  readonly url: string;
  readonly applicationName?: string;
  readonly keyRing: Pick<KeyRing, 'sealing' | 'opening'>;
}

/** Connected by the first call, which faults `store.unavailable`, `store.foreign` or `store.failed` where that can't be done. */
export function openPostgresPastMails(options: PostgresPastMailsOptions): PastMails {
  const { url, applicationName = 'holdfast past mails', keyRing } = options;
  const open = () =>
    openPostgresBatches({ url, applicationName, part: 'past-mails', migrations: PAST_MAILS_MIGRATIONS });
  return new SqlPastMails(lazyBatches(open), keyRing);
}
