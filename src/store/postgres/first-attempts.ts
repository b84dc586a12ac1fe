/** How long mails waited for their first attempt (M2). The server sorts: a busy hour has millions of them. */
import type { Call } from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { Sql } from './sql.ts';

const DAY_MS = 86_400_000;

type Quantiles = { readonly count: number; readonly p50: number; readonly p95: number; readonly p99: number };

// Indexes count from 1 here; the choice of the place is that of `quantiles` in store/custody.
const WAITS = `
  WITH waits AS (
    SELECT min(waited_ms) AS waited FROM journal
    WHERE at >= $1 AND day >= $2 AND waited_ms IS NOT NULL AND tenant <> $3 GROUP BY message
  ), sorted AS (SELECT count(*)::int AS count, array_agg(waited ORDER BY waited) AS waited FROM waits)
  SELECT count, coalesce(waited[1 + least(count - 1, floor(count * 0.5)::int)], 0) AS p50,
    coalesce(waited[1 + least(count - 1, floor(count * 0.95)::int)], 0) AS p95,
    coalesce(waited[1 + least(count - 1, floor(count * 0.99)::int)], 0) AS p99 FROM sorted`;

/** Of mails first attempted since `since` (wall-clock ms). */
export async function firstAttempts(sql: Sql, since: number, call: Call): Promise<Quantiles> {
  // Written on that day at the earliest, by a clock that may have stood a day behind.
  const firstDay = Math.floor(since / DAY_MS) - 1;
  const [row] = await sql.rows<Quantiles>(WAITS, [since, firstDay, PROBE_TENANT], call);
  return row ?? { count: 0, p50: 0, p95: 0, p99: 0 };
}
