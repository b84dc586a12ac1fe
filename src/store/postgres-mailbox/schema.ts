/**
 * The tables of all mailboxes in PostgreSQL, in the schema `holdfast`. The account stands in front of every key: what one account does
 * touches pages of its own, and no index grows deeper for it than for the whole table.
 *
 * `mailbox_entry` holds live entries alone, so that a view is one walk over its key. What is expunged moves to `mailbox_expunged` and leaves
 * its UIDs in `mailbox_vanished`, runs of them in one row; where that was cleared, `mailbox.forgotten` says up to which modification
 * sequence, and the UIDs that are not live stand for it (RFC 7162 §3.2.5.2).
 *
 * A message is narrow counts in `mailbox_message`, what was read of it in `mailbox_facts`, and its octets in pieces in `mailbox_piece`, keyed by
 * the offset of each: one that changes places or flags writes none of the wide rows again. `live` and `expunged` count its entries of
 * either age; it is purged when both are 0.
 *
 * `mailbox_terms` is the index for search. A lexeme is the account, a colon and the term: PostgreSQL's index over all accounts then has
 * lists of one account each. `terms.ts` says why a message may have several rows of either part.
 *
 * Rows that change often (`mailbox_account`, `mailbox`, `mailbox_message`, `mailbox_write`) have room beside them and no index over what changes.
 * Times are wall-clock ms. Names and ids compare as octets (`COLLATE "C"`), as they do here.
 */

/** What is rewritten in place, or soon deleted, is vacuumed early and in short steps. */
const BUSY = 'autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_scale_factor = 0.02';

