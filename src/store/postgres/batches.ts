/** `sql/batches.ts` on PostgreSQL. */
import { type Call, within } from '#/model/index.ts';
import { type Batches, type BatchStatement, inDialect } from '../sql/index.ts';
import { Connector } from './connections.ts';
import { migrate } from './migrate.ts';
import { ReadingPool } from './reading-pool.ts';
import { faultOf } from './sql.ts';

export interface PostgresBatchesOptions {
  readonly url: string;
  readonly applicationName: string;
  /** Names the tables in the row that holds their version. */
  readonly part: string;
  readonly migrations: readonly string[];
}

const CONNECTIONS = 2;
const OPEN_MS = 30_000;

/** Faults `store.unavailable`, `store.foreign`, `store.failed`. */
export async function openPostgresBatches(options: PostgresBatchesOptions): Promise<Batches> {
  const { url, applicationName, part, migrations } = options;
  const connector = new Connector({ url, applicationName });
  const client = await connector.connect('reader', within(OPEN_MS));
  try {
    await migrate(
      client,
      part,
      migrations.map((step) => inDialect(step, 'postgres')),
    );
  } catch (error) {
    throw faultOf(error);
  } finally {
    await client.end();
  }
  const pool = new ReadingPool((call) => connector.connect('reader', call), CONNECTIONS);
  return {
    run: (statements: readonly BatchStatement[], call: Call) => pool.batch(statements, call),
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}
