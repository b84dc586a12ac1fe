/** The keeper of mailboxes that the settings name, and the way to one that another process of this host owns. */
import { join } from 'node:path';
import { isDatabase, type Settings } from '#/config/index.ts';
import { isFault } from '#/model/index.ts';
import type { Clock, Log, Mailboxes, Meter } from '#/ports/index.ts';
import { openPostgresMailboxes, renewPostgresMailboxes } from '#/store/postgres-mailbox/index.ts';
import { forgetMarks, openSqliteMailboxes } from '#/store/sqlite-mailbox/index.ts';
import { LocalCaller } from './local-caller.ts';
import { MAILBOXES_SOCKET } from './places.ts';

export interface MailboxesParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
  readonly onFatal: (reason: string) => void;
}

/** Threads of the embedded keeper: flushes of different accounts overlap, and a heavy account holds one of them. */
const STORE_THREADS = 4;

/** Opens it for writing. Faults `store.locked` where another process owns the accounts, `store.unavailable`, `store.foreign`. */
export async function openMailboxes(settings: Settings, parts: MailboxesParts): Promise<Mailboxes> {
  const { store, data } = settings;
  if (store !== null && isDatabase(store))
    return openPostgresMailboxes({ url: store, applicationName: 'holdfast mail' }, parts);
  const mailboxes = await openSqliteMailboxes(
    { folder: join(store ?? data, 'mailboxes'), threads: STORE_THREADS },
    parts,
  );
  mailboxes.failed.then(
    (fault) => parts.onFatal(fault.message),
    () => {},
  );
  return mailboxes;
}

/** After their store came back from an earlier time by other means: mail programs must forget what they know of UIDs. No server may run. */
export async function renewMailboxes(settings: Settings, parts: { readonly clock: Clock }): Promise<void> {
  const { store, data } = settings;
  if (store !== null && isDatabase(store)) await renewPostgresMailboxes({ url: store }, parts);
  else await forgetMarks(join(store ?? data, 'mailboxes'));
}

/** The process that owns the accounts. */
export class MailboxesClient extends LocalCaller {
  constructor({ data }: Pick<Settings, 'data'>) {
    super(join(data, MAILBOXES_SOCKET));
  }
}

/** Waits for the predecessor to leave the accounts. */
export async function openMailboxesPatiently(
  settings: Settings,
  parts: MailboxesParts & {
    readonly stop: AbortSignal;
    readonly patient: boolean;
    readonly waits: (why: unknown) => void;
  },
): Promise<Mailboxes> {
  for (;;) {
    try {
      return await openMailboxes(settings, parts);
    } catch (error) {
      const soon = isFault(error, 'store.locked') || isFault(error, 'store.unavailable');
      if (parts.stop.aborted || !parts.patient || !soon) throw error;
      parts.waits(error);
      await parts.clock.sleep(LOOK_AGAIN_MS, parts.stop);
    }
  }
}

const LOOK_AGAIN_MS = 50;
