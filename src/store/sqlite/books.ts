/**
 * The live books: each commit appends one line per tenant that it changed; lines are folded into totals when there are many, so that
 * neither a commit nor a look at the books costs more than a few hundred rows. `recount.ts` knows nothing of this file (H5).
 */
import type { DatabaseSync } from 'node:sqlite';
import type { BookColumn, Books, TenantId } from '#/model/index.ts';
import { BOOK_COLUMNS } from '#/model/index.ts';
import type { Tally } from '../custody/index.ts';
import { booksOf } from '../custody/index.ts';
import { Statement } from './statement.ts';

type BookRow = { tenant: TenantId } & Record<BookColumn, number>;

const FOLD_AT_ROWS = 500;
const COLUMNS = BOOK_COLUMNS.join(', ');
const SUMS = BOOK_COLUMNS.map((column) => `sum(${column}) AS ${column}`).join(', ');

export class BookWriter {
  readonly #append: Statement;
  readonly #fold: Statement;
  readonly #clear: Statement;
  readonly #count: Statement<{ rows: number }>;
  #rows = 0;

  constructor(db: DatabaseSync) {
    this.#append = new Statement(
      db,
      `INSERT INTO book_delta (tenant, ${COLUMNS}) VALUES (?, ${BOOK_COLUMNS.map(() => '?').join(', ')})`,
    );
    this.#fold = new Statement(
      db,
      `INSERT INTO book_total (tenant, ${COLUMNS}) SELECT tenant, ${SUMS} FROM book_delta WHERE true GROUP BY tenant
       ON CONFLICT (tenant) DO UPDATE SET ${BOOK_COLUMNS.map((c) => `${c} = ${c} + excluded.${c}`).join(', ')}`,
    );
    this.#clear = new Statement(db, 'DELETE FROM book_delta');
    this.#count = new Statement(db, 'SELECT count(*) AS rows FROM book_delta');
    this.recount();
  }

  /** Looks how many lines there are: at the start, and after a rollback. */
  recount(): void {
    this.#rows = this.#count.get()?.rows ?? 0;
  }

  /** Appends what one commit changes; part of its transaction. */
  write(tally: Tally): void {
    for (const [tenant, line] of tally.lines()) {
      this.#append.run(tenant, ...BOOK_COLUMNS.map((column) => line[column]));
      this.#rows += 1;
    }
    if (this.#rows < FOLD_AT_ROWS) return;
    this.#fold.run();
    this.#clear.run();
    this.#rows = 0;
  }
}

export class BookReader {
  readonly #sum: Statement<BookRow>;

  constructor(db: DatabaseSync) {
    this.#sum = new Statement(
      db,
      `SELECT tenant, ${SUMS} FROM (SELECT tenant, ${COLUMNS} FROM book_total UNION ALL SELECT tenant, ${COLUMNS} FROM book_delta)
       GROUP BY tenant ORDER BY tenant`,
    );
  }

  /** Totals and lines, folded; one statement, so one view. */
  read(): Books[] {
    return this.#sum.all().map(({ tenant, ...line }) => booksOf(tenant, line));
  }
}
