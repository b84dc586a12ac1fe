/**
 * Counters of identities, shared by hosts that each count what came by them. A host knows what it was told last and adds only what came
 * since: the row is the sum of all, and its sum is the answer. When the answer to a save was lost, that part may be counted twice (some seconds of sending).
 */
import type { Call } from '#/model/index.ts';
import type { UsageCount, UsageRow } from '#/ports/index.ts';
import type { Sql } from './sql.ts';

const LOAD = `SELECT tenant, identity, day, day_count AS "dayCount", last_seen AS "lastSeen", last_error AS "lastError",
  last_error_at AS "lastErrorAt" FROM registry_usage`;

// A row of a later day begins anew; one of an earlier day, from a clock that is behind, changes no count.
const SAVE = `
  INSERT INTO registry_usage AS known (tenant, identity, day, day_count, last_seen, last_error, last_error_at)
  SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[])
  ON CONFLICT (tenant, identity) DO UPDATE SET
    day = greatest(known.day, excluded.day),
    day_count = CASE WHEN excluded.day = known.day THEN greatest(0, known.day_count + excluded.day_count)
      WHEN excluded.day > known.day THEN excluded.day_count ELSE known.day_count END,
    last_seen = greatest(known.last_seen, excluded.last_seen),
    last_error = CASE WHEN excluded.last_error_at >= known.last_error_at THEN excluded.last_error ELSE known.last_error END,
    last_error_at = greatest(known.last_error_at, excluded.last_error_at)
  RETURNING tenant, identity, day, day_count AS "dayCount"`;

/** Rows of one statement. */
const TOGETHER_MAX = 1_000;

export class UsageTable {
  readonly #sql: Sql;
  // By identity: the day and the count that the table has from what we know.
  readonly #known = new Map<string, { readonly day: string; readonly dayCount: number }>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  async load(call: Call): Promise<readonly UsageRow[]> {
    const rows = await this.#sql.rows<UsageRow>(LOAD, [], call);
    for (const row of rows) this.#remember(row);
    return rows;
  }

  async save(rows: readonly UsageRow[], call: Call): Promise<readonly UsageCount[]> {
    // One order for all hosts: two that save the same rows at once wait for each other in a line, never in a ring.
    const ordered = [...rows].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const counts: UsageCount[] = [];
    for (let from = 0; from < ordered.length; from += TOGETHER_MAX) {
      const group = ordered.slice(from, from + TOGETHER_MAX);
      counts.push(...(await this.#sql.rows<UsageCount>(SAVE, this.#values(group), call)));
      for (const row of group) this.#remember(row);
    }
    // Only what the caller is told in the end is what it counts on from; of another day it takes no count over.
    for (const count of counts) if (this.#known.get(keyOf(count))?.day === count.day) this.#remember(count);
    return counts;
  }

  #values(rows: readonly UsageRow[]): unknown[] {
    return [
      rows.map(({ tenant }) => tenant),
      rows.map(({ identity }) => identity),
      rows.map(({ day }) => day),
      rows.map((row) => this.#added(row)),
      rows.map(({ lastSeen }) => lastSeen),
      rows.map(({ lastError }) => lastError?.replaceAll('\0', '\ufffd') ?? null),
      rows.map(({ lastErrorAt }) => lastErrorAt),
    ];
  }

  #added(row: UsageRow): number {
    const known = this.#known.get(keyOf(row));
    return known?.day === row.day ? row.dayCount - known.dayCount : row.dayCount;
  }

  #remember(row: UsageCount): void {
    this.#known.set(keyOf(row), { day: row.day, dayCount: row.dayCount });
  }
}

function keyOf({ tenant, identity }: UsageCount): string {
  return `${tenant}\0${identity}`;
}