/** SQL that leads from each version to the next. Never edited once released: expand, migrate, contract (B5). */
export const MAILBOX_MIGRATIONS: readonly string[] = [
  `
  -- \`version\` counts transactions that changed anything, for those who watch; \`uid_validity\` is the last one given.
  CREATE TABLE mailbox_account (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, address text COLLATE "C" NOT NULL,
    version bigint NOT NULL, mod_seq bigint NOT NULL, uid_validity bigint NOT NULL, held boolean NOT NULL,
    messages bigint NOT NULL, bytes bigint NOT NULL, recoverable_messages bigint NOT NULL, recoverable_bytes bigint NOT NULL,
    UNIQUE (tenant, address)
  ) WITH (fillfactor = 40, ${BUSY});

  -- Keywords in the case of their first use, with blanks between.
  CREATE TABLE mailbox (
    account bigint NOT NULL, id text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, special_use text,
    uid_validity bigint NOT NULL, uid_next bigint NOT NULL, mod_seq bigint NOT NULL, forgotten bigint NOT NULL,
    messages bigint NOT NULL, unseen bigint NOT NULL, deleted bigint NOT NULL, size bigint NOT NULL, keywords text NOT NULL,
    PRIMARY KEY (account, id)
  ) WITH (fillfactor = 50, ${BUSY});
  CREATE UNIQUE INDEX mailbox_name ON mailbox (account, name);

  CREATE TABLE mailbox_subscription (
    account bigint NOT NULL, name text COLLATE "C" NOT NULL, PRIMARY KEY (account, name)
  );

  -- \`flags\`: see flag-bits.ts. \`uidl\` where it came from elsewhere; else the message's id is it.
  CREATE TABLE mailbox_entry (
    account bigint NOT NULL, mailbox text COLLATE "C" NOT NULL, uid bigint NOT NULL, mod_seq bigint NOT NULL,
    flags bigint NOT NULL, message text COLLATE "C" NOT NULL, thread text COLLATE "C" NOT NULL,
    received_at bigint NOT NULL, saved_at bigint NOT NULL, size bigint NOT NULL, uidl text,
    PRIMARY KEY (account, mailbox, uid)
  ) WITH (fillfactor = 85, ${BUSY});
  CREATE INDEX mailbox_entry_changed ON mailbox_entry (account, mailbox, mod_seq);

  -- In the order in which they were expunged: by time, \`mod_seq\` of the expunge, and UID. Flags are those of its mailbox, whose row or \`mailbox_gone\` says the keywords.
  CREATE TABLE mailbox_expunged (
    account bigint NOT NULL, mailbox text COLLATE "C" NOT NULL, uid bigint NOT NULL, mod_seq bigint NOT NULL,
    expunged_at bigint NOT NULL, flags bigint NOT NULL, message text COLLATE "C" NOT NULL,
    thread text COLLATE "C" NOT NULL, received_at bigint NOT NULL, size bigint NOT NULL, uidl text,
    PRIMARY KEY (account, mailbox, uid)
  ) WITH (${BUSY});
  CREATE INDEX mailbox_expunged_order ON mailbox_expunged (account, expunged_at, mod_seq, uid);

  -- Mailboxes that were deleted and have expunged messages.
  CREATE TABLE mailbox_gone (
    account bigint NOT NULL, id text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, keywords text NOT NULL,
    PRIMARY KEY (account, id)
  );

  CREATE TABLE mailbox_vanished (
    account bigint NOT NULL, mailbox text COLLATE "C" NOT NULL, mod_seq bigint NOT NULL, first bigint NOT NULL,
    last bigint NOT NULL, at bigint NOT NULL, PRIMARY KEY (account, mailbox, mod_seq, first)
  );

  CREATE TABLE mailbox_message (
    account bigint NOT NULL, id text COLLATE "C" NOT NULL, thread text COLLATE "C" NOT NULL, size bigint NOT NULL,
    live integer NOT NULL, expunged integer NOT NULL, uidl text COLLATE "C", PRIMARY KEY (account, id)
  ) WITH (fillfactor = 70, ${BUSY});
  CREATE UNIQUE INDEX mailbox_message_uidl ON mailbox_message (account, uidl) WHERE uidl IS NOT NULL;

  -- \`facts\` is JSON as text: what a mail says may hold U+0000, which PostgreSQL's own JSON can't.
  CREATE TABLE mailbox_facts (
    account bigint NOT NULL, message text COLLATE "C" NOT NULL, head_bytes bigint NOT NULL, facts text NOT NULL,
    PRIMARY KEY (account, message)
  );

  -- The header section lies in pieces of its own, so that it is read without the body. Never compressed: most of it is already, or sealed.
  CREATE TABLE mailbox_piece (
    account bigint NOT NULL, message text COLLATE "C" NOT NULL, at bigint NOT NULL, octets bytea NOT NULL,
    PRIMARY KEY (account, message, at)
  ) WITH (toast_tuple_target = 8160);
  ALTER TABLE mailbox_piece ALTER COLUMN octets SET STORAGE EXTERNAL;

  CREATE TABLE mailbox_terms (
    account bigint NOT NULL, message text COLLATE "C" NOT NULL, part smallint NOT NULL, n integer NOT NULL,
    terms tsvector NOT NULL, PRIMARY KEY (account, message, part, n)
  );
  CREATE INDEX mailbox_terms_found ON mailbox_terms USING gin (terms) WITH (gin_pending_list_limit = 1024);

  -- Message-IDs by \`threadKeys\`, and the thread that each stands for, for ever (RFC 8474 §5.2).
  CREATE TABLE mailbox_thread (
    account bigint NOT NULL, key text COLLATE "C" NOT NULL, thread text COLLATE "C" NOT NULL, PRIMARY KEY (account, key)
  );

  -- Keys of deliveries that custody may not know as ended yet.
  CREATE TABLE mailbox_delivery (
    account bigint NOT NULL, message text COLLATE "C" NOT NULL, recipient integer NOT NULL,
    PRIMARY KEY (account, message, recipient)
  );

  -- The last transaction of each process on each account: says whether a commit whose answer was lost came to be.
  CREATE TABLE mailbox_write (
    account bigint NOT NULL, writer text COLLATE "C" NOT NULL, token bigint NOT NULL, at bigint NOT NULL,
    PRIMARY KEY (account, writer)
  ) WITH (fillfactor = 50, ${BUSY});

  -- Where these tables were when they were opened last (place.ts).
  CREATE TABLE mailbox_place (one integer PRIMARY KEY CHECK (one = 1), place text NOT NULL);
  INSERT INTO mailbox_place VALUES (1, '');
  `,
  `
  -- What owners say about mail that comes, and whom they have answered by themselves.
  CREATE TABLE mailbox_rules (account bigint PRIMARY KEY, rules text NOT NULL);
  CREATE TABLE mailbox_answer (
    account bigint NOT NULL, about text COLLATE "C" NOT NULL, address text COLLATE "C" NOT NULL, at bigint NOT NULL,
    message text COLLATE "C" NOT NULL, recipient integer NOT NULL, PRIMARY KEY (account, about, address)
  );
  CREATE INDEX mailbox_answer_age ON mailbox_answer (account, at);
  `,
];
