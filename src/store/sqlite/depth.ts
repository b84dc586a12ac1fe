/** What waits, lane by lane: the indexes are skipped through, so that a lane costs the same with ten mails and with a million (M3). */
import type { DatabaseSync } from 'node:sqlite';
import type { DestinationKey, TenantId } from '#/model/index.ts';
import type { Depth } from '#/ports/index.ts';
import type { BookReader } from './books.ts';
import { Statement } from './statement.ts';

/** Counted exactly up to here. */
const EXACT_MAX = 10_000;
/** A lane that was beyond is not counted again for so long: it takes a while to drain, and the view is asked for often. */
const BIG_FOR_MS = 5000;

type Lane = { destination: DestinationKey; tenant: TenantId };

const WAITING = 'phase = 0 AND claim_by IS NULL';
const LANE = `${WAITING} AND destination = ? AND tenant = ?`;

export class DepthReader {
  readonly #books: BookReader;
  readonly #nextTenant: Statement<Lane>;
  readonly #nextDestination: Statement<Lane>;
  readonly #count: Statement<{ waiting: number }>;
  readonly #nextDue: Statement<{ due: number }>;
  readonly #oldest: Statement<{ oldestAt: number }>;
  /** Lanes beyond `EXACT_MAX`, and until when that is taken as true. */
  readonly #big = new Map<string, number>();

  constructor(db: DatabaseSync, books: BookReader) {
    this.#books = books;
    this.#nextTenant = new Statement(
      db,
      `SELECT destination, tenant FROM recipient INDEXED BY recipient_oldest
       WHERE ${WAITING} AND destination = ? AND tenant > ? ORDER BY tenant LIMIT 1`,
    );
    this.#nextDestination = new Statement(
      db,
      `SELECT destination, tenant FROM recipient INDEXED BY recipient_oldest
       WHERE ${WAITING} AND destination > ? ORDER BY destination, tenant LIMIT 1`,
    );
    this.#count = new Statement(
      db,
      `SELECT count(*) AS waiting FROM (SELECT 1 FROM recipient INDEXED BY recipient_oldest WHERE ${LANE} LIMIT ?)`,
    );
    this.#nextDue = new Statement(
      db,
      `SELECT due FROM recipient INDEXED BY recipient_queue
       WHERE ${LANE} AND (attempts > 0) = ? AND due IS NOT NULL ORDER BY due LIMIT 1`,
    );
    this.#oldest = new Statement(
      db,
      `SELECT received_at AS oldestAt FROM message WHERE id =
         (SELECT message FROM recipient INDEXED BY recipient_oldest WHERE ${LANE} ORDER BY message LIMIT 1)`,
    );
  }

  /** All lanes by destination and tenant. The caller keeps one view open. */
  read(): Depth[] {
    return this.#estimated(this.#lanes().map((lane) => this.#depthOf(lane)));
  }

  #lanes(): Lane[] {
    const lanes: Lane[] = [];
    for (let next = this.#nextDestination.get(''); next !== undefined; ) {
      lanes.push(next);
      next = this.#nextTenant.get(next.destination, next.tenant) ?? this.#nextDestination.get(next.destination);
    }
    return lanes;
  }

  #depthOf({ destination, tenant }: Lane): Depth {
    const waiting = this.#waiting(destination, tenant);
    const dues = [0, 1].map((tried) => this.#nextDue.get(destination, tenant, tried)?.due ?? Number.POSITIVE_INFINITY);
    const oldestAt = this.#oldest.get(destination, tenant)?.oldestAt ?? 0;
    return { destination, tenant, waiting, oldestAt, nextDue: Math.min(...dues) };
  }

  #waiting(destination: DestinationKey, tenant: TenantId): number {
    const lane = `${destination} ${tenant}`;
    if ((this.#big.get(lane) ?? 0) > performance.now()) return EXACT_MAX;
    const waiting = this.#count.get(destination, tenant, EXACT_MAX)?.waiting ?? 0;
    if (waiting >= EXACT_MAX) this.#big.set(lane, performance.now() + BIG_FOR_MS);
    else this.#big.delete(lane);
    return waiting;
  }

  // What a tenant's books say is queued, less its small lanes, is shared by its big ones.
  #estimated(depths: readonly Depth[]): Depth[] {
    if (depths.every((depth) => depth.waiting < EXACT_MAX)) return [...depths];
    const queued = new Map(this.#books.read().map((books) => [books.tenant, books.queued]));
    return depths.map((depth) => {
      if (depth.waiting < EXACT_MAX) return depth;
      const lanes = depths.filter((each) => each.tenant === depth.tenant);
      const small = lanes.filter((each) => each.waiting < EXACT_MAX);
      const counted = small.reduce((sum, each) => sum + each.waiting, 0);
      const share = Math.floor(((queued.get(depth.tenant) ?? 0) - counted) / (lanes.length - small.length));
      return { ...depth, waiting: Math.max(EXACT_MAX, share) };
    });
  }
}
