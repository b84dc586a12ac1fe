/** One database for each suite of this folder, and keepers on it as several hosts have them. */
import { StandingClock } from '../contract/samples.ts';
import type { PostgresMailboxes } from './index.ts';
import { openPostgresMailboxes } from './index.ts';

/** A PostgreSQL server, as tests start it. */
interface Server {
  createDatabase(): Promise<string>;
  query(sql: string, database?: string): Promise<Record<string, unknown>[]>;
}

export class Fixture implements AsyncDisposable {
  readonly clock = new StandingClock();
  readonly url: string;
  readonly #server: Server;
  readonly #opened: PostgresMailboxes[] = [];

  private constructor(server: Server, url: string) {
    this.#server = server;
    this.url = url;
  }

  static async make(server: Server): Promise<Fixture> {
    return new Fixture(server, await server.createDatabase());
  }

  async open(url = this.url): Promise<PostgresMailboxes> {
    const mailboxes = await openPostgresMailboxes({ url }, { clock: this.clock });
    this.#opened.push(mailboxes);
    return mailboxes;
  }

  /** Rows of one statement, past all code of ours. */
  query(sql: string): Promise<Record<string, unknown>[]> {
    return this.#server.query(sql, new URL(this.url).pathname.slice(1));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const mailboxes of this.#opened) await mailboxes[Symbol.asyncDispose]();
  }
}
