/** Counts an account anew from its rows, by statements that share nothing with those that keep the counts. For tests. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Of every account below a folder whose keeper is closed. How many there were. */
export function recountAll(folder: string): number {
  const files = globSync('??/*.db', { cwd: folder });
  for (const file of files) {
    using db = new DatabaseSync(join(folder, file));
    recount(db);
  }
  return files.length;
}

const CHECKS: Readonly<Record<string, string>> = {
  'counts of mailboxes': `
    SELECT b.name, b.message_count, b.unseen, b.deleted, b.size FROM mailbox AS b WHERE b.is_gone = 0
      AND (b.message_count, b.unseen, b.deleted, b.size) <> (
        SELECT count(*), count(*) FILTER (WHERE flags & 1 = 0), count(*) FILTER (WHERE flags & 2), coalesce(sum(size), 0)
        FROM entry WHERE mailbox = b.id AND gone_at IS NULL)`,
  'live messages': `
    SELECT * FROM account WHERE (live_messages, live_bytes) <> (
      SELECT count(*), coalesce(sum(size), 0) FROM message
      WHERE id IN (SELECT message FROM entry WHERE gone_at IS NULL))`,
  'recoverable messages': `
    SELECT * FROM account WHERE (gone_messages, gone_bytes) <> (
      SELECT count(*), coalesce(sum(size), 0) FROM message
      WHERE id NOT IN (SELECT message FROM entry WHERE gone_at IS NULL))`,
  'messages without an entry, or entries without a message': `
    SELECT id FROM message WHERE id NOT IN (SELECT message FROM entry)
    UNION ALL SELECT message FROM entry WHERE message NOT IN (SELECT id FROM message)`,
  'shared messages': `
    SELECT e.message FROM entry AS e LEFT JOIN shared AS s ON s.message = e.message GROUP BY e.message
    HAVING count(*) > 1 AND (s.live, s.gone) IS NOT (count(*) FILTER (WHERE gone_at IS NULL), count(gone_at))
    UNION ALL SELECT message FROM shared WHERE message NOT IN (SELECT message FROM entry)`,
  'pieces that nobody has': `
    SELECT id FROM piece WHERE NOT EXISTS (
      SELECT 1 FROM message WHERE piece.id BETWEEN first_piece AND first_piece + pieces - 1)`,
  'octets of messages': `
    SELECT id FROM message WHERE size <> length(begin) + coalesce(
      (SELECT sum(length(octets)) FROM piece WHERE piece.id BETWEEN first_piece AND first_piece + pieces - 1), 0)`,
  'terms of messages': `
    SELECT id FROM message WHERE id NOT IN (SELECT rowid FROM term) AND id NOT IN (SELECT message FROM unindexed)
    UNION ALL SELECT rowid FROM term WHERE rowid NOT IN (SELECT id FROM message)
    UNION ALL SELECT message FROM unindexed WHERE message NOT IN (SELECT id FROM message)`,
  'UIDs that may come again': `
    SELECT b.id FROM mailbox AS b JOIN entry AS e ON e.mailbox = b.id WHERE e.uid >= b.uid_next`,
  'modification sequences ahead of the account': `
    SELECT mod_seq FROM entry WHERE mod_seq > (SELECT mod_seq FROM account)
    UNION ALL SELECT mod_seq FROM mailbox WHERE mod_seq > (SELECT mod_seq FROM account)`,
};

function recount(db: DatabaseSync): void {
  for (const [what, sql] of Object.entries(CHECKS)) {
    assert.deepEqual(db.prepare(sql).all().slice(0, 3), [], what);
  }
  assert.equal(db.prepare('PRAGMA integrity_check').get()?.integrity_check, 'ok');
}
