/**
 * The live books: each commit appends one line per tenant that it changed, and nobody waits for anybody. Lines are folded into totals by
 * whoever comes by; two that fold at once take different lines. `recount.ts` knows nothing of this file (H5).
 */
import type { BookColumn, Books, Call, TenantId } from '#/model/index.ts';
import { BOOK_COLUMNS } from '#/model/index.ts';
import { booksOf } from '../custody/index.ts';
import type { Sql } from './sql.ts';

type BookRow = { readonly tenant: TenantId } & Readonly<Record<BookColumn, number>>;

/** Lines that one fold takes. */
const FOLD_ROWS = 2_000;

const COLUMNS = BOOK_COLUMNS.join(', ');
const SUMS = BOOK_COLUMNS.map((column) => `sum(${column})::bigint AS ${column}`).join(', ');

const FOLD = `
  WITH taken AS (
    DELETE FROM book_delta WHERE seq IN (SELECT seq FROM book_delta ORDER BY seq LIMIT ${FOLD_ROWS} FOR UPDATE SKIP LOCKED)
    RETURNING tenant, ${COLUMNS}
  ), folded AS (
    INSERT INTO book_total (tenant, ${COLUMNS}) SELECT tenant, ${SUMS} FROM taken GROUP BY tenant ORDER BY tenant
    ON CONFLICT (tenant) DO UPDATE SET ${BOOK_COLUMNS.map((c) => `${c} = book_total.${c} + excluded.${c}`).join(', ')}
  ) SELECT count(*)::int AS lines FROM taken`;

const READ = `
  SELECT tenant, ${SUMS} FROM (SELECT tenant, ${COLUMNS} FROM book_total UNION ALL SELECT tenant, ${COLUMNS} FROM book_delta) AS b
  GROUP BY tenant ORDER BY tenant`;

/** Totals and lines; one statement, so one view. */
export async function readBooks(sql: Sql, call: Call): Promise<Books[]> {
  const rows = await sql.rows<BookRow>(READ, [], call);
  return rows.map(({ tenant, ...line }) => booksOf(tenant, line));
}

/** Folds some lines; says whether there may be more. */
export async function foldBooks(sql: Sql, call: Call): Promise<boolean> {
  const [row] = await sql.rows<{ lines: number }>(FOLD, [], call);
  return (row?.lines ?? 0) >= FOLD_ROWS;
}
