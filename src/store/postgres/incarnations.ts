/** Processes and their heartbeats: a claim lives as long as its incarnation (design 1, Claims). */
import type { Call, Incarnation, IncarnationId } from '#/model/index.ts';
import type { Heartbeat } from '#/ports/index.ts';
import type { Sql } from './sql.ts';

/** Counting claims again pauses so many times as long as it took, where that was long. */
const SLOW_MS = 250;
const REUSE_FACTOR = 10;

const ENLIST = `INSERT INTO incarnation (name, host, role, release, pid, started_at, beat) VALUES ($1, $2, $3, $4, $5, $6, 0)
  ON CONFLICT (name) DO NOTHING`;
const BEAT = 'UPDATE incarnation SET beat = beat + 1 WHERE name = $1 AND retired_at IS NULL RETURNING 1';
const RETIRE = `UPDATE incarnation SET retired_at = coalesce(retired_at, $2) WHERE name = $1 RETURNING id, role`;
const LIVING = `SELECT id, name, host, role, release, pid, started_at, beat FROM incarnation
  WHERE retired_at IS NULL ORDER BY id`;
const CLAIMS = `SELECT i.id, (SELECT count(*)::int FROM recipient WHERE claim_by = i.id) AS claims
  FROM unnest($1::int4[]) AS i (id)`;

type Row = Omit<Incarnation, 'id' | 'startedAt'> & {
  readonly id: number;
  readonly name: IncarnationId;
  readonly started_at: number;
  readonly beat: number;
};

export class Incarnations {
  readonly #sql: Sql;
  #counted: { readonly claims: ReadonlyMap<number, number>; readonly until: number } | null = null;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async enlist({ id, host, role, release, pid, startedAt }: Incarnation, call: Call): Promise<void> {
    await this.#sql.rows(ENLIST, [id, host, role, release, pid, startedAt], call);
  }

  async beat(worker: IncarnationId, call: Call): Promise<boolean> {
    return (await this.#sql.rows(BEAT, [worker], call)).length > 0;
  }

  /** In the order in which they were enlisted. */
  async beats(call: Call): Promise<Heartbeat[]> {
    const rows = await this.#sql.rows<Row>(LIVING, [], call);
    const claims = await this.#claims(
      rows.map(({ id }) => id),
      call,
    );
    return rows.map(({ id: key, name: id, host, role, release, pid, started_at: startedAt, beat }) => {
      return { incarnation: { id, host, role, release, pid, startedAt }, beat, claims: claims.get(key) ?? 0 };
    });
  }

  /** From now on it may claim nothing. Gives its key and its role, for the claims that are to be freed; null for one that never was. */
  async retire(
    worker: IncarnationId,
    now: number,
    call: Call,
  ): Promise<{ readonly id: number; readonly role: string } | null> {
    const [row] = await this.#sql.rows<{ id: number; role: string }>(RETIRE, [worker, now], call);
    return row ?? null;
  }

  async #claims(keys: readonly number[], call: Call): Promise<ReadonlyMap<number, number>> {
    const begin = performance.now();
    if (this.#counted !== null && begin < this.#counted.until) return this.#counted.claims;
    const rows = await this.#sql.rows<{ id: number; claims: number }>(CLAIMS, [keys], call);
    const claims = new Map(rows.map((row) => [row.id, row.claims]));
    const tookMs = performance.now() - begin;
    this.#counted = tookMs < SLOW_MS ? null : { claims, until: performance.now() + tookMs * REUSE_FACTOR };
    return claims;
  }
}
