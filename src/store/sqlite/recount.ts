/**
 * The other half of the books, which shares nothing with `books.ts`: accepted from the journal's events, the rest from the recipient
 * rows, each with what closed days say (H5).
 */
import type { DatabaseSync } from 'node:sqlite';
import type { Books, TenantId } from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { Recount } from '#/ports/index.ts';
import { Statement } from './statement.ts';

type Sum = { tenant: TenantId; line: string; amount: number };
type Sums = ReadonlyMap<string, number>;

export class Recounter {
  readonly #sums: Statement<Sum>;

  constructor(db: DatabaseSync) {
    this.#sums = new Statement(
      db,
      `SELECT tenant, detail AS line, count(*) AS amount FROM journal WHERE kind = 'accepted' GROUP BY tenant, detail
       UNION ALL SELECT tenant, state AS line, count(*) AS amount FROM recipient GROUP BY tenant, state
       UNION ALL SELECT tenant, line, sum(amount) AS amount FROM closing GROUP BY tenant, line`,
    );
  }

  /** Counts everything; the caller keeps one view of the store open, from which `live` came too. */
  recount(live: readonly Books[]): Recount[] {
    const tenants = new Map<TenantId, Map<string, number>>();
    for (const { tenant } of live) tenants.set(tenant, new Map());
    for (const { tenant, line, amount } of this.#sums.all()) {
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
    // Open days have rows by state, closed ones have only ended states: the words don't meet.
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
