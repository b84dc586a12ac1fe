/** `ports/past-mails.ts` in `past.db` of the data directory. */
import { join } from 'node:path';
import type { PastMails } from '#/ports/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { inDialect, lazyBatches, PAST_MAILS_MIGRATIONS, SqlPastMails } from '../sql/index.ts';
import { openSqliteBatches } from './batches.ts';

/** The file below the data directory. No backup has it: it is about a few days, and a dry run says what it lacks. */
const PAST_MAILS_FILE = 'past.db';

export interface SqlitePastMailsOptions {
  readonly dir: string;
  readonly keyRing: Pick<KeyRing, 'sealing' | 'opening'>;
}

/**
 * Any number of processes of this host may have it open; most of them never ask, so its thread is started by the first call, which
 * faults `store.foreign`, `store.failed` or `disk.full` where the file can't be opened.
 */
export function openSqlitePastMails({ dir, keyRing }: SqlitePastMailsOptions): PastMails {
  const migrations = PAST_MAILS_MIGRATIONS.map((step) => inDialect(step, 'sqlite'));
  const open = () => openSqliteBatches({ path: join(dir, PAST_MAILS_FILE), migrations });
  return new SqlPastMails(lazyBatches(open), keyRing);
}
