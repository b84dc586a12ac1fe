/** A throwaway folder of mailboxes for the tests of this folder. */
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock, Log, Meter } from '#/ports/index.ts';
import { StandingClock } from '../contract/samples.ts';
import type { SqliteMailboxes } from './index.ts';
import { openSqliteMailboxes } from './index.ts';

const log: Log = { info() {}, warn() {}, error() {}, child: () => log };
const nothing = { add() {}, set() {}, observe() {} };
const meter: Meter = { counter: () => nothing, gauge: () => nothing, histogram: () => nothing };

/** Opens the mailboxes of a throwaway data directory. */
export function openMailboxesIn(
  folder: string,
  threads = 2,
  clock: Clock = new StandingClock(),
): Promise<SqliteMailboxes> {
  return openSqliteMailboxes({ folder: join(folder, 'mailboxes'), threads }, { clock, log, meter });
}

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

  /** Where the keeper has its files. */
  get mailboxes(): string {
    return join(this.folder, 'mailboxes');
  }

  async open(threads = 2): Promise<SqliteMailboxes> {
    const mailboxes = await openMailboxesIn(this.folder, threads, this.clock);
    this.#opened.push(mailboxes);
    return mailboxes;
  }

  /** Puts back what was copied, but for the marks: no backup holds them. */
  restore(backup: string): void {
    for (const name of readdirSync(this.mailboxes)) {
      if (name !== 'marks') rmSync(join(this.mailboxes, name), { recursive: true });
    }
    cpSync(backup, this.mailboxes, { recursive: true, filter: (path) => !path.includes('marks') });
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
