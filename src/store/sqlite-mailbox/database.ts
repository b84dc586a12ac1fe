/** A connection whose statements are prepared at their first use: most accounts need a few of them, and each costs memory for as long as it is there. */
import type { DatabaseSync } from 'node:sqlite';
import { type SqlValue, Statement } from '../sqlite/statement.ts';

export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, Statement<unknown>>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /** Changes something. Read as a query without rows: the last rowid, which a change reports, is beyond what a number holds behind an index of text. */
  run(sql: string, ...values: readonly SqlValue[]): void {
    this.#prepared(sql).all(...values);
  }

  get<Row>(sql: string, ...values: readonly SqlValue[]): Row | undefined {
    return this.#prepared(sql).get(...values) as Row | undefined;
  }

  all<Row>(sql: string, ...values: readonly SqlValue[]): Row[] {
    return this.#prepared(sql).all(...values) as Row[];
  }

  /** Several statements without values, prepared each time. */
  exec(sql: string): void {
    this.#db.exec(sql);
  }

  /** Whether a transaction is open: some errors of SQLite end it by themselves. */
  get isInTransaction(): boolean {
    return this.#db.isTransaction;
  }

  close(): void {
    this.#statements.clear();
    this.#db.close();
  }

  #prepared(sql: string): Statement<unknown> {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = new Statement<unknown>(this.#db, sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}
