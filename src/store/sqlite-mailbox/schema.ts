/**
 * Tables of one account, and of the register of all.
 *
 * `entry` is a message in a mailbox: small, in the order of UIDs, so that views and ranges are read and changed in one sweep. What is large
 * stands apart: `message` with what was read at delivery and the header section, `piece` with the rest of the octets. An entry that is
 * alone with its message, as nearly all are, is counted nowhere else; `shared` counts the entries of the others.
 * `happening` says for each modification what it touched, so that a client that looks again is told without a look at every entry.
 */
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';

/** SQL that leads from each version to the next (`user_version`). Never edited once released: expand, migrate, contract (B5). */
const ACCOUNT_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE account (
    one INTEGER PRIMARY KEY CHECK (one = 1), tenant TEXT NOT NULL, address TEXT NOT NULL, next_id INTEGER NOT NULL,
    mod_seq INTEGER NOT NULL, validity INTEGER NOT NULL, live_messages INTEGER NOT NULL, live_bytes INTEGER NOT NULL,
    gone_messages INTEGER NOT NULL, gone_bytes INTEGER NOT NULL, held INTEGER NOT NULL
  );
  CREATE TABLE mailbox (
    id INTEGER PRIMARY KEY, name TEXT NOT NULL, special_use TEXT, uid_validity INTEGER NOT NULL,
    uid_next INTEGER NOT NULL, mod_seq INTEGER NOT NULL, message_count INTEGER NOT NULL, unseen INTEGER NOT NULL,
    deleted INTEGER NOT NULL, size INTEGER NOT NULL, told_since INTEGER NOT NULL, is_gone INTEGER NOT NULL
  );
  CREATE UNIQUE INDEX mailbox_name ON mailbox (name) WHERE is_gone = 0;
  CREATE INDEX mailbox_gone ON mailbox (id) WHERE is_gone = 1;
  CREATE TABLE subscription (name TEXT PRIMARY KEY) WITHOUT ROWID;
  CREATE TABLE keyword (mailbox INTEGER NOT NULL, bit INTEGER NOT NULL, name TEXT NOT NULL, PRIMARY KEY (mailbox, bit))
    WITHOUT ROWID;

  CREATE TABLE entry (
    mailbox INTEGER NOT NULL, uid INTEGER NOT NULL, message INTEGER NOT NULL, thread INTEGER NOT NULL,
    flags INTEGER NOT NULL, mod_seq INTEGER NOT NULL, received_at INTEGER NOT NULL, saved_at INTEGER NOT NULL,
    size INTEGER NOT NULL, gone_at INTEGER, PRIMARY KEY (mailbox, uid)
  ) WITHOUT ROWID;
  CREATE INDEX entry_message ON entry (message);
  CREATE INDEX entry_gone ON entry (gone_at, mod_seq) WHERE gone_at IS NOT NULL;
  CREATE TABLE shared (message INTEGER PRIMARY KEY, live INTEGER NOT NULL, gone INTEGER NOT NULL);

  CREATE TABLE message (
    id INTEGER PRIMARY KEY, size INTEGER NOT NULL, first_piece INTEGER NOT NULL, pieces INTEGER NOT NULL,
    head_bytes INTEGER NOT NULL, facts TEXT NOT NULL, begin BLOB NOT NULL
  );
  CREATE TABLE uidl (message INTEGER PRIMARY KEY, uidl TEXT NOT NULL UNIQUE);
  CREATE TABLE piece (id INTEGER PRIMARY KEY, octets BLOB NOT NULL);
  CREATE TABLE thread (key BLOB PRIMARY KEY, thread INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE delivery (message TEXT NOT NULL, recipient INTEGER NOT NULL, PRIMARY KEY (message, recipient)) WITHOUT ROWID;
  CREATE TABLE happening (mailbox INTEGER NOT NULL, mod_seq INTEGER NOT NULL, touched BLOB, vanished BLOB,
    PRIMARY KEY (mailbox, mod_seq)) WITHOUT ROWID;

  CREATE TABLE unindexed (message INTEGER PRIMARY KEY, head TEXT NOT NULL, body TEXT NOT NULL);
  CREATE VIRTUAL TABLE term USING fts5 (
    head, body, content='', contentless_delete=1, detail=full, tokenize='ascii'
  );
  -- Fewer and wider merges: each term is written anew half as often.
  INSERT INTO term (term, rank) VALUES ('automerge', 16);
  INSERT INTO term (term, rank) VALUES ('crisismerge', 32);
  `,
  `
  CREATE TABLE rules (one INTEGER PRIMARY KEY CHECK (one = 1), text TEXT NOT NULL);
  CREATE TABLE answer (
    about TEXT NOT NULL, address TEXT NOT NULL, at INTEGER NOT NULL, message TEXT NOT NULL, recipient INTEGER NOT NULL,
    PRIMARY KEY (about, address)
  ) WITHOUT ROWID;
  CREATE INDEX answer_age ON answer (at);
  `,
  `
  -- What is purged is taken out of the index in steps of our own (thinning.ts).
  INSERT INTO term (term, rank) VALUES ('deletemerge', 0);
  `,
];

/** The version that this release brings an account to. */
export const ACCOUNT_VERSION = ACCOUNT_MIGRATIONS.length;

const REGISTER_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE account (tenant TEXT NOT NULL, address TEXT NOT NULL, PRIMARY KEY (tenant, address)) WITHOUT ROWID;
  CREATE TABLE fact (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
  `,
];

/** Brings an account to the version of this release; fault `store.foreign` where it is newer. Whether it was empty. */
export function migrateAccount(db: DatabaseSync): boolean {
  return migrate(db, ACCOUNT_MIGRATIONS);
}

/** The same of the register. */
export function migrateRegister(db: DatabaseSync): boolean {
  return migrate(db, REGISTER_MIGRATIONS);
}

function migrate(db: DatabaseSync, migrations: readonly string[]): boolean {
  const first = versionOf(db);
  if (first > migrations.length) throw new Fault('store.foreign', `Its mailboxes have version ${first}.`);
  for (let version = first; version < migrations.length; version++) {
    db.exec('BEGIN IMMEDIATE');
    // Another thread may have been faster with the register.
    if (versionOf(db) === version) db.exec(`${migrations[version]}; PRAGMA user_version = ${version + 1};`);
    db.exec('COMMIT');
  }
  return first === 0;
}

function versionOf(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.user_version);
}
