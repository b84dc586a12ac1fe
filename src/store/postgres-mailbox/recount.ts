/** Counts anew what is kept in counts, by code that shares nothing with what keeps them; for tests. */
import assert from 'node:assert/strict';

type Query = (sql: string) => Promise<Record<string, unknown>[]>;

/** Each finds rows that do not add up. */
const CHECKS: Readonly<Record<string, string>> = {
  mailboxes: `SELECT m.name, m.messages, m.unseen, m.deleted, m.size, c.* FROM holdfast.mailbox m LEFT JOIN LATERAL (
      SELECT count(*) AS messages_there, count(*) FILTER (WHERE flags & 1 = 0) AS unseen_there,
        count(*) FILTER (WHERE flags & 2 <> 0) AS deleted_there, coalesce(sum(size), 0) AS size_there,
        coalesce(max(uid), 0) AS uid_there, coalesce(max(e.mod_seq), 0) AS mod_seq_there
      FROM holdfast.mailbox_entry e WHERE e.account = m.account AND e.mailbox = m.id) c ON true
    WHERE (m.messages, m.unseen, m.deleted, m.size) <> (messages_there, unseen_there, deleted_there, size_there)
      OR m.uid_next <= uid_there OR m.mod_seq < mod_seq_there`,
  messages: `SELECT m.id, m.live, m.expunged, m.size FROM holdfast.mailbox_message m
    WHERE m.live <> (SELECT count(*) FROM holdfast.mailbox_entry e WHERE e.account = m.account AND e.message = m.id)
      OR m.expunged <> (SELECT count(*) FROM holdfast.mailbox_expunged e WHERE e.account = m.account AND e.message = m.id)
      OR m.size <> (SELECT coalesce(sum(length(octets)), 0) FROM holdfast.mailbox_piece p
        WHERE p.account = m.account AND p.message = m.id)
      OR (m.live = 0 AND m.expunged = 0)`,
  accounts: `SELECT a.address FROM holdfast.mailbox_account a LEFT JOIN LATERAL (
      SELECT count(*) FILTER (WHERE live > 0) AS messages, coalesce(sum(size) FILTER (WHERE live > 0), 0) AS bytes,
        count(*) FILTER (WHERE live = 0) AS left_over, coalesce(sum(size) FILTER (WHERE live = 0), 0) AS left_bytes
      FROM holdfast.mailbox_message m WHERE m.account = a.id) c ON true
    WHERE (a.messages, a.bytes, a.recoverable_messages, a.recoverable_bytes)
      <> (c.messages, c.bytes, c.left_over, c.left_bytes)
      OR a.mod_seq < (SELECT max(mod_seq) FROM holdfast.mailbox m WHERE m.account = a.id)`,
  'pieces of no message': `SELECT account, message FROM holdfast.mailbox_piece p WHERE NOT EXISTS (
    SELECT 1 FROM holdfast.mailbox_message m WHERE m.account = p.account AND m.id = p.message)`,
  'facts of no message': `SELECT account, message FROM holdfast.mailbox_facts p WHERE NOT EXISTS (
    SELECT 1 FROM holdfast.mailbox_message m WHERE m.account = p.account AND m.id = p.message)`,
  'terms of no message': `SELECT account, message FROM holdfast.mailbox_terms p WHERE NOT EXISTS (
    SELECT 1 FROM holdfast.mailbox_message m WHERE m.account = p.account AND m.id = p.message)`,
  'UIDs that live and vanished': `SELECT e.uid FROM holdfast.mailbox_entry e JOIN holdfast.mailbox_vanished v
    ON v.account = e.account AND v.mailbox = e.mailbox AND e.uid BETWEEN v.first AND v.last`,
};

export async function assertCounts(query: Query): Promise<void> {
  for (const [what, sql] of Object.entries(CHECKS)) assert.deepEqual(await query(sql), [], what);
}
