/** The days of what is kept by day: partitions are made by whoever needs them, once, and before the day begins. */
import type { Call } from '#/model/index.ts';
import { mailIdAt } from '#/model/index.ts';
import type { Sql } from './sql.ts';

export const DAY_MS = 86_400_000;

/** What a day has a partition of. */
export const DAILY_TABLES = ['message', 'look_up', 'journal', 'ended'] as const;
export type DailyTable = (typeof DAILY_TABLES)[number];

/** Days since 1970, UTC. */
export function dayAt(ms: number): number {
  return Math.floor(ms / DAY_MS);
}

/** The name of a day's partition: `journal_2026_11_21`. */
export function partitionOf(table: DailyTable, day: number): string {
  return `${table}_${new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll('-', '_')}`;
}

/** Makes sure of days; remembers which are there. */
export class Days {
  readonly #sql: Sql;
  readonly #known = new Set<number>();

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  has(day: number): boolean {
    return this.#known.has(day);
  }

  /** Makes what is missing. Of several processes one makes a day, and the others wait for it. */
  async ensure(days: Iterable<number>, call: Call): Promise<void> {
    for (const day of new Set(days)) {
      if (this.#known.has(day)) continue;
      await this.#sql.rows(makingOf(day), [], call);
      this.#known.add(day);
    }
  }

  /** Nothing is known any more: a day may have been dropped. */
  forget(): void {
    this.#known.clear();
  }
}

// The row of the day is inserted first: it is the lock, and the sign that all is there. A table that is made apart and attached keeps
// nobody waiting.
function makingOf(day: number): string {
  const tables = DAILY_TABLES.map((table) => {
    const name = partitionOf(table, day);
    const [from, to] = boundsOf(table, day);
    return `CREATE TABLE ${name} (LIKE ${table} INCLUDING ALL);
      ALTER TABLE ${table} ATTACH PARTITION ${name} FOR VALUES FROM (${from}) TO (${to});`;
  });
  return `DO $making$ BEGIN
      INSERT INTO day (day) VALUES (${day}) ON CONFLICT (day) DO NOTHING;
      IF NOT FOUND THEN RETURN; END IF;
      ${tables.join('\n')}
    END $making$`;
}

function boundsOf(table: DailyTable, day: number): readonly [string, string] {
  switch (table) {
    case 'message':
      return [`'${mailIdAt(day * DAY_MS)}'`, `'${mailIdAt((day + 1) * DAY_MS)}'`];
    case 'look_up':
      return [`${day * DAY_MS}`, `${(day + 1) * DAY_MS}`];
    case 'journal':
    case 'ended':
      return [`${day}`, `${day + 1}`];
  }
}
