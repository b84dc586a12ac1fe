/** Opening the mailboxes of a cluster: their tables are brought to this release, and then they serve. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, within } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import { Connector } from '../postgres/connections.ts';
import { Lane } from '../postgres/lane.ts';
import { migrate } from '../postgres/migrate.ts';
import { ReadingPool } from '../postgres/reading-pool.ts';
import { faultOf } from '../postgres/sql.ts';
import { deliver } from './deliver.ts';
import type { PostgresMailboxes } from './mailboxes.ts';
import { MailboxTables } from './mailboxes.ts';
import { settlePlace } from './place.ts';
import { MAILBOX_MIGRATIONS } from './schema.ts';
import { Writer } from './writer.ts';

/** Accounts that are written at once: commits of several share a flush in the server. */
const LANES = 4;
const READING_CONNECTIONS = 4;
const SEARCHING_CONNECTIONS = 2;
/** A database that starts together with us gets so much time. */
const OPEN_MS = 30_000;
const AGAIN_MS = 1_000;

export interface PostgresMailboxesSettings {
  /** `postgres://user:password@host:port,host:port/database`; standbys among the hosts are passed over. */
  readonly url: string;
  /** What the server's lists show for us. */
  readonly applicationName?: string;
}

export interface PostgresMailboxesParts {
  readonly clock: Pick<Clock, 'now'>;
}

/** Opens the mailboxes. Faults: `store.unavailable`, `store.foreign`, `config.invalid`. */
export async function openPostgresMailboxes(
  { url, applicationName = 'holdfast mailboxes' }: PostgresMailboxesSettings,
  { clock }: PostgresMailboxesParts,
): Promise<PostgresMailboxes> {
  const connector = new Connector({ url, applicationName });
  await migrated(connector, clock.now());
  const pool = (connections: number): ReadingPool =>
    new ReadingPool((call) => connector.connect('reader', call), connections);
  const lanes = Array.from({ length: LANES }, () => new Lane(connector));
  return new MailboxTables({
    reading: pool(READING_CONNECTIONS),
    searching: pool(SEARCHING_CONNECTIONS),
    pulse: pool(1),
    startWriter: (onCommitted) =>
      new Writer({ lanes, name: randomUUID(), now: () => clock.now(), deliver, onCommitted }),
  });
}

async function migrated(connector: Connector, now: number): Promise<void> {
  const call = within(OPEN_MS);
  for (;;) {
    try {
      const client = await connector.connect('reader', call);
      try {
        await migrate(client, 'mailbox', MAILBOX_MIGRATIONS);
        return await settlePlace(client, now);
      } finally {
        await client.end().catch(() => {});
      }
    } catch (error) {
      const passes = error instanceof Fault && error.code === 'store.unavailable';
      if (!passes || performance.now() + AGAIN_MS > call.deadlineAt) throw faultOf(error);
      await sleep(AGAIN_MS);
    }
  }
}
