/**
 * Ways to the server that takes writes. The URL may name several hosts (`postgres://user:secret@h1:5432,h2:5432/db`); they are tried in turn,
 * the last good one first, and a standby is passed over: so a promotion needs no one to tell us.
 */
import { Client, types } from 'pg';
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { SCHEMA } from './schema.ts';
import { faultOf } from './sql.ts';

/** `writer` commits groups, by indexes alone; `reader` answers questions, as the planner sees fit. */
export type Purpose = 'writer' | 'reader';

export interface DatabaseSettings {
  readonly url: string;
  /** What the server's lists show for us: `holdfast deliver`. */
  readonly applicationName: string;
}

/** Oldest release that is tested. */
const VERSION_MIN = 150_000;
/** One host's time to answer; the next one is tried then. */
const CONNECT_MS = 2_000;
const KEEP_ALIVE_MS = 10_000;
/** Ends a statement that has lost its way; never a COMMIT, which the server leaves out of it. Readers set their own as they go. */
const STATEMENT_MS = { writer: 30_000, reader: 120_000 } as const;
const LOCK_MS = 10_000;
const IDLE_IN_TRANSACTION_MS = 30_000;

const INT8 = 20;
const NUMERIC = 1700;

const COMMON = `
  SET search_path = ${SCHEMA}; SET lock_timeout = ${LOCK_MS}; SET jit = off;
  SET idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
  SET tcp_keepalives_idle = 30; SET tcp_keepalives_interval = 10; SET tcp_keepalives_count = 3;
  SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write');`;

// A plan that was made while the table was empty must not stay when it is full: by an index, always, whatever the statistics say.
const SETTINGS: Readonly<Record<Purpose, string>> = {
  writer: `${COMMON} SET statement_timeout = ${STATEMENT_MS.writer}; SET plan_cache_mode = force_generic_plan;
    SET enable_seqscan = off; SET enable_bitmapscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
    SET enable_material = off; SET enable_memoize = off;`,
  reader: `${COMMON} SET statement_timeout = ${STATEMENT_MS.reader}; SET client_connection_check_interval = '2s';`,
};

/** Opens connections, and remembers which host was good. */
export class Connector {
  readonly #hosts: readonly string[];
  readonly #applicationName: string;
  #good = 0;

  constructor({ url, applicationName }: DatabaseSettings) {
    this.#hosts = hostUrls(url);
    this.#applicationName = applicationName;
  }

  /** A connection to the server that takes writes. Faults `store.unavailable` when no host is one, `store.foreign` for a release that we don't know. */
  async connect(purpose: Purpose, call: Call): Promise<Client> {
    const failures: string[] = [];
    for (let tried = 0; tried < this.#hosts.length; tried++) {
      const at = (this.#good + tried) % this.#hosts.length;
      const leftMs = Math.min(CONNECT_MS, call.deadlineAt - performance.now());
      if (leftMs <= 0 || call.signal?.aborted) throw new Fault('call.late');
      try {
        const client = await this.#open(this.#hosts[at] ?? '', purpose, leftMs);
        this.#good = at;
        return client;
      } catch (error) {
        if (error instanceof Fault && error.retry === 'never') throw error;
        failures.push(error instanceof Error ? error.message : String(error));
      }
    }
    throw new Fault('store.unavailable', [...new Set(failures)].join('; '));
  }

  async #open(url: string, purpose: Purpose, timeoutMs: number): Promise<Client> {
    const client = new Client({
      connectionString: url,
      application_name: this.#applicationName,
      connectionTimeoutMillis: Math.ceil(timeoutMs),
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
      types: { getTypeParser: parserOf },
    });
    // A connection that ends while nobody uses it is not the end of the process; who uses it hears of it.
    client.on('error', () => {});
    const cut = setTimeout(() => cutOff(client), timeoutMs);
    try {
      await client.connect();
      await checkServer(client);
      await client.query(SETTINGS[purpose]);
      return client;
    } catch (error) {
      cutOff(client);
      throw faultOf(error);
    } finally {
      clearTimeout(cut);
    }
  }
}

/** Ends a connection where it stands: nothing more is heard of it. */
export function cutOff(client: Client): void {
  (
    client as Client & { readonly connection?: { readonly stream?: { destroy(): void } } }
  ).connection?.stream?.destroy();
}

async function checkServer(client: Client): Promise<void> {
  const { rows } = await client.query<{ standby: boolean; version: number; encoding: string }>(
    `SELECT pg_is_in_recovery() OR current_setting('default_transaction_read_only') = 'on' AS standby,
       current_setting('server_version_num')::int AS version, current_setting('server_encoding') AS encoding`,
  );
  const [{ standby, version, encoding } = { standby: true, version: 0, encoding: '' }] = rows;
  if (standby) throw new Fault('store.unavailable', `${client.host}:${client.port} takes no writes.`);
  if (version < VERSION_MIN) throw new Fault('store.foreign', 'PostgreSQL 15 or newer is needed.');
  if (encoding !== 'UTF8') throw new Fault('store.foreign', 'The database needs the encoding UTF8.');
}

/** One URL a host; the driver knows of one alone. */
function hostUrls(url: string): string[] {
  const [, scheme, hosts, rest] = /^(postgres(?:ql)?:\/\/(?:[^@/]*@)?)([^/?]*)(.*)$/.exec(url) ?? [];
  if (scheme === undefined || hosts === undefined || rest === undefined)
    throw new Fault('config.invalid', 'The store is named as postgres://user:password@host:port/database.');
  return hosts.split(',').map((host) => `${scheme}${host}${rest}`);
}

// Counts and times stay far below 2^53; what the server adds up comes as numeric.
function parserOf(oid: number, format?: string): (text: string) => unknown {
  if (oid === INT8 || oid === NUMERIC) return Number;
  return types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text') as (text: string) => unknown;
}
