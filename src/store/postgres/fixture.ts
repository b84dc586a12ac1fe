/**
 * An empty store for each test of this folder. One database a server, emptied for the next test: making one costs more than most tests. One
 * fixture of a server is in use at a time; the database goes with its server.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Blobs } from '#/ports/index.ts';
import { SUITE_SETTINGS } from '../contract/custody.ts';
import { StandingClock } from '../contract/samples.ts';
import type { PostgresCustody } from './index.ts';
import { openPostgresCustody } from './index.ts';
import { SCHEMA } from './schema.ts';

/** A PostgreSQL server, as tests start it. */
interface Server {
  createDatabase(): Promise<string>;
  query(sql: string, database?: string): Promise<Record<string, unknown>[]>;
}

const databases = new WeakMap<Server, string>();

export class Fixture implements AsyncDisposable {
  readonly clock = new StandingClock();
  readonly url: string;
  readonly dir: string;
  readonly #server: Server;
  readonly #opened: PostgresCustody[] = [];

  private constructor(server: Server, url: string, dir: string) {
    this.#server = server;
    this.url = url;
    this.dir = dir;
  }

  static async make(server: Server): Promise<Fixture> {
    const known = databases.get(server);
    const url = known ?? (await server.createDatabase());
    databases.set(server, url);
    const fixture = new Fixture(server, url, await mkdtemp(join(tmpdir(), 'holdfast-postgres-')));
    if (known !== undefined) await fixture.query(`DROP SCHEMA ${SCHEMA} CASCADE`);
    return fixture;
  }

  async open(blobs: Blobs | null = null, url = this.url, key = 'secrets.key'): Promise<PostgresCustody> {
    const settings = { url, secretsKeyFile: join(this.dir, key), ...SUITE_SETTINGS };
    const custody = await openPostgresCustody(settings, { clock: this.clock, blobs });
    this.#opened.push(custody);
    return custody;
  }

  /** Rows of one statement, past all code of ours. */
  query(sql: string): Promise<Record<string, unknown>[]> {
    return this.#server.query(sql, new URL(this.url).pathname.slice(1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const custody of this.#opened) await custody[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true });
  }
}
