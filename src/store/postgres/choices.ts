/** Choosing rows that wait, each by its index and in its order; what others are just taking is passed over. Chosen rows are locked until the transaction ends. */
import type { ClaimRequest } from '#/ports/index.ts';
import type { Prepared, Step } from './batch.ts';
import { int4Array, int8Array, textArray } from './binary-arrays.ts';
import type { RecipientKey } from './live-rows.ts';
import type { LaneFrom } from './marks.ts';
import { ROW_LIST } from './rows.ts';

const WAITING = 'phase = 0 AND claim_by IS NULL AND destination = $1';

const CHOOSE_IN_LANES = `
  SELECT ${ROW_LIST} FROM lanes l CROSS JOIN LATERAL (
    SELECT * FROM recipient
    WHERE ${WAITING} AND tenant = l.tenant AND tried = l.tried AND due >= l.due AND due <= $2
    ORDER BY due, message, n LIMIT $3 FOR UPDATE SKIP LOCKED
  ) r ORDER BY r.due, r.message, r.n LIMIT $3`;

const CHOOSE_KNOWN: Prepared = {
  name: 'choose-known',
  text: `WITH lanes AS MATERIALIZED (SELECT * FROM unnest($4::text[], $5::int4[], $6::int8[]) AS i (tenant, tried, due))
    ${CHOOSE_IN_LANES}`,
};

// From tenant to tenant along the index: it costs a step a tenant, whatever waits.
const CHOOSE_ALL: Prepared = {
  name: 'choose-all',
  text: `WITH RECURSIVE tenants AS (
      (SELECT tenant FROM recipient WHERE ${WAITING} ORDER BY tenant LIMIT 1)
      UNION ALL
      SELECT (SELECT tenant FROM recipient WHERE ${WAITING} AND tenant > before.tenant ORDER BY tenant LIMIT 1)
      FROM tenants AS before WHERE before.tenant IS NOT NULL
    ), lanes AS MATERIALIZED (
      SELECT tenant, tried, -1::int8 AS due FROM tenants CROSS JOIN unnest($4::int4[]) AS i (tried)
      WHERE tenant IS NOT NULL
    ) ${CHOOSE_IN_LANES}`,
};

const CHOOSE_OVERDUE: Prepared = {
  name: 'choose-overdue',
  text: `SELECT ${ROW_LIST} FROM recipient r WHERE phase = $1 AND claim_by IS NULL AND attention_at <= $2
    ORDER BY attention_at, message, n LIMIT $3 FOR UPDATE SKIP LOCKED`,
};

const CHOOSE_KEYS: Prepared = {
  name: 'choose-keys',
  text: `SELECT ${ROW_LIST} FROM recipient r, unnest($1::text[], $2::int4[]) AS i (message, n)
    WHERE r.message = i.message AND r.n = i.n AND r.claim_by IS NULL FOR UPDATE OF r SKIP LOCKED`,
};

/** Due for one destination, of all tenants, from the begin. */
export function chooseAll(request: ClaimRequest & { kind: 'due' }, until: number, limit: number): Step {
  return { statement: CHOOSE_ALL, values: [request.destination, until, limit, int4Array(triedOf(request))] };
}

/** Rows that were never attempted (0), and that were (1), as far as the request means them. */
export function triedOf({ fresh, retried = false }: ClaimRequest & { kind: 'due' }): readonly (0 | 1)[] {
  return ([0, 1] as const).filter((each) => (each === 0 ? !retried : !fresh));
}

/** Due for one destination, in these lanes from their marks on. */
export function chooseKnown(destination: string, lanes: readonly LaneFrom[], until: number, limit: number): Step {
  const tenants = textArray(lanes.map(({ tenant }) => tenant));
  const tried = int4Array(lanes.map((lane) => lane.tried));
  const from = int8Array(lanes.map(({ due }) => due));
  return { statement: CHOOSE_KNOWN, values: [destination, until, limit, tenants, tried, from] };
}

/** Waiting (0) or held (1) ones whose attention time has come. */
export function chooseOverdue(phase: 0 | 1, now: number, limit: number): Step {
  return { statement: CHOOSE_OVERDUE, values: [phase, now, limit] };
}

export function chooseKeys(keys: readonly RecipientKey[]): Step {
  const messages = textArray(keys.map(([message]) => message));
  return { statement: CHOOSE_KEYS, values: [messages, int4Array(keys.map(([, n]) => n))] };
}
