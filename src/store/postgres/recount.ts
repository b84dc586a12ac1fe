/**
 * The other half of the books, which shares nothing with what writes them: accepted from the journal's events, the rest from the recipient
 * rows, each with what closed days say (H5).
 */
import type { Books, Call, TenantId } from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { Recount } from '#/ports/index.ts';
import type { Sql } from './sql.ts';

type Sum = { readonly tenant: TenantId; readonly line: string; readonly amount: number };
type Sums = ReadonlyMap<string, number>;

// A closed day is in its totals whole; an open one as far as its mark, and is counted from there on.
const SUMS = `
  SELECT tenant, detail AS line, count(*) AS amount FROM journal LEFT JOIN day USING (day)
    WHERE day >= $1 AND kind = 'accepted' AND day.closed IS NOT TRUE
      AND (at, journal.seq) > (coalesce(day.journal_at, -1), coalesce(day.journal_seq, 0)) GROUP BY tenant, detail
  UNION ALL
  SELECT tenant, state AS line, count(*) AS amount FROM ended LEFT JOIN day USING (day)
    WHERE day >= $1 AND day.closed IS NOT TRUE
      AND (ended.ended_at, ended.seq) > (coalesce(day.ended_at, -1), coalesce(day.ended_seq, 0)) GROUP BY tenant, state
  UNION ALL
  SELECT tenant, state AS line, count(*) AS amount FROM recipient GROUP BY tenant, state
  UNION ALL
  SELECT tenant, line, sum(amount) AS amount FROM closing GROUP BY tenant, line`;

// Days before the first open one need not be looked at: their partitions stay shut.
const FIRST_OPEN = 'SELECT coalesce(min(day), 0) AS first FROM day WHERE NOT closed';

/** Counts everything; the caller keeps one view of the store open, from which `live` came too. */
export async function recount(sql: Sql, live: readonly Books[], call: Call): Promise<Recount[]> {
  const [open] = await sql.rows<{ first: number }>(FIRST_OPEN, [], call);
  const tenants = new Map<TenantId, Map<string, number>>();
  for (const { tenant } of live) tenants.set(tenant, new Map());
  for (const { tenant, line, amount } of await sql.rows<Sum>(SUMS, [open?.first ?? 0], call)) {
    if (tenant === PROBE_TENANT) continue;
    const sums = tenants.getOrInsertComputed(tenant, () => new Map());
    sums.set(line, (sums.get(line) ?? 0) + amount);
  }
  return [...tenants]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([tenant, sums]) =>
      compare(
        counted(tenant, sums),
        live.find((each) => each.tenant === tenant),
      ),
    );
}

function counted(tenant: TenantId, sums: Sums): Books {
  const sum = (...lines: readonly string[]): number => lines.reduce((total, line) => total + (sums.get(line) ?? 0), 0);
  return {
    tenant,
    accepted: sum('received', 'generated'),
    received: sum('received'),
    generated: sum('generated'),
    delivered: sum('delivered'),
    bounced: sum('bounced'),
    discarded: sum('discarded'),
    expired: sum('expired'),
    held: sum('held', 'approval'),
    queued: sum('queued', 'deferred'),
  };
}

function compare(books: Books, live: Books | undefined): Recount {
  const { accepted, delivered, bounced, discarded, expired, held, queued } = books;
  const adds = accepted === delivered + bounced + discarded + expired + held + queued;
  const none = { received: 0, generated: 0, delivered: 0, bounced: 0, discarded: 0, expired: 0, held: 0, queued: 0 };
  const mine = live ?? { tenant: books.tenant, accepted: 0, ...none };
  const agrees = Object.entries(mine).every(([column, amount]) => books[column as keyof Books] === amount);
  return { books, live: mine, balanced: adds && agrees };
}
