/** Rows that nothing would move, found by indexes that are empty unless something is wrong (H5). */
import type { Call } from '#/model/index.ts';
import type { Change, CustodySettings } from '../custody/index.ts';
import { lapsed, mended } from '../custody/index.ts';
import type { RecipientKey } from './live-rows.ts';
import type { CustodyRow } from './rows.ts';
import { phaseOf } from './rows.ts';
import type { Sql } from './sql.ts';

/** How long a retired incarnation is remembered: a commit in its name may still be on its way. */
const RETIRED_MS = 600_000;

const OF_RETIRED = `
  SELECT r.message, r.n, r.claim_by, i.role FROM incarnation i
  CROSS JOIN LATERAL (SELECT message, n, claim_by FROM recipient WHERE claim_by = i.id ORDER BY message LIMIT $1) AS r
  WHERE i.retired_at IS NOT NULL LIMIT $1`;
// Between the keys that are known there must be none. Asked for in ranges, so that claims of the living are not looked at.
const OF_NOBODY = `
  SELECT r.message, r.n, r.claim_by, NULL AS role FROM (
    SELECT id AS low, lead(id, 1, 2147483647) OVER (ORDER BY id) AS high
    FROM (SELECT 0 AS id UNION ALL SELECT id FROM incarnation) AS known
  ) AS gap
  CROSS JOIN LATERAL (SELECT message, n, claim_by FROM recipient WHERE claim_by > gap.low AND claim_by < gap.high LIMIT $1) AS r
  WHERE gap.high > gap.low + 1 LIMIT $1`;
const NO_DUE = `SELECT message, n FROM recipient WHERE phase = 0 AND claim_by IS NULL AND due IS NULL LIMIT $1`;
const NO_DEADLINE = `SELECT message, n FROM recipient WHERE phase = 1 AND claim_by IS NULL AND attention_at IS NULL LIMIT $1`;
const FORGET_RETIRED = `DELETE FROM incarnation i WHERE retired_at < $1
  AND NOT EXISTS (SELECT 1 FROM recipient WHERE claim_by = i.id)`;
const CLAIMED_BY = 'SELECT message, n FROM recipient WHERE claim_by = $1 ORDER BY message, n LIMIT $2';

type KeyRow = { readonly message: RecipientKey[0]; readonly n: number };
type LostRow = KeyRow & { readonly claim_by: number; readonly role: string | null };

/** What looks wrong, and who is dead, with its role where it is known: a key is given once, so they stay it. Each row is looked at again before it is moved. */
export interface Suspects {
  readonly lost: readonly RecipientKey[];
  readonly bare: readonly RecipientKey[];
  readonly dead: ReadonlyMap<number, string | null>;
}

/** Up to `limit` rows of each kind. Forgets incarnations that are long gone. */
export async function findSuspects(sql: Sql, now: number, limit: number, call: Call): Promise<Suspects> {
  const find = <Row extends KeyRow>(text: string): Promise<Row[]> => sql.rows<Row>(text, [limit], call);
  const lost = [...(await find<LostRow>(OF_RETIRED)), ...(await find<LostRow>(OF_NOBODY))];
  const bare = [...(await find(NO_DUE)), ...(await find(NO_DEADLINE))];
  await sql.rows(FORGET_RETIRED, [now - RETIRED_MS], call);
  return { lost: keysOf(lost), bare: keysOf(bare), dead: new Map(lost.map((row) => [row.claim_by, row.role])) };
}

/** Up to `limit` claims of one incarnation, by key. */
export async function claimsOf(sql: Sql, key: number, limit: number, call: Call): Promise<RecipientKey[]> {
  return keysOf(await sql.rows<KeyRow>(CLAIMED_BY, [key, limit], call));
}

/** Where a claim of a dead one leads; null where somebody else holds it by now, or nobody any more. */
export function freed(
  row: CustodyRow,
  dead: ReadonlyMap<number, string | null>,
  now: number,
  settings: CustodySettings,
): Change | null {
  const role = row.claimBy === null ? undefined : dead.get(row.claimBy);
  return role === undefined ? null : lapsed(row.progress, { role, clean: false }, now, settings);
}

/** Where a row without a time leads; null where it has one, or is in work. */
export function timed(row: CustodyRow, now: number, settings: CustodySettings): Change | null {
  const { state, due, attentionAt } = row.progress;
  const hasTime = phaseOf(state) === 0 ? due !== null : attentionAt !== null;
  return row.claimBy !== null || hasTime ? null : mended(row.progress, now, settings);
}

function keysOf(rows: readonly KeyRow[]): RecipientKey[] {
  return rows.map(({ message, n }) => [message, n]);
}
