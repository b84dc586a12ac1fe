/**
 * The search index of an account. Terms are indexed many messages at a time, some seconds behind delivery; those that wait are read as
 * text meanwhile, so that what is found is always whole (O3, O4).
 */
import type { Uid } from '#/model/index.ts';
import type { TextPart } from '#/ports/index.ts';
import type { Account } from './account.ts';
import type { Database } from './database.ts';
import { loadUids } from './entries.ts';
import { INDEXED_AT_ONCE } from './limits.ts';

/** What a term can be. Whatever else is asked for stands in no text. */
const TERM = /^[[\p{L}\p{N}\p{M}]--[A-Z]]+$/v;

/** Live messages of a mailbox whose terms hold the phrase, its last term as a begin. Rising. */
export function holding(db: Database, mailbox: number, phrase: readonly string[], where: TextPart): readonly Uid[] {
  if (phrase.length === 0) return Array.from(loadUids(db, mailbox));
  if (!phrase.every((term) => TERM.test(term))) return [];
  // Terms move from those that wait into the index meanwhile: seen at two moments, a message could be in neither.
  db.run('BEGIN');
  try {
    const found = [...indexedWith(db, mailbox, phrase, where), ...waitingWith(db, mailbox, phrase, where)];
    return found.map(({ uid }) => uid).sort((a, b) => a - b);
  } finally {
    db.run('COMMIT');
  }
}

type Find = (db: Database, mailbox: number, phrase: readonly string[], where: TextPart) => readonly { uid: Uid }[];

const indexedWith: Find = (db, mailbox, phrase, where) => {
  const quoted = `"${phrase.join(' ')}" *`;
  return db.all(
    `SELECT e.uid FROM term JOIN entry AS e ON e.message = term.rowid
     WHERE term MATCH ? AND e.mailbox = ? AND e.gone_at IS NULL`,
    where === 'body' ? `body : ${quoted}` : quoted,
    mailbox,
  );
};

const waitingWith: Find = (db, mailbox, phrase, where) =>
  db.all(
    `SELECT e.uid FROM unindexed AS u JOIN entry AS e ON e.message = u.message
     WHERE e.mailbox = ?1 AND e.gone_at IS NULL
       AND (instr(' ' || u.body, ?2) > 0 OR (?3 AND instr(' ' || u.head, ?2) > 0))`,
    mailbox,
    ` ${phrase.join(' ')}`,
    where === 'text' ? 1 : 0,
  );

/** Indexes terms that wait, as many as a step may take. How many that were. */
export function indexSome({ db }: Account): number {
  const rows = db.all<{ message: number; head: string; body: string }>(
    'SELECT message, head, body FROM unindexed ORDER BY message LIMIT ?',
    INDEXED_AT_ONCE,
  );
  for (const { message, head, body } of rows) {
    db.run('INSERT INTO term (rowid, head, body) VALUES (?, ?, ?)', message, head, body);
  }
  const last = rows.at(-1);
  if (last !== undefined) db.run('DELETE FROM unindexed WHERE message <= ?', last.message);
  return rows.length;
}

/** Takes messages out of the index, or out of what waits for it. */
export function removeTerms({ db, thinning }: Account, messages: readonly number[]): void {
  const indexed = messages.filter(
    (message) => db.get('DELETE FROM unindexed WHERE message = ? RETURNING 1 AS was', message) === undefined,
  );
  for (const message of indexed) db.run('DELETE FROM term WHERE rowid = ?', message);
  thinning.marked(indexed.length);
}

/** Messages whose terms wait. */
export function countUnindexed({ db }: Account): number {
  return db.get<{ n: number }>('SELECT count(*) AS n FROM unindexed')?.n ?? 0;
}
