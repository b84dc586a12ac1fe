/** Prepared statements that bind checked scalars only: `undefined`, NaN, dates and objects would silently become NULL or named parameters. */
import assert from 'node:assert/strict';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

export type SqlValue = string | number | null | Uint8Array;

let executed = 0;

/** Statements that this thread has run since its start. */
export function statementsExecuted(): number {
  return executed;
}

/** One prepared statement; `Row` is what its columns come out as. */
export class Statement<Row = Record<string, SqlValue>> {
  readonly #statement: StatementSync;

  constructor(db: DatabaseSync, sql: string) {
    this.#statement = db.prepare(sql);
  }

  /** How many rows it changed. */
  run(...values: readonly SqlValue[]): number {
    executed += 1;
    return Number(this.#statement.run(...checked(values)).changes);
  }

  get(...values: readonly SqlValue[]): Row | undefined {
    executed += 1;
    return this.#statement.get(...checked(values)) as Row | undefined;
  }

  all(...values: readonly SqlValue[]): Row[] {
    executed += 1;
    return this.#statement.all(...checked(values)) as Row[];
  }

  iterate(...values: readonly SqlValue[]): Iterable<Row> {
    executed += 1;
    return this.#statement.iterate(...checked(values)) as Iterable<Row>;
  }
}

function checked(values: readonly SqlValue[]): readonly SqlValue[] {
  for (const value of values) {
    if (value === null || typeof value === 'string' || value instanceof Uint8Array) continue;
    assert(
      typeof value === 'number' && Number.isFinite(value),
      'only strings, finite numbers, octets and null are bound',
    );
  }
  return values;
}

/** Primary result codes of SQLite that we tell apart. */
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_FULL = 13;
const SQLITE_NOTADB = 26;

/** What an error of SQLite means for custody: no room, a disk that can't be trusted any more, or a mistake of one statement. */
export function sqliteTrouble(error: unknown): 'full' | 'broken' | 'statement' {
  const code = typeof error === 'object' && error !== null && 'errcode' in error ? Number(error.errcode) & 0xff : 0;
  if (code === SQLITE_FULL) return 'full';
  return code === SQLITE_IOERR || code === SQLITE_CORRUPT || code === SQLITE_NOTADB ? 'broken' : 'statement';
}

/** Whether an error of the file system or of SQLite says that there is no room. */
export function isFull(error: unknown): boolean {
  const isNoSpace = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
  return isNoSpace || sqliteTrouble(error) === 'full';
}
