/** Claimed rows with their mails and, as far as one answer carries it, their content. */
import type { Body, Call, Claim, MailId, RecipientFacts, TenantId } from '#/model/index.ts';
import { Fault, isBeforeInspection, isFault } from '#/model/index.ts';
import { groupClaims, reached } from '../custody/index.ts';
import type { Context } from './context.ts';
import type { MessageRow } from './reading-rows.ts';
import { firstDayOf, mailOf } from './reading-rows.ts';
import type { WholeRow } from './rows.ts';
import type { Sql } from './sql.ts';

/** Content that one call brings with it; claims beyond it read theirs themselves. */
const CONTENT_BYTES_MAX = 8 * 1024 * 1024;

type BodyRow = {
  readonly size: number;
  readonly sha256: string;
  readonly key_day: string;
  readonly blob: string | null;
  readonly content: Buffer | null;
};
type EverybodyRow = RecipientFacts & { readonly message: MailId };

/** Content, and whose it is where a blob holds it. */
export interface StoredBody {
  readonly tenant: TenantId;
  readonly body: Body;
}

type FoundRow = Omit<MessageRow, 'sha256' | 'blob'> & {
  readonly recipients: number | null;
  readonly sha256: string | null;
  readonly key_day: string | null;
  readonly blob: string | null;
  readonly content: Buffer | null;
};

// Each by its key, whatever the statistics say: while an old snapshot is open, `body` looks empty to the planner and is not, and a merge
// along its index would walk over every dead entry. OFFSET 0 keeps the look-ups apart.
const LOAD = `
  SELECT m.*, b.recipients, b.sha256, b.key_day, b.blob,
    CASE WHEN sum(b.size) OVER (ORDER BY m.id) <= ${CONTENT_BYTES_MAX} THEN b.content END AS content
  FROM unnest($1::text[]) AS i (id)
    CROSS JOIN LATERAL (SELECT * FROM message WHERE id = i.id OFFSET 0) AS m
    LEFT JOIN LATERAL (SELECT * FROM body WHERE message = i.id OFFSET 0) AS b ON true`;
// Each half by its index; of ended ones only days since the mail came.
const EVERYBODY = `
  SELECT message, n, address, original, direction FROM recipient WHERE message = ANY ($1::text[])
  UNION ALL
  SELECT message, n, address, original, direction FROM ended WHERE message = ANY ($1::text[]) AND day >= $2::int4
  ORDER BY message, n`;
const FIND_BODY = 'SELECT tenant, size, sha256, key_day, blob, content FROM body WHERE message = $1';

/** Claims as their worker gets them; the rows are remembered as held. A row whose message is gone is left out, and the scrub names it. */
export async function withMails(context: Context, sql: Sql, rows: readonly WholeRow[], call: Call): Promise<Claim[]> {
  if (rows.length === 0) return [];
  const ids = [...new Set(rows.map(({ message }) => message))];
  const found = new Map((await sql.rows<FoundRow>(LOAD, [ids], call)).map((row) => [row.id, row]));
  for (const [message, held] of Map.groupBy(rows, (row) => row.message))
    context.holdings.hold(message, found.get(message)?.recipients ?? Number.POSITIVE_INFINITY, held);
  const bodies = new Map<MailId, Body | null>();
  for (const row of found.values()) bodies.set(row.id, await bodyInAnswer(context, row));
  const whole = rows.flatMap(({ message, facts, progress, token }) => {
    const row = found.get(message);
    return row === undefined ? [] : [{ mail: mailOf(row), facts, progress, token }];
  });
  const claims = groupClaims(whole).map((claim) => ({ ...claim, body: bodies.get(claim.mail.id) ?? null }));
  if (!claims.some(({ destination }) => isBeforeInspection(destination))) return claims;
  return withEverybody(sql, claims, (id) => found.get(id)?.recipients ?? null, call);
}

// Nearly always all recipients of a mail are claimed together, and none has to be looked for.
async function withEverybody(
  sql: Sql,
  claims: readonly Claim[],
  countOf: (id: MailId) => number | null,
  call: Call,
): Promise<Claim[]> {
  const partly = claims.filter(({ mail, recipients }) => countOf(mail.id) !== recipients.length);
  const ids = partly.map(({ mail }) => mail.id);
  const day = firstDayOf(partly.map(({ mail }) => mail.receivedAt));
  const rows = ids.length === 0 ? [] : await sql.rows<EverybodyRow>(EVERYBODY, [ids, day], call);
  const byMail = Map.groupBy(rows, ({ message }) => message);
  return claims.map((claim) => {
    if (!isBeforeInspection(claim.destination)) return claim;
    const everybody = (byMail.get(claim.mail.id) ?? claim.recipients).map((row) => reached(row));
    return { ...claim, everybody };
  });
}

/** The content as accepted. Faults `body.missing`, `body.damaged`, `key.missing`. */
export async function loadBody(context: Context, sql: Sql, message: MailId, call: Call): Promise<StoredBody> {
  const [row] = await sql.rows<BodyRow & { readonly tenant: TenantId }>(FIND_BODY, [message], call);
  if (row === undefined) throw new Fault('body.missing');
  const { tenant, size, sha256, blob, content } = row;
  if (blob !== null) return { tenant, body: { kind: 'blob', ref: { key: blob, size, sha256 }, size } };
  if (content === null) throw new Fault('body.missing');
  return { tenant, body: memory(await context.sealing.open(message, { day: row.key_day, size, sha256, content })) };
}

// What is missing or damaged is told by `body()`, to the one who asks for it: the other claims go on.
async function bodyInAnswer(context: Context, row: FoundRow): Promise<Body | null> {
  const { size, sha256, key_day: day, blob, content } = row;
  if (sha256 === null || day === null) return null;
  if (blob !== null) return { kind: 'blob', ref: { key: blob, size, sha256 }, size };
  if (content === null) return null;
  try {
    return memory(await context.sealing.open(row.id, { day, size, sha256, content }));
  } catch (error) {
    if (isFault(error, 'body.damaged') || isFault(error, 'key.missing')) return null;
    throw error;
  }
}

function memory(content: Buffer): Body {
  return { kind: 'memory', chunks: [content], size: content.length };
}
