/** Messages that were expunged: coming back, and purging in steps. */
import type { EmailId, MailboxId, ModSeq, ThreadId } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { PurgeStep, RecoverFilter } from '#/ports/index.ts';
import { INBOX, purgeLeftMax, readName } from '../mailbox/index.ts';
import type { Fields, Prepared } from '../postgres/batch.ts';
import { int4Array, textArray } from '../postgres/binary-arrays.ts';
import type { MailboxRow } from './account-row.ts';
import type { Change } from './change.ts';
import { Entries } from './entries.ts';
import { flagReader, keepFlags } from './flag-bits.ts';

/** Expunged messages with the mailbox they were in, or what is left of it. */
export const EXPUNGED_FROM = `FROM mailbox_expunged x
  LEFT JOIN mailbox m ON m.account = x.account AND m.id = x.mailbox
  LEFT JOIN mailbox_gone g ON g.account = x.account AND g.id = x.mailbox`;
const COLUMNS = 'mailbox, uid, flags, message, thread, received_at, size, uidl, keywords';

// Newest first: what is brought back in one step is what `recoverable` shows first. A mailbox that is gone has its last name.
const TAKE: Prepared = {
  name: 'take-expunged',
  text: `WITH chosen AS (
      SELECT x.mailbox, x.uid, coalesce(m.keywords, g.keywords, '') AS keywords ${EXPUNGED_FROM}
      WHERE x.account = $1::int8 AND x.expunged_at >= $2::int8 AND ($3::text = '' OR coalesce(m.name, g.name) = $3::text)
      ORDER BY x.expunged_at DESC, x.mod_seq DESC, x.uid DESC LIMIT $4::int8
    ), gone AS (
      DELETE FROM mailbox_expunged x USING chosen c
      WHERE x.account = $1::int8 AND x.mailbox = c.mailbox AND x.uid = c.uid
      RETURNING x.*, c.keywords
    ) SELECT ${COLUMNS} FROM gone ORDER BY expunged_at, mod_seq, uid`,
};
// Live ones again, and how many of them were not live before.
const REVIVE: Prepared = {
  name: 'revive-messages',
  text: `WITH revived AS (
      UPDATE mailbox_message m SET live = m.live + i.n, expunged = m.expunged - i.n
      FROM unnest($2::text[], $3::int4[]) AS i (message, n)
      WHERE m.account = $1::int8 AND m.id = i.message RETURNING m.live - i.n AS before, m.size
    ) SELECT count(*), coalesce(sum(size), 0) FROM revived WHERE before = 0`,
};
const PURGE: Prepared = {
  name: 'purge-expunged',
  text: `WITH chosen AS (
      SELECT mailbox, uid FROM mailbox_expunged WHERE account = $1::int8 AND expunged_at < $2::int8
      ORDER BY expunged_at, mod_seq, uid LIMIT $3::int8
    ), gone AS (
      DELETE FROM mailbox_expunged x USING chosen c
      WHERE x.account = $1::int8 AND x.mailbox = c.mailbox AND x.uid = c.uid RETURNING x.message
    ), counted AS (
      UPDATE mailbox_message m SET expunged = m.expunged - g.n
      FROM (SELECT message, count(*)::int AS n FROM gone GROUP BY message) g
      WHERE m.account = $1::int8 AND m.id = g.message RETURNING m.id, m.live, m.expunged, m.size
    )
    SELECT (SELECT count(*) FROM gone), coalesce(string_agg(id, ','), ''), coalesce(sum(size), 0)
    FROM counted WHERE live = 0 AND expunged = 0`,
};
const COUNT_LEFT: Prepared = {
  name: 'count-expunged',
  text: `SELECT count(*) FROM (
    SELECT FROM mailbox_expunged WHERE account = $1::int8 AND expunged_at < $2::int8 LIMIT ${purgeLeftMax}
  ) AS counted`,
};
const dropping = (table: string, column: string): Prepared => ({
  name: `drop-${table}`,
  text: `DELETE FROM ${table} t USING unnest($2::text[]) AS i (id) WHERE t.account = $1::int8 AND t.${column} = i.id`,
});
const DROPS = [
  dropping('mailbox_piece', 'message'),
  dropping('mailbox_terms', 'message'),
  dropping('mailbox_facts', 'message'),
  dropping('mailbox_message', 'id'),
];
// What is told as vanished for so long is told in another way from now on (`mailbox.forgotten`).
const FORGET_VANISHED: Prepared = {
  name: 'forget-vanished',
  text: `WITH old AS (
      DELETE FROM mailbox_vanished WHERE account = $1::int8 AND at < $2::int8 RETURNING mailbox, mod_seq
    ) UPDATE mailbox m SET forgotten = greatest(m.forgotten, o.mod_seq)
      FROM (SELECT mailbox, max(mod_seq) AS mod_seq FROM old GROUP BY mailbox) o
      WHERE m.account = $1::int8 AND m.id = o.mailbox`,
};
const FORGET_GONE: Prepared = {
  name: 'forget-gone-mailboxes',
  text: `DELETE FROM mailbox_gone g WHERE g.account = $1::int8
    AND NOT EXISTS (SELECT 1 FROM mailbox_expunged x WHERE x.account = $1::int8 AND x.mailbox = g.id)`,
};
const FORGET_WRITES: Prepared = {
  name: 'forget-writes',
  text: 'DELETE FROM mailbox_write WHERE account = $1::int8 AND at < $2::int8',
};
/** Nobody asks any more what became of a commit so long ago. */
const WRITES_KEPT_MS = 24 * 3_600_000;

