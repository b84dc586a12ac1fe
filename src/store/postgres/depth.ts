/** What waits, lane by lane: the indexes are skipped through, so that a lane costs the same with ten mails and with a million (M3). */
import type { Books, Call, DestinationKey, TenantId } from '#/model/index.ts';
import type { Depth } from '#/ports/index.ts';
import { readBooks } from './book-lines.ts';
import type { Views } from './sql.ts';

/** Counted exactly up to here. */
const EXACT_MAX = 10_000;
/** A lane that was beyond is not counted again for so long: it takes a while to drain, and the view is asked for often. */
const BIG_FOR_MS = 5_000;
/** A look that took longer, because somebody keeps an old snapshot open, serves for a while: this many times as long as it took. */
const SLOW_MS = 250;
const REUSE_FACTOR = 4;

const WAITING = 'phase = 0 AND claim_by IS NULL';
const LANE = `${WAITING} AND destination = l.destination AND tenant = l.tenant`;

const LANES = `
  WITH RECURSIVE lanes AS (
    (SELECT destination, tenant FROM recipient WHERE ${WAITING} ORDER BY destination, tenant LIMIT 1)
    UNION ALL
    SELECT after.destination, after.tenant FROM lanes AS before CROSS JOIN LATERAL (
      SELECT destination, tenant FROM recipient
      WHERE ${WAITING} AND (destination, tenant) > (before.destination, before.tenant)
      ORDER BY destination, tenant LIMIT 1
    ) AS after
  )
  SELECT destination, tenant,
    (SELECT count(*)::int FROM (
      SELECT 1 FROM recipient WHERE ${LANE} AND NOT (l.destination || ' ' || l.tenant = ANY ($1::text[])) LIMIT ${EXACT_MAX}
    ) AS counted) AS waiting,
    (SELECT message FROM recipient WHERE ${LANE} ORDER BY message LIMIT 1) AS oldest,
    least(
      (SELECT due FROM recipient WHERE ${LANE} AND tried = 0 AND due IS NOT NULL ORDER BY due LIMIT 1),
      (SELECT due FROM recipient WHERE ${LANE} AND tried = 1 AND due IS NOT NULL ORDER BY due LIMIT 1)) AS next_due
  FROM lanes AS l ORDER BY destination, tenant`;
const RECEIVED = 'SELECT id, received_at FROM message WHERE id = ANY ($1::text[])';

type Lane = {
  readonly destination: DestinationKey;
  readonly tenant: TenantId;
  readonly waiting: number;
  readonly oldest: string;
  readonly next_due: number | null;
};

export class DepthReader {
  readonly #views: Views;
  /** Lanes beyond `EXACT_MAX`, and until when that is taken as true. */
  readonly #big = new Map<string, number>();
  #last: { readonly depths: readonly Depth[]; readonly until: number } | null = null;

  constructor(views: Views) {
    this.#views = views;
  }

  /** All lanes by destination and tenant. */
  async read(call: Call): Promise<readonly Depth[]> {
    const begin = performance.now();
    if (this.#last !== null && begin < this.#last.until && begin < call.deadlineAt) return this.#last.depths;
    const depths = await this.#views.view(async (sql) => {
      await sql.rows('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off', [], call);
      const big = [...this.#big].filter(([, until]) => until > begin).map(([lane]) => lane);
      const lanes = await sql.rows<Lane>(LANES, [big], call);
      const oldest = [...new Set(lanes.map((lane) => lane.oldest))];
      const received = await sql.rows<{ id: string; received_at: number }>(RECEIVED, [oldest], call);
      const at = new Map(received.map((row) => [row.id, row.received_at]));
      const counted = lanes.map((lane) => this.#depthOf(lane, at.get(lane.oldest) ?? 0, big));
      const someAreBig = counted.some(({ waiting }) => waiting >= EXACT_MAX);
      return someAreBig ? estimated(counted, await readBooks(sql, call)) : counted;
    }, call);
    const tookMs = performance.now() - begin;
    this.#last = tookMs < SLOW_MS ? null : { depths, until: performance.now() + tookMs * REUSE_FACTOR };
    return depths;
  }

  #depthOf({ destination, tenant, waiting, next_due }: Lane, oldestAt: number, big: readonly string[]): Depth {
    const lane = `${destination} ${tenant}`;
    const nextDue = next_due ?? Number.POSITIVE_INFINITY;
    if (big.includes(lane)) return { destination, tenant, waiting: EXACT_MAX, oldestAt, nextDue };
    if (waiting >= EXACT_MAX) this.#big.set(lane, performance.now() + BIG_FOR_MS);
    else this.#big.delete(lane);
    return { destination, tenant, waiting, oldestAt, nextDue };
  }
}

// What a tenant's books say is queued, less its small lanes, is shared by its big ones.
function estimated(depths: readonly Depth[], books: readonly Books[]): Depth[] {
  const queued = new Map(books.map((each) => [each.tenant, each.queued]));
  return depths.map((depth) => {
    if (depth.waiting < EXACT_MAX) return depth;
    const lanes = depths.filter((each) => each.tenant === depth.tenant);
    const small = lanes.filter((each) => each.waiting < EXACT_MAX);
    const counted = small.reduce((sum, each) => sum + each.waiting, 0);
    const share = Math.floor(((queued.get(depth.tenant) ?? 0) - counted) / (lanes.length - small.length));
    return { ...depth, waiting: Math.max(EXACT_MAX, share) };
  });
}
