/** A throwaway data directory for the tests of this folder. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Blobs, Log } from '#/ports/index.ts';
import { SUITE_SETTINGS } from '../contract/custody.ts';
import { StandingClock } from '../contract/samples.ts';
import type { SqliteCustody } from './index.ts';
import { openSqliteCustody } from './index.ts';

export class Fixture implements AsyncDisposable {
  readonly dir: string;
  readonly clock = new StandingClock();
  readonly #opened: SqliteCustody[] = [];

  private constructor(dir: string) {
    this.dir = dir;
  }

  static async make(): Promise<Fixture> {
    return new Fixture(await mkdtemp(join(tmpdir(), 'holdfast-store-')));
  }

  get keyFile(): string {
    return join(this.dir, 'secrets.key');
  }

  async open(blobs: Blobs | null = null, log?: Log): Promise<SqliteCustody> {
    const settings = { dir: this.dir, secretsKeyFile: this.keyFile, ...SUITE_SETTINGS };
    const custody = await openSqliteCustody(settings, {
      clock: this.clock,
      blobs,
      ...(log === undefined ? {} : { log }),
    });
    this.#opened.push(custody);
    return custody;
  }

  /** Does to the file what no code of ours would. */
  tamper(sql: string): void {
    const db = new DatabaseSync(join(this.dir, 'custody.db'), { timeout: 2000 });
    db.exec(sql);
    db.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const custody of this.#opened) await custody[Symbol.asyncDispose]();
    await rm(this.dir, { recursive: true });
  }
}