/** Brings back at most `limit` of them; how many. */
export async function recover(change: Change, { since, mailbox }: RecoverFilter, limit: number): Promise<number> {
  const name = mailbox === null ? '' : readName(mailbox);
  const rows = name === null ? [] : await change.rows(TAKE, since ?? Number.MIN_SAFE_INTEGER, name, limit);
  if (rows.length === 0) return 0;
  const boxes = new Map((await change.mailboxes()).map((row) => [row.id, row]));
  const inbox = [...boxes.values()].find((row) => row.name === INBOX);
  const entries = new Entries(change);
  const modSeq = change.nextModSeq();
  for (const fields of rows) putBack(entries, modSeq, boxes.get(fields[0] as MailboxId) ?? inbox, fields);
  entries.write();
  await revive(change, rows);
  return rows.length;
}

/** One step of purge; nothing while the account is held. */
export async function purge(change: Change, before: number, limit: number): Promise<PurgeStep> {
  const { account, now } = change;
  if (account.held) return { messages: 0, bytes: 0, left: 0, moreSpace: false };
  const [row = []] = await change.rows(PURGE, before, limit);
  const [messages, bytes] = [Number(row[0]), Number(row[2])];
  const ids = (row[1] ?? '').split(',').filter((id) => id !== '');
  account.recoverableMessages -= ids.length;
  account.recoverableBytes -= bytes;
  if (ids.length > 0) for (const drop of DROPS) change.write(drop, textArray(ids));
  if (messages > 0) change.touchAccount();
  change.writeAside(FORGET_GONE);
  // No mailbox was read in this transaction, so none is saved over this one.
  change.writeAside(FORGET_VANISHED, before);
  change.writeAside(FORGET_WRITES, now - WRITES_KEPT_MS);
  const [left = []] = await change.rows(COUNT_LEFT, before);
  // PostgreSQL gives space back by itself.
  return { messages, bytes, left: Number(left[0]), moreSpace: false };
}

// Their messages are live again: what was not before counts as used, no more as recoverable.
async function revive(change: Change, rows: readonly Fields[]): Promise<void> {
  const counts = Map.groupBy(rows, (fields) => fields[3] ?? '');
  const columns = [textArray([...counts.keys()]), int4Array([...counts.values()].map((each) => each.length))];
  const [revived = []] = await change.rows(REVIVE, ...columns);
  const [messages, bytes] = [Number(revived[0]), Number(revived[1])];
  change.account.messages += messages;
  change.account.bytes += bytes;
  change.account.recoverableMessages -= messages;
  change.account.recoverableBytes -= bytes;
}

function putBack(entries: Entries, modSeq: ModSeq, to: MailboxRow | undefined, fields: Fields): void {
  if (to === undefined) throw new Fault('store.failed', 'An account has lost its INBOX.');
  const flags = flagReader(fields[8] ?? '')(Number(fields[2])).filter((flag) => flag !== '\\Deleted');
  entries.put(to, modSeq, {
    bits: keepFlags(to, flags).bits,
    message: (fields[3] ?? '') as EmailId,
    thread: (fields[4] ?? '') as ThreadId,
    receivedAt: Number(fields[5]),
    size: Number(fields[6]),
    uidl: fields[7] ?? null,
  });
}
