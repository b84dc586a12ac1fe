/** Opening the cluster's store: its tables are brought to this release, its keys are found, and then it serves. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, within } from '#/model/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import { CUSTODY_DEFAULTS } from '../custody/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { openKeyRing } from '../keys/index.ts';
import { Connector } from './connections.ts';
import type { PostgresCustody, PostgresCustodyParts } from './custody.ts';
import { GroupedCustody } from './custody.ts';
import { migrate } from './migrate.ts';
import { ReadingPool } from './reading-pool.ts';
import { CUSTODY_MIGRATIONS } from './schema.ts';
import { faultOf } from './sql.ts';
import { wrappedKeyTable } from './wrapped-key-table.ts';

/** Connections for work that nobody shares, and for what people ask. */
const WORK_CONNECTIONS = 3;
const PEOPLE_CONNECTIONS = 3;
/** One to beat, one to look at the beats of others. */
const PULSE_CONNECTIONS = 2;
/** A database that starts together with us gets so much time. */
const OPEN_MS = 30_000;
const AGAIN_MS = 1_000;

export interface PostgresCustodySettings extends Partial<CustodySettings> {
  /** `postgres://user:password@host:port,host:port/database`; standbys among the hosts are passed over. */
  readonly url: string;
  /** What the server's lists show for us. Default `holdfast`. */
  readonly applicationName?: string;
  /** File of the installation key, the same on every host; made on the first run. */
  readonly secretsKeyFile: string;
  /** Content sealed at rest. Default true. */
  readonly encryptBodies?: boolean;
}

/**
 * The keys of an installation whose wrapped day keys lie in its database, for whatever seals beside custody. Brings the tables to this
 * release. Faults as `openPostgresCustody`.
 */
export async function openPostgresKeys(
  settings: Pick<PostgresCustodySettings, 'url' | 'applicationName' | 'secretsKeyFile'>,
): Promise<KeyRing & AsyncDisposable> {
  const connector = connectorOf(settings);
  await migrated(connector);
  const pool = new ReadingPool((call) => connector.connect('writer', call), 1);
  try {
    const ring = await openKeyRing({ keyFile: settings.secretsKeyFile, wrapped: wrappedKeyTable(pool) });
    return Object.assign(ring, { [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose]() });
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw faultOf(error);
  }
}

/** Opens the store, and brings its tables to this release. Faults: `store.unavailable`, `store.foreign`, `key.missing`, `config.invalid`. */
export async function openPostgresCustody(
  settings: PostgresCustodySettings,
  parts: PostgresCustodyParts,
): Promise<PostgresCustody> {
  const { url: _url, applicationName: _name, secretsKeyFile: keyFile, encryptBodies = true, ...rest } = settings;
  const connector = connectorOf(settings);
  await migrated(connector);
  const work = new ReadingPool((call) => connector.connect('writer', call), WORK_CONNECTIONS);
  const people = new ReadingPool((call) => connector.connect('reader', call), PEOPLE_CONNECTIONS);
  const pulse = new ReadingPool((call) => connector.connect('writer', call), PULSE_CONNECTIONS);
  try {
    const ring = await openKeyRing({ keyFile, wrapped: wrappedKeyTable(work) });
    const facts = { ...CUSTODY_DEFAULTS, ...rest };
    return await GroupedCustody.begin({ connector, work, people, pulse, ring, encryptBodies }, facts, parts);
  } catch (error) {
    await Promise.all([work, people, pulse].map((pool) => pool[Symbol.asyncDispose]()));
    throw faultOf(error);
  }
}

function connectorOf({
  url,
  applicationName = 'holdfast',
}: Pick<PostgresCustodySettings, 'url' | 'applicationName'>): Connector {
  return new Connector({ url, applicationName });
}

async function migrated(connector: Connector): Promise<void> {
  const call = within(OPEN_MS);
  for (;;) {
    try {
      const client = await connector.connect('reader', call);
      try {
        return await migrate(client, 'custody', CUSTODY_MIGRATIONS);
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
