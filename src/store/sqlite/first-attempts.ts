/** How long mails waited for their first attempt, from the journal's newest end (M2). */
import type { DatabaseSync } from 'node:sqlite';
import { PROBE_TENANT } from '#/model/index.ts';
import { quantiles } from '../custody/index.ts';
import { Statement } from './statement.ts';

export class FirstAttempts {
  readonly #bounds: Statement<{ first: number | null; last: number | null }>;
  readonly #at: Statement<{ at: number }>;
  readonly #waits: Statement<{ waited: number }>;

  constructor(db: DatabaseSync) {
    this.#bounds = new Statement(db, 'SELECT min(seq) AS first, max(seq) AS last FROM journal');
    this.#at = new Statement(db, 'SELECT at FROM journal WHERE seq >= ? ORDER BY seq LIMIT 1');
    this.#waits = new Statement(
      db,
      `SELECT min(waited_ms) AS waited FROM journal
       WHERE seq >= ? AND at >= ? AND waited_ms IS NOT NULL AND tenant <> ? GROUP BY message`,
    );
  }

  read(since: number): { count: number; p50: number; p95: number; p99: number } {
    const waits = this.#waits.all(this.#firstSeqAt(since), since, PROBE_TENANT);
    return quantiles(waits.map(({ waited }) => waited));
  }

  // Events are in order of time but for a clock that was put right: halving finds the place without an index.
  #firstSeqAt(since: number): number {
    const { first, last } = this.#bounds.get() ?? { first: null, last: null };
    let low = first ?? 0;
    let high = (last ?? 0) + 1;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((this.#at.get(middle)?.at ?? Number.POSITIVE_INFINITY) < since) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
