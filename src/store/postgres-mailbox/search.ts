/** Messages whose text holds a phrase, found by the index over terms. */
import type { Call, MailboxId, Uid } from '#/model/index.ts';
import type { TextPart } from '#/ports/index.ts';
import type { Sql, Views } from '../postgres/sql.ts';
import { BODY_PART, HEAD_PART } from './arrivals.ts';
import { idText } from './checked.ts';
import type { ReadRow } from './terms.ts';
import { PHRASE_TERMS, phraseQuery, rowsHold } from './terms.ts';

const ALL = 'SELECT uid FROM mailbox_entry WHERE account = $1 AND mailbox = $2 ORDER BY uid';
const FOUND = `SELECT e.uid, e.message FROM mailbox_entry e WHERE e.account = $1 AND e.mailbox = $2
  AND e.message IN (SELECT t.message FROM mailbox_terms t
    WHERE t.account = $1 AND t.part = ANY ($4::int2[]) AND t.terms @@ $3::tsquery)
  ORDER BY e.uid`;
const ROWS = `SELECT t.message, t.part, t.n AS first,
    (SELECT json_agg(json_build_array(u.lexeme, u.positions))::text FROM unnest(t.terms) u) AS lexemes
  FROM mailbox_terms t WHERE t.account = $1 AND t.message = ANY ($2::text[]) AND t.part = ANY ($3::int2[])
  ORDER BY t.message, t.part, t.n`;
/** Messages whose rows are read at once to look for a long phrase. */
const READ_TOGETHER = 50;

type Found = { uid: Uid; message: string };
type TermsRow = { message: string; part: number; first: number; lexemes: string | null };

export function holding(
  views: Views,
  account: number,
  mailbox: MailboxId,
  phrase: readonly string[],
  where: TextPart,
  call: Call,
): Promise<readonly Uid[]> {
  // PostgreSQL's text has no NUL, nor has any term.
  if (phrase.some((term) => term.includes('\0'))) return Promise.resolve([]);
  const id = idText(mailbox);
  return views.view(async (sql) => {
    if (phrase.length === 0) return (await sql.rows<Found>(ALL, [account, id], call)).map(({ uid }) => uid);
    const parts = where === 'body' ? [BODY_PART] : [HEAD_PART, BODY_PART];
    const found = await sql.rows<Found>(FOUND, [account, id, phraseQuery(account, phrase), parts], call);
    const held = phrase.length <= PHRASE_TERMS ? null : await readHeld(sql, account, found, phrase, parts, call);
    return found.filter(({ message }) => held === null || held.has(message)).map(({ uid }) => uid);
  }, call);
}

// A phrase that no single row need hold: the texts of those that hold its begin are put together.
async function readHeld(
  sql: Sql,
  account: number,
  found: readonly Found[],
  phrase: readonly string[],
  parts: readonly number[],
  call: Call,
): Promise<ReadonlySet<string>> {
  const messages = [...new Set(found.map(({ message }) => message))];
  const held = new Set<string>();
  for (let at = 0; at < messages.length; at += READ_TOGETHER) {
    const rows = await sql.rows<TermsRow>(ROWS, [account, messages.slice(at, at + READ_TOGETHER), parts], call);
    for (const text of Map.groupBy(rows, ({ message, part }) => `${message} ${part}`).values())
      if (rowsHold(account, text.map(readRow), phrase)) held.add(text[0]?.message ?? '');
  }
  return held;
}

function readRow({ first, lexemes }: TermsRow): ReadRow {
  return { first, lexemes: JSON.parse(lexemes ?? '[]') as ReadRow['lexemes'] };
}
