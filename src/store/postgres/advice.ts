/** What a database is asked before it is trusted with mail: `config check`. */
import { within } from '#/model/index.ts';
import { Connector } from './connections.ts';

/** A worry about a database, and what to do. */
export interface Advice {
  readonly text: string;
  readonly remedy: string;
}

const ASK_MS = 10_000;
/** Releases that the tests run on. */
const TESTED = [15, 18];

type Facts = {
  version: number;
  fsync: string;
  full_page_writes: string;
  names: string;
  synchronous: number;
  standbys: number;
};

const FACTS = `
  SELECT current_setting('server_version_num')::int AS version, current_setting('fsync') AS fsync,
    current_setting('full_page_writes') AS full_page_writes, current_setting('synchronous_standby_names') AS names,
    (SELECT count(*)::int FROM pg_stat_replication WHERE sync_state IN ('sync', 'quorum')) AS synchronous,
    (SELECT count(*)::int FROM pg_stat_replication) AS standbys`;

/** Asks the server that takes writes. Faults `store.unavailable`, `store.foreign`, `config.invalid`. */
export async function adviseOnDatabase(url: string): Promise<readonly Advice[]> {
  const client = await new Connector({ url, applicationName: 'holdfast check' }).connect('reader', within(ASK_MS));
  try {
    const [facts] = (await client.query<Facts>(FACTS)).rows;
    return facts === undefined ? [] : [...ofDurability(facts), ...ofStandbys(facts), ...ofRelease(facts)];
  } finally {
    await client.end();
  }
}

function ofDurability({ fsync, full_page_writes: pages }: Facts): Advice[] {
  const off = [...(fsync === 'on' ? [] : ['fsync']), ...(pages === 'on' ? [] : ['full_page_writes'])];
  return off.map((name) => ({
    text: `The database runs with ${name} off: a power cut can destroy it, and with it mail that had its 250.`,
    remedy: `Set ${name} = on in postgresql.conf and restart the database.`,
  }));
}

// Design 4: without one, a 250 stands on one disk alone.
function ofStandbys({ names, synchronous, standbys }: Facts): Advice[] {
  if (names !== '' && synchronous > 0) return [];
  if (names !== '')
    return [
      {
        text: `synchronous_standby_names is '${names}', and no such standby is connected: nothing can be accepted until one is.`,
        remedy: 'Start the standby, or look at its log for why it does not connect.',
      },
    ];
  const seen = standbys > 0 ? 'Its standbys follow at their own pace' : 'It has no standby';
  return [
    {
      text: `${seen}: when the disk of this database server is lost, mail that had its 250 is lost with it.`,
      remedy: "Set up a standby and name it in synchronous_standby_names, for instance 'ANY 1 (*)'.",
    },
  ];
}

function ofRelease({ version }: Facts): Advice[] {
  const release = Math.floor(version / 10_000);
  if (TESTED.includes(release)) return [];
  return [
    {
      text: `PostgreSQL ${release} is not tested with Holdfast; ${TESTED.join(' and ')} are.`,
      remedy: 'Nothing has to be done; try it before you rely on it.',
    },
  ];
}
