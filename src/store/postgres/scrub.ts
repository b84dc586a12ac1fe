/** Content of live messages, checked against what was accepted; and rows whose message is gone (H5). */
import { hash } from 'node:crypto';
import type { Call, MailId, Orphan, OrphanFault, RecipientNumber, TenantId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Blobs } from '#/ports/index.ts';
import type { KeyDay, KeyRing } from '../keys/index.ts';
import { openBody } from '../keys/index.ts';
import type { Sql, Views } from './sql.ts';

/** The live recipients of messages that stand there, in order; those whose message is gone too. */
const LIVE = `
  WITH page AS (SELECT DISTINCT message FROM recipient WHERE message > $1 ORDER BY message LIMIT $2)
  SELECT message, n AS recipient, tenant FROM recipient JOIN page USING (message) ORDER BY message, n`;
const MESSAGES = 'SELECT id FROM message WHERE id = ANY ($1::text[])';
const BODIES = `SELECT message, tenant, size, sha256, key_day AS day, blob, content FROM body
  WHERE message = ANY ($1::text[])`;

/** Bodies that are in memory at once; each is up to 1 MiB. */
const BODIES_TOGETHER = 16;
/** The `key_day` of content that was stored as it came. */
const UNSEALED = '';

type Key = { readonly message: MailId; readonly recipient: RecipientNumber; readonly tenant: TenantId };
type StoredBody = {
  readonly message: MailId;
  readonly tenant: TenantId;
  readonly size: number;
  readonly sha256: string;
  readonly day: KeyDay | typeof UNSEALED;
  readonly blob: string | null;
  readonly content: Buffer | null;
};
type Finding = { readonly id: MailId; readonly fault: OrphanFault };

export interface ScrubParts {
  readonly views: Views;
  readonly keys: Pick<KeyRing, 'opening'>;
  readonly blobs: Blobs | null;
}

/** Looks at the content of up to `limit` live messages behind `after`; `next` is null at the end. */
export async function scrub(
  { views, keys, blobs }: ScrubParts,
  after: MailId | null,
  limit: number,
  call: Call,
): Promise<{ readonly orphans: readonly Orphan[]; readonly next: MailId | null }> {
  const { waiting, findings, apart } = await views.view(async (sql) => {
    const byMessage = Map.groupBy(await sql.rows<Key>(LIVE, [after ?? '', limit], call), (row) => row.message);
    const { there, strays } = await withMessage(sql, [...byMessage.keys()], call);
    return { waiting: byMessage, ...(await checkBodies({ sql, keys }, there, strays, call)) };
  }, call);
  for (const body of apart) findings.push(...(await checkBlob(blobs, body, call)));
  const orphans = findings.flatMap(({ id, fault }) => (waiting.get(id) ?? []).map((key) => orphanOf(key, fault)));
  return { orphans, next: waiting.size < limit ? null : ([...waiting.keys()].at(-1) ?? null) };
}

async function withMessage(
  sql: Sql,
  ids: readonly MailId[],
  call: Call,
): Promise<{ readonly there: readonly MailId[]; readonly strays: Finding[] }> {
  const known = new Set((await sql.rows<{ id: MailId }>(MESSAGES, [ids], call)).map(({ id }) => id));
  const strays = ids.filter((id) => !known.has(id)).map((id) => ({ id, fault: 'no message row' as const }));
  return { there: [...known], strays };
}

// Bodies in rows are checked at once; those kept apart come back.
async function checkBodies(
  { sql, keys }: { readonly sql: Sql; readonly keys: Pick<KeyRing, 'opening'> },
  ids: readonly MailId[],
  findings: Finding[],
  call: Call,
): Promise<{ readonly findings: Finding[]; readonly apart: readonly StoredBody[] }> {
  const apart: StoredBody[] = [];
  for (let from = 0; from < ids.length; from += BODIES_TOGETHER) {
    const some = ids.slice(from, from + BODIES_TOGETHER);
    const rows = await sql.rows<StoredBody>(BODIES, [some], call);
    const bodies = new Map(rows.map((row) => [row.message, row]));
    apart.push(...rows.filter(({ blob }) => blob !== null));
    for (const id of some) {
      const fault = await faultOfBody(keys, bodies.get(id));
      if (fault !== null) findings.push({ id, fault });
    }
  }
  return { findings, apart };
}

async function faultOfBody(keys: Pick<KeyRing, 'opening'>, body: StoredBody | undefined): Promise<OrphanFault | null> {
  if (body === undefined) return 'body missing';
  if (body.blob !== null) return null;
  if (body.content === null) return 'body missing';
  try {
    const { message, day, content: stored } = body;
    const content = day === UNSEALED ? stored : openBody(await keys.opening(day), message, stored);
    const isWhole = content.length === body.size && hash('sha256', content, 'hex') === body.sha256;
    return isWhole ? null : 'body differs from acceptance';
  } catch (error) {
    return contentFault(error);
  }
}

async function checkBlob(blobs: Blobs | null, body: StoredBody, call: Call): Promise<Finding[]> {
  const { message: id, tenant, size, sha256, blob } = body;
  const ref = { key: blob ?? '', size, sha256 };
  if (blobs === null || !(await blobs.has(tenant, ref, call))) return [{ id, fault: 'body missing' }];
  try {
    for await (const _piece of blobs.read(tenant, ref, call));
    return [];
  } catch (error) {
    return [{ id, fault: contentFault(error) }];
  }
}

// Anything else says nothing of the content: the look is repeated.
function contentFault(error: unknown): OrphanFault {
  const code = error instanceof Fault ? error.code : null;
  // Content whose key was destroyed is gone for good.
  if (code === 'body.missing' || code === 'key.missing') return 'body missing';
  if (code === 'body.damaged') return 'body differs from acceptance';
  throw error;
}

function orphanOf(key: Key, fault: OrphanFault): Orphan {
  return { ...key, fault, mended: false };
}
