/**
 * PostgreSQL for tests and benchmarks: real servers on the loopback, alone or as a primary with a synchronous standby that can take over.
 * `await using server = orSkip(t, await startPostgres({ version: 15 }))`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { PostgresVersion } from './postgres-programs.ts';
import { findPostgres } from './postgres-programs.ts';
import { PostgresServer } from './postgres-server.ts';

export type { PostgresVersion } from './postgres-programs.ts';
export { PostgresServer } from './postgres-server.ts';

/** Both releases that docs/stores.md promises. */
export const POSTGRES_VERSIONS: readonly PostgresVersion[] = [15, 18];

/** For suites of minutes: the newest each time, both in the long form (`npm test -- --long`). */
export const VERSIONS_IN_TURN: readonly PostgresVersion[] =
  process.env.HOLDFAST_LONG === '1' ? POSTGRES_VERSIONS : [18];

export interface PostgresOptions {
  readonly version: PostgresVersion;
  /** A second server that has every commit before it is answered. */
  readonly synchronousStandby?: boolean;
  /** Server settings beside the usual ones. */
  readonly settings?: Readonly<Record<string, string>>;
}

const STANDBY = 'standby';
const SUITE = 'suite';
const ATTACH_MS = 30_000;
const PROMOTE_MS = 60_000;
let lastDatabase = 0;

/** Starts a server, or says what is missing. */
export async function startPostgres(options: PostgresOptions): Promise<Postgres | { missing: string }> {
  const programs = await findPostgres(options.version);
  if ('missing' in programs) return programs;
  const pair = options.synchronousStandby === true;
  const names = pair ? { synchronous_standby_names: STANDBY } : {};
  const primary = await PostgresServer.make(programs, { ...options.settings, ...names });
  const standby = pair ? await PostgresServer.make(programs, { ...options.settings }) : null;
  await standby?.follow(primary, STANDBY);
  const postgres = new Postgres(primary, standby);
  try {
    await postgres.start();
    await postgres.standbyAttached();
    return postgres;
  } catch (error) {
    await postgres[Symbol.asyncDispose]();
    throw error;
  }
}

/** One server, or a primary and its standby. What is said of the server is said of the primary until `promoteStandby`. */
export class Postgres implements AsyncDisposable {
  readonly version: PostgresVersion;
  readonly standby: PostgresServer | null;
  readonly #first: PostgresServer;
  #primary: PostgresServer;
  #hasSuite = false;

  /** Use `startPostgres`. */
  constructor(primary: PostgresServer, standby: PostgresServer | null) {
    this.version = primary.programs.version;
    this.standby = standby;
    this.#first = primary;
    this.#primary = primary;
  }

  /** Who takes writes now. */
  get primary(): PostgresServer {
    return this.#primary;
  }

  get pid(): number | null {
    return this.#primary.pid;
  }

  /** Of the database `postgres`; with a standby it names both hosts. */
  get url(): string {
    return this.urlFor('postgres');
  }

  urlFor(database: string): string {
    const hosts = [this.#first, this.standby].flatMap((server) => (server === null ? [] : [server.host]));
    return `postgres://postgres@${hosts.join(',')}/${database}`;
  }

  /** A new empty database; its URL. */
  async createDatabase(name = `t${process.pid}_${++lastDatabase}`): Promise<string> {
    await this.query(`CREATE DATABASE "${name}"`);
    return this.urlFor(name);
  }

  /** A database without anything of ours, for one test after the other: five times as quick as a new one. Its URL. */
  async emptyDatabase(): Promise<string> {
    if (!this.#hasSuite) await this.createDatabase(SUITE);
    this.#hasSuite = true;
    await this.query('DROP SCHEMA IF EXISTS holdfast CASCADE', SUITE);
    return this.urlFor(SUITE);
  }

  /** Rows of one statement on the primary, as the superuser. */
  query(sql: string, database?: string): Promise<Record<string, unknown>[]> {
    return this.#primary.query(sql, database);
  }

  async start(): Promise<void> {
    await Promise.all([this.#primary.start(), this.#primary === this.standby ? null : this.standby?.start()]);
  }

  stop(): Promise<void> {
    return this.#primary.stop();
  }

  kill9(): Promise<void> {
    return this.#primary.kill9();
  }

  /** Waits until every commit of the primary waits for the standby. */
  async standbyAttached(): Promise<void> {
    if (this.standby === null) return;
    await waitFor('the standby is synchronous', ATTACH_MS, async () => {
      const rows = await this.#primary.query("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'");
      return rows.length > 0;
    });
  }

  /** Makes the standby the primary; end the old one before. Comes back when the new one takes writes. */
  async promoteStandby(): Promise<void> {
    const { standby } = this;
    if (standby === null) throw new TypeError('There is no standby to promote.');
    await standby.query('SELECT pg_promote(false)');
    await waitFor('the standby takes writes', PROMOTE_MS, async () => {
      const [row] = await standby.query('SELECT pg_is_in_recovery() AS standby');
      return row?.standby === false;
    });
    this.#primary = standby;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#first[Symbol.asyncDispose]();
    await this.standby?.[Symbol.asyncDispose]();
  }
}

async function waitFor(what: string, ms: number, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + ms;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`In ${ms} ms it did not come to be that ${what}.`);
    await sleep(25);
  }
}
