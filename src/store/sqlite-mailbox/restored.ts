/** What an account does whose database comes from an earlier time (design 1, After a restore). Each is whole, or is done again at the next opening. */
import type { Database } from './database.ts';
import type { Mark } from './mark.ts';

/** Nobody knows how far it was: clients must forget what they know of UIDs, and ids go on where none can have been. */
export function renewIdentity(db: Database, now: number, idsASecond: number): void {
  const second = Math.floor(now / 1000);
  db.run('BEGIN IMMEDIATE');
  db.run('UPDATE account SET next_id = max(next_id, ?), validity = max(validity, ? - 1)', second * idsASecond, second);
  db.run(
    `UPDATE mailbox SET uid_validity = (SELECT validity FROM account) +
       (SELECT count(*) FROM mailbox AS other WHERE other.id <= mailbox.id)`,
  );
  db.run('UPDATE account SET validity = validity + (SELECT count(*) FROM mailbox)');
  db.run('COMMIT');
}

/** Where the mark is ahead, all numbers continue above it. Mailboxes that were made since are not there, and their names come anew. */
export function raiseToMark(db: Database, mark: Mark, now: number, idsASecond: number): void {
  const row = db.get<{ reached: number }>('SELECT mod_seq AS reached FROM account');
  if (row === undefined || row.reached >= mark.reached) return;
  db.run('BEGIN IMMEDIATE');
  db.run(
    'UPDATE account SET mod_seq = ?, validity = max(validity, ?), next_id = max(next_id, ?)',
    mark.modSeqBound,
    mark.validity,
    Math.max(mark.nextId, Math.floor(now / 1000) * idsASecond),
  );
  db.run(
    'UPDATE mailbox SET uid_next = max(uid_next, ?), mod_seq = ?, told_since = ?',
    mark.uidBound,
    mark.modSeqBound,
    mark.modSeqBound,
  );
  // What clients know of flags may be newer than what is here: they are told all of them again.
  db.run('UPDATE entry SET mod_seq = ? WHERE gone_at IS NULL', mark.modSeqBound);
  db.run('COMMIT');
}
