/**
 * The tables of custody and journal in PostgreSQL, all in the schema `holdfast`.
 *
 * `recipient` holds live recipients alone: a row that ends moves to its day of `ended` in the transaction that ends it, so that the table
 * that everything claims from stays as small as the queue and is vacuumed in moments. (Left in place, the row would be written twice
 * more: once as an ended one among the live ones, once on its way out.)
 *
 * What is kept for long lies by day (UTC, counted from 1970), one partition each, made ahead: `message` by the time in the id, `look_up` by
 * the time of its lot, `journal` and `ended` by `day`, the day on which the row was written. A day is dropped whole. `body` is not among
 * them: content goes with the last recipient, and what is left is as small as the queue.
 *
 * `phase` is 0 for queued and deferred, 1 for held and approval; `tried` is 1 from the first attempt on. Accepting appends under
 * time-ordered keys only: a recipient that arrives claimed is in no index of waiting ones. The `no_…` indexes are empty unless
 * something is wrong, so that a sweep costs nothing (H5, M3). Addresses and subjects stand in `message`, `recipient` and `ended` alone
 * (design 6, Privacy). Times are wall-clock ms. Keys compare as octets (`COLLATE "C"`), as they do here.
 */

/** Where everything lies; the connections' search path. */
export const SCHEMA = 'holdfast';

const RECIPIENT_FACTS = `
  message text COLLATE "C" NOT NULL, n integer NOT NULL, tenant text COLLATE "C" NOT NULL, direction text NOT NULL,
  address text NOT NULL, original text, orcpt text, notify smallint NOT NULL, state text NOT NULL, reason text NOT NULL,
  destination text COLLATE "C" NOT NULL, queue_since bigint NOT NULL, token integer NOT NULL, attempts integer NOT NULL,
  last_attempt_at bigint, last_reply text, delay_notified boolean NOT NULL, possibly_duplicate boolean NOT NULL`;

const LINES = `
  received bigint NOT NULL, generated bigint NOT NULL, delivered bigint NOT NULL, bounced bigint NOT NULL,
  discarded bigint NOT NULL, expired bigint NOT NULL, held bigint NOT NULL, queued bigint NOT NULL`;

