/** A SQLite file in which batches are carried out, one transaction each. */
import { closeSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';
import { makeDurableFolder } from '../durable-folder.ts';
import type { BatchStatement, SqlRow, SqlValue } from '../sql/index.ts';
import type { SqliteBatchesOptions } from './batches.ts';
import { Statement, sqliteTrouble } from './statement.ts';

const BUSY_MS = 5_000;
/** SQLITE_BUSY: another process holds the file, longer than we wait. */
const SQLITE_BUSY = 5;

export class BatchFile {
  readonly #db: DatabaseSync;
  readonly #name: string;
  readonly #prepared = new Map<string, Statement<SqlRow>>();
  #failed: Fault | null = null;

  private constructor(db: DatabaseSync, name: string) {
    this.#db = db;
    this.#name = name;
  }

  /** Makes the file where it is absent; fault `store.foreign` where a newer release wrote it. */
  static open({ path, migrations }: SqliteBatchesOptions): BatchFile {
    makeDurableFolder(dirname(path));
    // SQLite gives its side files the mode of the main one.
    closeSync(openSync(path, 'a', 0o600));
    return BatchFile.#over(new DatabaseSync(path, { timeout: BUSY_MS }), basename(path), migrations);
  }

  /** One that lives as long as it is open. */
  static inMemory(migrations: readonly string[]): BatchFile {
    return BatchFile.#over(new DatabaseSync(':memory:'), 'memory', migrations);
  }

  static #over(db: DatabaseSync, name: string, migrations: readonly string[]): BatchFile {
    const file = new BatchFile(db, name);
    try {
      // What is forgotten is written over: nothing of it stays in pages that are free.
      db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 0; PRAGMA secure_delete = ON;');
      file.#migrate(migrations);
      return file;
    } catch (error) {
      db.close();
      throw file.#faultOf(error);
    }
  }

  /** The rows of each statement, in order; all of them or none. */
  run(statements: readonly BatchStatement[]): readonly (readonly SqlRow[])[] {
    if (this.#failed !== null) throw this.#failed;
    let committing = false;
    try {
      this.#db.exec(statements.every(isLook) ? 'BEGIN' : 'BEGIN IMMEDIATE');
      const rows = statements.map((one) => this.#rows(one));
      committing = true;
      this.#db.exec('COMMIT');
      return rows;
    } catch (error) {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      const fault = this.#faultOf(error);
      // A COMMIT that failed is never tried again: what the disk has is known only after a new start (design 1, Disk). Where there was no room
      // for it, it was taken back whole.
      const trouble = sqliteTrouble(error);
      if (trouble === 'broken' || (committing && trouble !== 'full')) this.#failed = fault;
      throw fault;
    }
  }

  close(): void {
    this.#db.close();
  }

  #rows({ text, values }: BatchStatement): readonly SqlRow[] {
    const asked: SqlValue[] = [];
    const sql = text.replace(/\$(\d+)/g, (_, n: string) => {
      asked.push(values[Number(n) - 1] ?? null);
      return '?';
    });
    const prepared = this.#prepared.getOrInsertComputed(sql, () => new Statement<SqlRow>(this.#db, sql));
    // Rows of node:sqlite have no prototype.
    return prepared.all(...asked).map((row) => ({ ...row }));
  }

  #migrate(migrations: readonly string[]): void {
    this.#db.exec('BEGIN IMMEDIATE');
    const { user_version: found } = this.#db.prepare('PRAGMA user_version').get() as { user_version: number };
    if (found > migrations.length) throw new Fault('store.foreign', `${this.#name} has version ${found}.`);
    for (const step of migrations.slice(found)) this.#db.exec(step);
    this.#db.exec(`PRAGMA user_version = ${migrations.length}; COMMIT`);
  }

  #faultOf(error: unknown): Fault {
    if (error instanceof Fault) return error;
    const code = (error as { errcode?: number }).errcode ?? 0;
    if (sqliteTrouble(error) === 'full') return new Fault('disk.full', undefined, error);
    if ((code & 0xff) === SQLITE_BUSY) return new Fault('store.busy', `Another process writes ${this.#name}.`, error);
    return new Fault('store.failed', (error as Error).message, error);
  }
}

function isLook({ text }: BatchStatement): boolean {
  return /^\s*SELECT\b/.test(text);
}
