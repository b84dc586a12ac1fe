/** Statements and rows of `ports/letter-book.ts`. */
import type { IncidentId, MailAddress, MailId, TenantId } from '#/model/index.ts';
import type { Letter, NewLetter } from '#/ports/index.ts';
import type { BatchStatement, SqlRow } from '../batches.ts';

/** Added to a lease: as long as a subscriber has waited, and no more than half an hour. A contact waits for nothing but us. */
const LATER = `CASE WHEN subscriber IS NULL THEN 0 WHEN $1 - made_at > 1800000 THEN 1800000 ELSE $1 - made_at END`;
const COLUMNS = 'id, incident, n, tenant, address, made_at, state, subscriber';

export function untoldIn(limit: number): BatchStatement {
  const text = `SELECT i.id AS id, coalesce(t.looked, 0) AS looked FROM incident i LEFT JOIN incident_told t ON t.incident = i.id
    WHERE coalesce(t.looked, 0) < i.entries ORDER BY i.made_at DESC LIMIT ${limit}`;
  return { text, values: [] };
}

export function owing(
  incident: IncidentId,
  looked: number | null,
  letters: readonly NewLetter[],
): readonly BatchStatement[] {
  const insert = `INSERT INTO incident_letter (id, incident, n, tenant, address, address_key, made_at, state, look_at, subscriber)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'due', $7, $8) ON CONFLICT DO NOTHING`;
  const mark = `INSERT INTO incident_told (incident, looked) VALUES ($1, $2)
    ON CONFLICT (incident) DO UPDATE SET looked = excluded.looked WHERE incident_told.looked < excluded.looked`;
  return [
    ...letters.map(({ id, n, tenant, address, subscriber, madeAt }) => ({
      text: insert,
      values: [id, incident, n, tenant, address, subscriber ?? address.toLowerCase(), madeAt, subscriber],
    })),
    ...(looked === null ? [] : [{ text: mark, values: [incident, looked] }]),
  ];
}

// Who waited for a row that another one took looks at it again, and leaves it.
export function taking(now: number, until: number, limit: number): BatchStatement {
  const due = `state = 'due' AND look_at <= $1`;
  const text = `UPDATE incident_letter SET look_at = $2 + ${LATER}
    WHERE ${due} AND id IN (SELECT id FROM incident_letter WHERE ${due} ORDER BY look_at, id LIMIT ${limit})
    RETURNING ${COLUMNS}`;
  return { text, values: [now, until] };
}

export function since(madeAt: number, limit: number): BatchStatement {
  const text = `SELECT ${COLUMNS} FROM incident_letter WHERE made_at >= $1 ORDER BY made_at DESC, id LIMIT ${limit}`;
  return { text, values: [madeAt] };
}

export function letterOf(row: SqlRow): Letter {
  const { id, incident, n, tenant, address, made_at, state, subscriber } = row as unknown as LetterRow;
  return {
    ...{ id: id as MailId, incident: incident as IncidentId, n, tenant: tenant as TenantId, subscriber },
    ...{ address: address as MailAddress, madeAt: made_at, state: state as Letter['state'] },
  };
}

interface LetterRow {
  readonly id: string;
  readonly incident: string;
  readonly n: number;
  readonly tenant: string;
  readonly address: string;
  readonly made_at: number;
  readonly state: string;
  readonly subscriber: string | null;
}