/** SQL that leads from each version to the next. Never edited once released: expand, migrate, contract (B5). */
export const CUSTODY_MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE message (
    id text COLLATE "C" PRIMARY KEY, tenant text COLLATE "C" NOT NULL, parent text COLLATE "C", origin text NOT NULL,
    purpose text NOT NULL, sender text, identity text NOT NULL, received_at bigint NOT NULL, needs text NOT NULL,
    header_from text NOT NULL, subject text NOT NULL, message_id text NOT NULL, hops integer NOT NULL,
    size bigint NOT NULL
  ) PARTITION BY RANGE (id);

  -- What is in custody still: gone with the last recipient, so not by day. \`content\` is sealed under the key of \`key_day\`, or lies as it
  -- came where that is empty; null where a blob holds it. In line up to a page, and never compressed: it is cipher text.
  CREATE TABLE body (
    message text COLLATE "C" PRIMARY KEY, tenant text COLLATE "C" NOT NULL, recipients integer NOT NULL,
    size bigint NOT NULL, sha256 text NOT NULL, key_day text NOT NULL, blob text, content bytea
  ) WITH (toast_tuple_target = 8160, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0.02,
          autovacuum_vacuum_cost_delay = 0);
  ALTER TABLE body ALTER COLUMN content SET STORAGE EXTERNAL;
  CREATE INDEX body_blob ON body (blob) WHERE blob IS NOT NULL;

  CREATE TABLE recipient (${RECIPIENT_FACTS},
    phase smallint NOT NULL, tried smallint NOT NULL, due bigint, attention_at bigint, claim_by integer,
    PRIMARY KEY (message, n)
  ) WITH (autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0,
          autovacuum_analyze_threshold = 5000);
  CREATE INDEX recipient_queue ON recipient (destination, tenant, tried, due, message, n)
    WHERE phase = 0 AND claim_by IS NULL;
  CREATE INDEX recipient_oldest ON recipient (destination, tenant, message) WHERE phase = 0 AND claim_by IS NULL;
  CREATE INDEX recipient_attention ON recipient (phase, attention_at, message, n) WHERE claim_by IS NULL;
  CREATE INDEX recipient_claimed ON recipient (claim_by, message) WHERE claim_by IS NOT NULL;
  CREATE INDEX recipient_no_due ON recipient (message) WHERE phase = 0 AND claim_by IS NULL AND due IS NULL;
  CREATE INDEX recipient_no_deadline ON recipient (message)
    WHERE phase = 1 AND claim_by IS NULL AND attention_at IS NULL;

  -- \`seq\` is that of the event that ended it.
  CREATE TABLE ended (${RECIPIENT_FACTS},
    ended_at bigint NOT NULL, seq bigint NOT NULL, day integer NOT NULL
  ) PARTITION BY RANGE (day);
  CREATE INDEX ended_message ON ended (message);

  CREATE TABLE source (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, component text NOT NULL, worker text NOT NULL,
    host text NOT NULL, release text NOT NULL, UNIQUE (component, worker, host, release)
  );
  -- \`seq\` is chosen by the process before the transaction, rising with its clock: it orders, and it says whether a commit came to be.
  CREATE TABLE journal (
    seq bigint NOT NULL, at bigint NOT NULL, day integer NOT NULL, tenant text COLLATE "C" NOT NULL,
    message text COLLATE "C" NOT NULL, recipient integer NOT NULL, kind text NOT NULL, stage text NOT NULL,
    source integer NOT NULL, rule text, rule_version integer, destination text, provider text, attempt integer NOT NULL,
    elapsed_ms double precision NOT NULL, attribution text, detail text NOT NULL, waited_ms double precision
  ) PARTITION BY RANGE (day);
  CREATE INDEX journal_message ON journal (message);
  CREATE INDEX journal_at ON journal USING brin (at) WITH (pages_per_range = 32);

  -- Hashes of addresses and Message-IDs. A lot is named by the wall-clock ms at which a process began it; a question asks every lot.
  CREATE TABLE look_up (
    lot bigint NOT NULL, hash bigint NOT NULL, message text COLLATE "C" NOT NULL, PRIMARY KEY (lot, hash, message)
  ) PARTITION BY RANGE (lot);

  -- \`closed\`: nothing more is written to its journal and its ended recipients, and all of them are in \`closing\`. Before that,
  -- those up to the mark (time, seq) are.
  CREATE TABLE day (
    day integer PRIMARY KEY, closed boolean NOT NULL DEFAULT false, dropped boolean NOT NULL DEFAULT false,
    journal_at bigint NOT NULL DEFAULT -1, journal_seq bigint NOT NULL DEFAULT 0,
    ended_at bigint NOT NULL DEFAULT -1, ended_seq bigint NOT NULL DEFAULT 0
  );
  CREATE TABLE closing (
    day integer NOT NULL, tenant text COLLATE "C" NOT NULL, line text NOT NULL, amount bigint NOT NULL,
    PRIMARY KEY (day, tenant, line)
  );

  CREATE TABLE incarnation (
    id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text COLLATE "C" NOT NULL UNIQUE, host text NOT NULL,
    role text NOT NULL, release text NOT NULL, pid integer NOT NULL, started_at bigint NOT NULL,
    beat bigint NOT NULL, retired_at bigint
  ) WITH (fillfactor = 20, autovacuum_vacuum_threshold = 500, autovacuum_vacuum_scale_factor = 0);

  CREATE TABLE book_delta (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, tenant text COLLATE "C" NOT NULL, ${LINES}
  ) WITH (autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0);
  CREATE TABLE book_total (tenant text COLLATE "C" PRIMARY KEY, ${LINES}) WITH (fillfactor = 50);

  CREATE TABLE fact (name text COLLATE "C" PRIMARY KEY, value text NOT NULL) WITH (fillfactor = 50);
  CREATE TABLE day_key (day text COLLATE "C" PRIMARY KEY, wrapped bytea NOT NULL);
  `,
  // Policy's verdict while a recipient waits by it. A version of rules is a text, which `journal.rule_version` can't hold.
  `
  ALTER TABLE recipient ADD COLUMN verdict text;
  ALTER TABLE journal ADD COLUMN policy_version text;
  `,
  // Whether policy has had its say about a recipient.
  `
  ALTER TABLE recipient ADD COLUMN judged boolean NOT NULL DEFAULT false;
  UPDATE recipient SET judged = true WHERE verdict IS NOT NULL;
  `,
  // Names under which mails were born once of a message.
  `ALTER TABLE body ADD COLUMN born text;`,
];
