/** The statements of the status history. What is written again replaces itself. */
import type { UpstreamReport } from '#/model/index.ts';
import type { StatusRecords } from '#/ports/index.ts';
import type { BatchStatement, SqlValue } from '../batches.ts';

const HOUR_MS = 3_600_000;
/** Rows of one statement: so many values are far below what either database takes. */
const ROWS_MAX = 100;

export function keeping({ minutes, figures, changes }: StatusRecords): readonly BatchStatement[] {
  return [
    ...inserting(
      'status_minute (component, at, day, state)',
      'ON CONFLICT (component, at) DO UPDATE SET state = excluded.state',
      minutes.map(({ component, at, state }) => [component, at, dayOf(at), state]),
    ),
    ...inserting(
      'status_figure (region, stage, span, at, count, p50, p95)',
      `ON CONFLICT (region, stage, span, at)
         DO UPDATE SET count = excluded.count, p50 = excluded.p50, p95 = excluded.p95`,
      figures.map(({ region, stage, at, count, p50, p95 }) => [region, stage, 1, at, count, p50, p95]),
    ),
    ...inserting(
      'status_change (component, at, since, from_state, to_state, reasons)',
      `ON CONFLICT (component, at) DO UPDATE SET since = excluded.since, from_state = excluded.from_state,
         to_state = excluded.to_state, reasons = excluded.reasons`,
      changes.map(({ component, at, since, from, to, reasons }) => [
        component,
        at,
        since,
        from,
        to,
        JSON.stringify(reasons),
      ]),
    ),
  ];
}

/** A report stands in the place of its reporter's former one. */
export function telling(reports: readonly UpstreamReport[]): readonly BatchStatement[] {
  return inserting(
    'upstream_report (provider, reporter, at, report)',
    'ON CONFLICT (provider, reporter) DO UPDATE SET at = excluded.at, report = excluded.report',
    reports.map((report) => [report.provider, report.reporter, report.at, JSON.stringify(report)]),
  );
}

/**
 * Whole days and hours only: what belongs to a day that is not over yet stays as it is. Minutes that come after their day was summed up are added to it.
 */
export function thinning(dense: number, keep: number): readonly BatchStatement[] {
  const [day, hour] = [dayOf(dense), Math.floor(dense / HOUR_MS) * HOUR_MS];
  return [
    {
      text: `INSERT INTO status_day (component, day, state, minutes)
             SELECT component, day, state, count(*) FROM status_minute WHERE day < $1 GROUP BY component, day, state
             ON CONFLICT (component, day, state) DO UPDATE SET minutes = status_day.minutes + excluded.minutes`,
      values: [day],
    },
    { text: 'DELETE FROM status_minute WHERE day < $1', values: [day] },
    {
      text: `INSERT INTO status_figure (region, stage, span, at, count, p50, p95)
             SELECT region, stage, 60, at - at % ${HOUR_MS}, sum(count), sum(p50 * count) / sum(count), max(p95)
             FROM status_figure WHERE span = 1 AND at < $1 GROUP BY region, stage, at - at % ${HOUR_MS}
             ON CONFLICT (region, stage, span, at) DO UPDATE SET count = status_figure.count + excluded.count,
               p95 = CASE WHEN excluded.p95 > status_figure.p95 THEN excluded.p95 ELSE status_figure.p95 END`,
      values: [hour],
    },
    { text: 'DELETE FROM status_figure WHERE span = 1 AND at < $1', values: [hour] },
    { text: 'DELETE FROM status_day WHERE day < $1', values: [dayOf(keep)] },
    { text: 'DELETE FROM status_figure WHERE at < $1', values: [keep] },
    { text: 'DELETE FROM status_change WHERE at < $1', values: [keep] },
    { text: 'DELETE FROM upstream_report WHERE at < $1', values: [dense] },
  ];
}

function inserting(into: string, conflict: string, rows: readonly (readonly SqlValue[])[]): readonly BatchStatement[] {
  const statements: BatchStatement[] = [];
  for (let i = 0; i < rows.length; i += ROWS_MAX) {
    const some = rows.slice(i, i + ROWS_MAX);
    let n = 0;
    const marks = some.map((row) => `(${row.map(() => `$${++n}`).join(', ')})`).join(', ');
    statements.push({ text: `INSERT INTO ${into} VALUES ${marks} ${conflict}`, values: some.flat() });
  }
  return statements;
}

/** The UTC day of a wall-clock ms. */
function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
