/**
 * Closing days. Nothing is copied: ended recipients and events lie in their day from the begin. A day that is over is shut, so that nothing more
 * comes in, then counted into its closing totals, and when its time has come it is dropped whole.
 *
 * ```
 *   open ──its end is past──▶ shut ──counted, in one commit──▶ closed ──retention──▶ dropped
 * ```
 * A day that is not over may be counted up to a moment; what is behind its mark is counted later. What must never happen: a row that
 * is neither in the totals nor counted; a row that is both.
 */
import type { Call } from '#/model/index.ts';
import { mailIdAt, PROBE_TENANT } from '#/model/index.ts';
import type { DailyTable } from './days.ts';
import { DAY_MS, partitionOf } from './days.ts';
import { SCHEMA } from './schema.ts';
import type { Sql } from './sql.ts';

/** Shutting and dropping wait no longer for readers: they come again. Whoever writes waits behind them. */
const LOCK_MS = 2_000;

const OPEN_DAYS = 'SELECT day FROM day WHERE NOT closed AND day::bigint * $2 < $1 ORDER BY day';
const CLOSED_DAYS = 'SELECT day, dropped FROM day WHERE closed AND (day::bigint + 1) * $2 <= $1 ORDER BY day';

type Half = 'journal' | 'ended';

const HALVES = {
  journal: { at: 'at', line: 'detail', counts: "kind = 'accepted'" },
  ended: { at: 'ended_at', line: 'state', counts: 'true' },
} as const;

/** Rows counted, and whether there are more. */
export interface RolledOver {
  readonly moved: number;
  readonly more: boolean;
}

/** One step: see `Custody.rollOver`. A day that is over is counted in one go, since nothing of it is moved. */
export async function rollOver(
  sql: Sql,
  times: { readonly before: number; readonly dropBefore: number; readonly today: number },
  limit: number,
  call: Call,
): Promise<RolledOver> {
  let moved = 0;
  let more = false;
  const left = { journal: limit, ended: limit };
  for (const { day } of await sql.rows<{ day: number }>(OPEN_DAYS, [times.before, DAY_MS], call)) {
    const isOver = day < times.today && (day + 1) * DAY_MS <= times.before;
    if (isOver) await shut(sql, day, call);
    for (const half of ['ended', 'journal'] as const) {
      const count = await close(sql, half, day, times.before, isOver ? null : left[half], call);
      moved += count;
      left[half] -= isOver ? 0 : count;
      more ||= !isOver && left[half] <= 0;
    }
    if (isOver) await sql.rows('UPDATE day SET closed = true WHERE day = $1', [day], call);
  }
  await drop(sql, times.dropBefore, call);
  return { moved, more };
}

// A constraint that no new row meets, and no old one is asked about: nothing is written to this day any more. Who writes is
// waited for, and comes before; who comes later is refused and takes the next day.
async function shut(sql: Sql, day: number, call: Call): Promise<void> {
  for (const table of ['journal', 'ended'] as const) {
    const name = `${SCHEMA}.${partitionOf(table, day)}`;
    await sql.rows(
      `DO $shut$ BEGIN
         IF to_regclass('${name}') IS NULL OR EXISTS (
           SELECT 1 FROM pg_constraint WHERE conrelid = '${name}'::regclass AND conname = 'closed'
         ) THEN RETURN; END IF;
         SET LOCAL lock_timeout = ${LOCK_MS};
         ALTER TABLE ${name} ADD CONSTRAINT closed CHECK (false) NOT VALID;
       END $shut$`,
      [],
      call,
    );
  }
}

// The row of the day is the lock: of two that count, the second one begins at the mark of the first.
async function close(
  sql: Sql,
  half: Half,
  day: number,
  before: number,
  limit: number | null,
  call: Call,
): Promise<number> {
  const { at, line, counts } = HALVES[half];
  const order = limit === null ? '' : `ORDER BY t.${at}, t.seq LIMIT ${limit}`;
  const [row] = await sql.rows<{ amount: number }>(
    `WITH mark AS (SELECT ${half}_at AS at, ${half}_seq AS seq FROM day WHERE day = $1 AND NOT closed FOR UPDATE),
     counted AS MATERIALIZED (
       SELECT t.tenant, t.${line} AS line, ${counts} AS counts, t.${at} AS at, t.seq FROM ${half} t, mark
       WHERE t.day = $1 AND (t.${at}, t.seq) > (mark.at, mark.seq) AND (t.${at} < $2 OR $4) ${order}
     ), put AS (
       INSERT INTO closing (day, tenant, line, amount)
       SELECT $1, tenant, line, count(*) FROM counted WHERE counts AND tenant <> $3 GROUP BY tenant, line ORDER BY tenant, line
       ON CONFLICT (day, tenant, line) DO UPDATE SET amount = closing.amount + excluded.amount
     ), moved AS (
       UPDATE day SET ${half}_at = last.at, ${half}_seq = last.seq
       FROM (SELECT at, seq FROM counted ORDER BY at DESC, seq DESC LIMIT 1) AS last WHERE day.day = $1
     ) SELECT count(*)::int AS amount FROM counted`,
    [day, before, PROBE_TENANT, limit === null],
    call,
  );
  return row?.amount ?? 0;
}

// A message outlives the day of its acceptance while a recipient of it waits, or ended on a day that is kept: so what ended goes first.
async function drop(sql: Sql, before: number, call: Call): Promise<void> {
  const days = await sql.rows<{ day: number; dropped: boolean }>(CLOSED_DAYS, [before, DAY_MS], call);
  for (const { day } of days.filter(({ dropped }) => !dropped)) {
    for (const table of ['journal', 'ended'] as const) await dropPartition(sql, table, day, call);
    await sql.rows('UPDATE day SET dropped = true WHERE day = $1', [day], call);
  }
  for (const { day } of days) {
    if (await hasRecipients(sql, day, call)) continue;
    for (const table of ['look_up', 'message'] as const) await dropPartition(sql, table, day, call);
    await sql.rows('DELETE FROM day WHERE day = $1', [day], call);
  }
}

async function hasRecipients(sql: Sql, day: number, call: Call): Promise<boolean> {
  const [row] = await sql.rows<{ any: boolean }>(
    `SELECT EXISTS (SELECT 1 FROM recipient WHERE message >= $1 AND message < $2)
       OR EXISTS (SELECT 1 FROM ended WHERE message >= $1 AND message < $2) AS any`,
    [mailIdAt(day * DAY_MS), mailIdAt((day + 1) * DAY_MS)],
    call,
  );
  return row?.any === true;
}

// Taken out first without keeping anybody waiting; a former try may have stopped half way.
async function dropPartition(sql: Sql, table: DailyTable, day: number, call: Call): Promise<void> {
  const name = partitionOf(table, day);
  const [attached] = await sql.rows<{ pending: boolean }>(
    'SELECT inhdetachpending AS pending FROM pg_inherits WHERE inhrelid = to_regclass($1)',
    [`${SCHEMA}.${name}`],
    call,
  );
  if (attached !== undefined) {
    const how = attached.pending ? 'FINALIZE' : 'CONCURRENTLY';
    await sql.rows(`ALTER TABLE ${table} DETACH PARTITION ${name} ${how}`, [], call);
  }
  await sql.rows(`DROP TABLE IF EXISTS ${name}`, [], call);
}
