/** The cluster's key ring: one installation key on every host, wrapped day keys in rows that all hosts share. */
import { within } from '#/model/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { openKeyRing } from '../keys/index.ts';
import { Connector } from './connections.ts';
import { migrate } from './migrate.ts';
import { ReadingPool } from './reading-pool.ts';
import { CUSTODY_MIGRATIONS } from './schema.ts';
import { faultOf } from './sql.ts';
import { wrappedKeyTable } from './wrapped-key-table.ts';

/** A day's key is asked for once a day, and once again by each who opens old content. */
const CONNECTIONS = 1;
const OPEN_MS = 30_000;

export interface PostgresKeyRingSettings {
  /** `postgres://user:password@host:port/database`; several hosts with commas between. */
  readonly url: string;
  /** File of the installation key, the same on every host; made where no host has locked anything yet. */
  readonly secretsKeyFile: string;
  readonly applicationName?: string;
}

/** Opens the ring, and makes its table where it is absent. Faults `key.missing` where another installation key wrapped the newest day's, `store.unavailable`, `store.foreign`. */
export async function openPostgresKeyRing(settings: PostgresKeyRingSettings): Promise<KeyRing & AsyncDisposable> {
  const { url, secretsKeyFile: keyFile, applicationName = 'holdfast keys' } = settings;
  const connector = new Connector({ url, applicationName });
  const client = await connector.connect('reader', within(OPEN_MS));
  try {
    await migrate(client, 'custody', CUSTODY_MIGRATIONS);
  } catch (error) {
    throw faultOf(error);
  } finally {
    await client.end();
  }
  const pool = new ReadingPool((call) => connector.connect('reader', call), CONNECTIONS);
  try {
    const ring = await openKeyRing({ keyFile, wrapped: wrappedKeyTable(pool) });
    return {
      sealing: (nowMs) => ring.sealing(nowMs),
      opening: (day) => ring.opening(day),
      days: () => ring.days(),
      destroy: (day) => ring.destroy(day),
      derived: (purpose) => ring.derived(purpose),
      [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
    };
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    throw error;
  }
}
