/** Whom a fault in a window may have touched (H6): recipients with a journal event that a query means. The server joins, counts and sorts. */
import type { Call, MailId } from '#/model/index.ts';
import { PROBE_TENANT } from '#/model/index.ts';
import type { AffectedCount, AffectedPage, AffectedQuery, AffectedRecipient, RecipientPlace } from '#/ports/index.ts';
import { affectedOf, destinationsOf } from '../custody/index.ts';
import { DAY_MS } from './days.ts';
import { loadMessages } from './history.ts';
import { mailOf, shownOf } from './reading-rows.ts';
import type { Sql } from './sql.ts';

/** By so many days the day of an event's writing may differ from that of its time: clocks of several hosts, and a day that was shut meanwhile. */
const DAYS_APART = 2;

/** Counted by tenant, in order of tenant. The caller keeps one view open. */
export async function affectedCounts(sql: Sql, query: AffectedQuery, call: Call): Promise<AffectedCount[]> {
  const values = new Values();
  const hit = hitsOf(query, await sourcesOf(sql, query, call), values);
  // LIMIT keeps the rows of each one a look by key: a planner that takes them all at once reads every row of the days.
  const text = `WITH hit AS MATERIALIZED (SELECT DISTINCT message, recipient FROM journal WHERE ${hit})
    SELECT tenant, count(DISTINCT message)::int AS messages, count(*)::int AS recipients,
      (count(*) FILTER (WHERE NOT served))::int AS unserved
    FROM hit CROSS JOIN LATERAL (
      SELECT tenant, served FROM (
        SELECT r.tenant, false AS served FROM recipient r WHERE r.message = hit.message AND r.n = hit.recipient
        UNION ALL
        SELECT e.tenant, e.state = 'delivered' FROM ended e
        WHERE e.message = hit.message AND e.n = hit.recipient AND e.day >= ${values.add(firstDayOf(query))}
      ) AS standing LIMIT 1
    ) AS found
    GROUP BY tenant ORDER BY tenant`;
  return sql.rows<AffectedCount>(text, values.all, call);
}

/** One page of them, behind `after`. */
export async function affectedPage(
  sql: Sql,
  query: AffectedQuery,
  after: RecipientPlace | null,
  limit: number,
  call: Call,
): Promise<AffectedPage> {
  const values = new Values();
  const hit = hitsOf(query, await sourcesOf(sql, query, call), values);
  const behind = `(message, recipient) > (${values.add(after?.message ?? '')}, ${values.add(after?.n ?? 0)})`;
  const text = `SELECT message, recipient FROM journal WHERE ${hit} AND ${behind}
    GROUP BY message, recipient ORDER BY message, recipient LIMIT ${values.add(limit + 1)}`;
  const keys = await sql.rows<{ message: MailId; recipient: number }>(text, values.all, call);
  const page = keys.slice(0, limit);
  const found = await loadMessages(sql, [...new Set(page.map(({ message }) => message))], call);
  const byId = new Map(found.map((each) => [each.message.id, each]));
  const items = page.flatMap(({ message, recipient: n }): AffectedRecipient[] => {
    const mail = byId.get(message);
    const row = mail?.recipients.find((one) => one.n === n);
    if (mail === undefined || row === undefined) return [];
    const { facts, progress } = shownOf(row);
    return [affectedOf(mailOf(mail.message), facts, progress)];
  });
  const last = page.at(-1);
  const next = keys.length > limit && last !== undefined ? { message: last.message, n: last.recipient } : null;
  return { items, next };
}

/** Values of a statement, each with its place. */
class Values {
  readonly all: unknown[] = [];

  add(value: unknown): string {
    return `$${this.all.push(value)}`;
  }
}

function firstDayOf({ from }: AffectedQuery): number {
  return Math.floor(from / DAY_MS) - DAYS_APART;
}

function hitsOf(query: AffectedQuery, sources: Sources, values: Values): string {
  const { from, to, component, worker, policy, destination, tenant } = query;
  const place = (value: unknown): string => values.add(value);
  return [
    `at >= ${place(from)} AND at < ${place(to)}`,
    `day >= ${place(firstDayOf(query))} AND day <= ${place(Math.floor(to / DAY_MS) + DAYS_APART)}`,
    `tenant <> ${place(PROBE_TENANT)}`,
    ...(tenant === undefined ? [] : [`tenant = ${place(tenant)}`]),
    ...(policy === undefined ? [] : [`rule = ${place(policy)}`]),
    ...(destination === undefined ? [] : [`destination = ANY (${place(destinationsOf(destination))}::text[])`]),
    ...(worker === undefined ? [] : [`source = ANY (${place(sources.ofWorker)}::int[])`]),
    ...(component === undefined
      ? []
      : [`(stage = ${place(component)} OR source = ANY (${place(sources.ofComponent)}::int[]))`]),
  ].join(' AND ');
}

interface Sources {
  readonly ofWorker: readonly number[];
  readonly ofComponent: readonly number[];
}

// Few: read first, so that events are asked by number and not joined.
async function sourcesOf(sql: Sql, { component, worker }: AffectedQuery, call: Call): Promise<Sources> {
  if (component === undefined && worker === undefined) return { ofWorker: [], ofComponent: [] };
  const rows = await sql.rows<{ id: number; component: string }>(
    `SELECT id, component FROM source
     WHERE $1::text IS NULL OR worker = $1 OR starts_with(worker, $1 || '/')`,
    [worker ?? null],
    call,
  );
  return {
    ofWorker: rows.map(({ id }) => id),
    ofComponent: rows.filter((row) => row.component === component).map(({ id }) => id),
  };
}
