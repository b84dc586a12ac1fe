/**
 * The tables of custody and journal, in one file: a commit over attached WAL files would not be atomic (design 4).
 *
 * `phase` is 0 for queued and deferred, 1 for held and approval, 2 for ended. Accepting appends under time-ordered keys only: a
 * recipient that arrives claimed is in no index but the one of claims. The `no_…` indexes are empty unless something is wrong, so that
 * a sweep costs nothing (H5, M3). Addresses and subjects stand in `message` and `recipient` alone (design 6, Privacy).
 */
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';

/** SQL that leads from each version to the next; the version is how many have run (`user_version`). Never edited once released: expand, migrate, contract (B5). */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE message (
    id TEXT PRIMARY KEY, tenant TEXT NOT NULL, parent TEXT, origin TEXT NOT NULL, purpose TEXT NOT NULL, sender TEXT,
    identity TEXT NOT NULL, received_at INTEGER NOT NULL, needs TEXT NOT NULL, header_from TEXT NOT NULL,
    subject TEXT NOT NULL, message_id TEXT NOT NULL, hops INTEGER NOT NULL, size INTEGER NOT NULL,
    sha256 TEXT NOT NULL, body INTEGER, blob TEXT, lot INTEGER NOT NULL, keep_until INTEGER
  ) WITHOUT ROWID;
  CREATE INDEX message_blob ON message (blob) WHERE blob IS NOT NULL;

  CREATE TABLE body (id INTEGER PRIMARY KEY, day TEXT NOT NULL, content BLOB NOT NULL);

  CREATE TABLE recipient (
    message TEXT NOT NULL, n INTEGER NOT NULL, tenant TEXT NOT NULL, direction TEXT NOT NULL, address TEXT NOT NULL,
    original TEXT, orcpt TEXT, notify INTEGER NOT NULL, state TEXT NOT NULL, phase INTEGER NOT NULL,
    reason TEXT NOT NULL, destination TEXT NOT NULL, due INTEGER, attention_at INTEGER, queue_since INTEGER NOT NULL,
    claim_by INTEGER, token INTEGER NOT NULL, attempts INTEGER NOT NULL, last_attempt_at INTEGER, last_reply TEXT,
    delay_notified INTEGER NOT NULL, possibly_duplicate INTEGER NOT NULL, ended_at INTEGER,
    PRIMARY KEY (message, n)
  ) WITHOUT ROWID;
  CREATE INDEX recipient_queue ON recipient (destination, tenant, (attempts > 0), due)
    WHERE phase = 0 AND claim_by IS NULL;
  CREATE INDEX recipient_oldest ON recipient (destination, tenant, message) WHERE phase = 0 AND claim_by IS NULL;
  CREATE INDEX recipient_attention ON recipient (phase, attention_at) WHERE phase < 2 AND claim_by IS NULL;
  CREATE INDEX recipient_claimed ON recipient (claim_by) WHERE claim_by IS NOT NULL;
  CREATE INDEX recipient_ended ON recipient (ended_at) WHERE phase = 2;
  CREATE INDEX recipient_no_due ON recipient (message) WHERE phase = 0 AND claim_by IS NULL AND due IS NULL;
  CREATE INDEX recipient_no_deadline ON recipient (message)
    WHERE phase = 1 AND claim_by IS NULL AND attention_at IS NULL;

  CREATE TABLE source (
    id INTEGER PRIMARY KEY, component TEXT NOT NULL, worker TEXT NOT NULL, host TEXT NOT NULL, release TEXT NOT NULL,
    UNIQUE (component, worker, host, release)
  );
  CREATE TABLE journal (
    seq INTEGER PRIMARY KEY, at INTEGER NOT NULL, tenant TEXT NOT NULL, message TEXT NOT NULL,
    recipient INTEGER NOT NULL, kind TEXT NOT NULL, stage TEXT NOT NULL, source INTEGER NOT NULL, rule TEXT,
    rule_version INTEGER, destination TEXT, provider TEXT, attempt INTEGER NOT NULL, elapsed_ms REAL NOT NULL,
    attribution TEXT, detail TEXT NOT NULL, waited_ms REAL
  );
  CREATE INDEX journal_message ON journal (message);

  CREATE TABLE look_up (lot INTEGER, hash INTEGER, message TEXT, PRIMARY KEY (lot, hash, message)) WITHOUT ROWID;

  CREATE TABLE incarnation (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, host TEXT NOT NULL, role TEXT NOT NULL, release TEXT NOT NULL,
    pid INTEGER NOT NULL, started_at INTEGER NOT NULL, beat INTEGER NOT NULL, retired INTEGER NOT NULL
  );

  CREATE TABLE book_delta (
    seq INTEGER PRIMARY KEY, tenant TEXT NOT NULL, received INTEGER NOT NULL, generated INTEGER NOT NULL,
    delivered INTEGER NOT NULL, bounced INTEGER NOT NULL, discarded INTEGER NOT NULL, expired INTEGER NOT NULL,
    held INTEGER NOT NULL, queued INTEGER NOT NULL
  );
  CREATE TABLE book_total (
    tenant TEXT PRIMARY KEY, received INTEGER NOT NULL, generated INTEGER NOT NULL, delivered INTEGER NOT NULL,
    bounced INTEGER NOT NULL, discarded INTEGER NOT NULL, expired INTEGER NOT NULL, held INTEGER NOT NULL,
    queued INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE closing (
    day TEXT NOT NULL, tenant TEXT NOT NULL, line TEXT NOT NULL, amount INTEGER NOT NULL,
    PRIMARY KEY (day, tenant, line)
  ) WITHOUT ROWID;

  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  CREATE TABLE day_key (day TEXT PRIMARY KEY, wrapped BLOB NOT NULL) WITHOUT ROWID;
  `,
  // Content stands in the log; a row of `body` holds what outlives its segment. The index holds sizes, so that the segments are counted from it alone.
  `
  ALTER TABLE message ADD COLUMN log_at INTEGER;
  CREATE INDEX message_log ON message (log_at, size) WHERE log_at IS NOT NULL;
  `,
  // Policy's verdict while a recipient waits by it. journal.rule_version holds JSON text: its column would take a bare one for a number.
  `ALTER TABLE recipient ADD COLUMN verdict TEXT;`,
  // Whether policy has had its say about a recipient.
  `
  ALTER TABLE recipient ADD COLUMN judged INTEGER NOT NULL DEFAULT 0;
  UPDATE recipient SET judged = 1 WHERE verdict IS NOT NULL;
  `,
  // Names under which mails were born once of it.
  `ALTER TABLE message ADD COLUMN born TEXT;`,
  // Where the order of the journal's times breaks (journal-span.ts).
  `CREATE TABLE journal_step (seq INTEGER PRIMARY KEY);`,
];

/** Tables of one closed day: the same columns, found by message and by look-up key. */
export const ARCHIVE_SCHEMA = `
  CREATE TABLE IF NOT EXISTS message (
    id TEXT PRIMARY KEY, tenant TEXT, parent TEXT, origin TEXT, purpose TEXT, sender TEXT, identity TEXT,
    received_at INTEGER, needs TEXT, header_from TEXT, subject TEXT, message_id TEXT, hops INTEGER, size INTEGER,
    sha256 TEXT, body INTEGER, blob TEXT, lot INTEGER, keep_until INTEGER
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS recipient (
    message TEXT, n INTEGER, tenant TEXT, direction TEXT, address TEXT, original TEXT, orcpt TEXT, notify INTEGER,
    state TEXT, phase INTEGER, reason TEXT, destination TEXT, due INTEGER, attention_at INTEGER, queue_since INTEGER,
    claim_by INTEGER, token INTEGER, attempts INTEGER, last_attempt_at INTEGER, last_reply TEXT,
    delay_notified INTEGER, possibly_duplicate INTEGER, ended_at INTEGER, PRIMARY KEY (message, n)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS source (
    id INTEGER PRIMARY KEY, component TEXT, worker TEXT, host TEXT, release TEXT
  );
  CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY, at INTEGER, tenant TEXT, message TEXT, recipient INTEGER, kind TEXT, stage TEXT,
    source INTEGER, rule TEXT, rule_version INTEGER, destination TEXT, provider TEXT, attempt INTEGER,
    elapsed_ms REAL, attribution TEXT, detail TEXT, waited_ms REAL
  );
  CREATE INDEX IF NOT EXISTS journal_message ON journal (message);
  CREATE INDEX IF NOT EXISTS journal_at ON journal (at);
  CREATE TABLE IF NOT EXISTS look_up (
    lot INTEGER, hash INTEGER, message TEXT, PRIMARY KEY (lot, hash, message)
  ) WITHOUT ROWID;
`;

/** Brings the file to the version of this release, each step whole; fault `store.foreign` when it is newer. */
export function migrate(db: DatabaseSync): void {
  for (let version = versionOf(db); version < MIGRATIONS.length; version++) {
    db.exec('BEGIN IMMEDIATE');
    db.exec(MIGRATIONS[version] ?? '');
    db.exec(`PRAGMA user_version = ${version + 1}`);
    db.exec('COMMIT');
  }
}

/** Refuses a file that this release can't read. */
export function checkVersion(db: DatabaseSync): void {
  const version = versionOf(db);
  if (version !== MIGRATIONS.length) throw new Fault('store.foreign', `Its custody has version ${version}.`);
}

function versionOf(db: DatabaseSync): number {
  const version = Number(db.prepare('PRAGMA user_version').get()?.user_version);
  const tables = Number(db.prepare('SELECT count(*) AS tables FROM sqlite_schema').get()?.tables);
  const isOurs = version > 0 ? version <= MIGRATIONS.length : tables === 0;
  if (!isOurs)
    throw new Fault('store.foreign', `Its custody has version ${version}; this release knows ${MIGRATIONS.length}.`);
  return version;
}
