/** A throwaway folder of mailboxes for the tests of this folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log, Meter } from '#/ports/index.ts';
import { StandingClock } from '../contract/samples.ts';
import type { SqliteMailboxes } from './index.ts';
import { openSqliteMailboxes } from './index.ts';

const log: Log = { info() {}, warn() {}, error() {}, child: () => log };
const nothing = { add() {}, set() {}, observe() {} };
const meter: Meter = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };

export class Fixture implements AsyncDisposable {
  readonly folder: string;
  readonly clock: StandingClock;
  readonly #opened: SqliteMailboxes[] = [];

  private constructor(folder: string, clock: StandingClock) {
    this.folder = folder;
    this.clock = clock;
  }

  static async make(clock = new StandingClock()): Promise<Fixture> {
    return new Fixture(await mkdtemp(join(tmpdir(), 'holdfast-mailboxes-')), clock);
  }

  async open(threads = 2): Promise<SqliteMailboxes> {
    const settings = { folder: join(this.folder, 'mailboxes'), threads };
    const mailboxes = await openSqliteMailboxes(settings, { clock: this.clock, log, meter });
    this.#opened.push(mailboxes);
    return mailboxes;
  }

  /** Closes what is open, as a restart does. */
  async close(): Promise<void> {
    for (const mailboxes of this.#opened.splice(0)) await mailboxes[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
    await rm(this.folder, { recursive: true });
  }
}
