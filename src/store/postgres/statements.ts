/**
 * The statements by which a group is written: each carries a whole column of the group in one array, and names its rows by keys that were
 * chosen here. None of them looks at what waits (M3).
 */
import { BOOK_COLUMNS } from '#/model/index.ts';
import type { Prepared } from './batch.ts';

const FACTS = 'message, n, tenant, direction, address, original, orcpt, notify';
const LINES = BOOK_COLUMNS.join(', ');

// Any claim that is not as it was expected undoes the whole group: then each of its calls looks for itself.
const ALL_OR_NOTHING = 'SELECT 1 / (CASE WHEN (SELECT count(*) FROM hit) = $1 THEN 1 ELSE 0 END)';
/** SQLSTATE of a group that met a claim which had gone. */
export const CLAIM_GONE = '22012';

/** Messages whose other recipients another transaction may be ending: who comes second sees what the first one left. */
export const LOCK_BODIES: Prepared = {
  name: 'lock-bodies',
  text: 'SELECT message FROM body WHERE message = ANY ($1::text[]) ORDER BY message FOR UPDATE',
};

/** Rows that end leave the queue for their day. */
export const END_ROWS: Prepared = {
  name: 'end-rows',
  text: `WITH hit AS (
      DELETE FROM recipient r USING unnest($2::text[], $3::int4[], $4::int4[], $5::int4[], $6::text[], $7::text[], $8::int4[],
          $9::int8[], $10::text[], $11::bool[], $12::bool[], $13::int8[], $14::int8[])
        AS i (message, n, claim_by, token, state, reason, attempts, last_attempt_at, last_reply, delay_notified,
          possibly_duplicate, ended_at, seq)
      WHERE r.message = i.message AND r.n = i.n AND r.token = i.token AND r.claim_by IS NOT DISTINCT FROM i.claim_by
      RETURNING ${FACTS.split(', ')
        .map((column) => `r.${column}`)
        .join(
          ', ',
        )}, i.state, i.reason, r.destination, r.queue_since, r.token, i.attempts, i.last_attempt_at, i.last_reply,
        i.delay_notified, i.possibly_duplicate, i.ended_at, i.seq
    ), put AS (
      INSERT INTO ended (${FACTS}, state, reason, destination, queue_since, token, attempts, last_attempt_at, last_reply,
        delay_notified, possibly_duplicate, ended_at, seq, day)
      SELECT hit.*, $15::int4 FROM hit
    ) ${ALL_OR_NOTHING}`,
};

/** Rows that go on waiting; their claim ends. */
export const KEEP_ROWS: Prepared = {
  name: 'keep-rows',
  text: `WITH hit AS (
      UPDATE recipient r SET claim_by = NULL, state = i.state, phase = i.phase, reason = i.reason,
        destination = i.destination, due = i.due, attention_at = i.attention_at, queue_since = i.queue_since,
        attempts = i.attempts, tried = CASE WHEN i.attempts > 0 THEN 1 ELSE 0 END, last_attempt_at = i.last_attempt_at,
        last_reply = i.last_reply, delay_notified = i.delay_notified, possibly_duplicate = i.possibly_duplicate,
        verdict = i.verdict, judged = i.judged
      FROM unnest($2::text[], $3::int4[], $4::int4[], $5::int4[], $6::text[], $7::int4[], $8::text[], $9::text[], $10::int8[],
          $11::int8[], $12::int8[], $13::int4[], $14::int8[], $15::text[], $16::bool[], $17::bool[],
          $18::text[], $19::bool[])
        AS i (message, n, claim_by, token, state, phase, reason, destination, due, attention_at, queue_since, attempts,
          last_attempt_at, last_reply, delay_notified, possibly_duplicate, verdict, judged)
      WHERE r.message = i.message AND r.n = i.n AND r.token = i.token AND r.claim_by IS NOT DISTINCT FROM i.claim_by
      RETURNING 1
    ) ${ALL_OR_NOTHING}`,
};

/** Names under which mails were born once of a message. */
export const BEAR_ONCE: Prepared = {
  name: 'bear-once',
  text: 'UPDATE body SET born = $2 WHERE message = $1',
};

/** Content of messages that have no live recipient any more goes. Blobs that nothing names now come back: tenant and key. */
export const RELEASE_BODIES: Prepared = {
  name: 'release-bodies',
  text: `WITH gone AS (
      DELETE FROM body b USING unnest($1::text[]) AS i (message)
      WHERE b.message = i.message AND NOT EXISTS (SELECT 1 FROM recipient r WHERE r.message = i.message)
      RETURNING b.message, b.tenant, b.blob
    ) SELECT tenant, blob FROM gone WHERE blob IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM body o WHERE o.blob = gone.blob AND o.message <> gone.message)`,
};

export const ADD_MESSAGES: Prepared = {
  name: 'add-messages',
  text: `INSERT INTO message (id, tenant, parent, origin, purpose, sender, identity, received_at, needs, header_from, subject,
      message_id, hops, size)
    SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int8[],
      $9::text[], $10::text[], $11::text[], $12::text[], $13::int4[], $14::int8[])`,
};

/** All content of the group comes as one value, so that it crosses the wire as it is. */
export const ADD_BODIES: Prepared = {
  name: 'add-bodies',
  text: `INSERT INTO body (message, tenant, recipients, size, sha256, key_day, blob, content)
    SELECT message, tenant, recipients, size, sha256, key_day, blob,
      CASE WHEN stored > 0 THEN substring($9::bytea FROM at + 1 FOR stored) WHEN blob IS NULL THEN ''::bytea END
    FROM unnest($1::text[], $2::text[], $3::int4[], $4::int8[], $5::text[], $6::text[], $7::text[], $8::int4[], $10::int4[])
      AS i (message, tenant, recipients, size, sha256, key_day, blob, at, stored)`,
};

/** Claimed for whom they say, if that one lives. */
export const ADD_RECIPIENTS: Prepared = {
  name: 'add-recipients',
  text: `WITH living AS MATERIALIZED (SELECT array_agg(id) AS ids FROM incarnation WHERE retired_at IS NULL)
    INSERT INTO recipient (${FACTS}, state, phase, reason, destination, due, attention_at, queue_since, claim_by, token,
      attempts, tried, delay_notified, possibly_duplicate)
    SELECT ${FACTS}, state, phase, reason, destination, due, attention_at, queue_since,
      CASE WHEN claim_by = ANY ((SELECT ids FROM living)::int4[]) THEN claim_by END,
      CASE WHEN claim_by = ANY ((SELECT ids FROM living)::int4[]) THEN 1 ELSE 0 END, 0, 0, false, false
    FROM unnest($1::text[], $2::int4[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int4[], $9::text[],
        $10::int4[], $11::text[], $12::text[], $13::int8[], $14::int8[], $15::int8[], $16::int4[])
      AS i (${FACTS}, state, phase, reason, destination, due, attention_at, queue_since, claim_by)`,
};

export const ADD_LOOK_UPS: Prepared = {
  name: 'add-look-ups',
  text: 'INSERT INTO look_up (lot, hash, message) SELECT $1::int8, * FROM unnest($2::int8[], $3::text[])',
};

export const ADD_EVENTS: Prepared = {
  name: 'add-events',
  text: `INSERT INTO journal (at, day, seq, tenant, message, recipient, kind, stage, source, rule, policy_version, destination,
      provider, attempt, elapsed_ms, attribution, detail, waited_ms)
    SELECT $1::int8, $2::int4, * FROM unnest($3::int8[], $4::text[], $5::text[], $6::int4[], $7::text[], $8::text[], $9::int4[],
      $10::text[], $11::text[], $12::text[], $13::text[], $14::int4[], $15::float8[], $16::text[], $17::text[], $18::float8[])`,
};

export const ADD_BOOK_LINES: Prepared = {
  name: 'add-book-lines',
  text: `INSERT INTO book_delta (tenant, ${LINES}) SELECT * FROM unnest($1::text[], ${BOOK_COLUMNS.map(
    (_, i) => `$${i + 2}::int8[]`,
  ).join(', ')})`,
};

export const BEGIN: Prepared = { name: 'begin', text: 'BEGIN' };
export const COMMIT: Prepared = { name: 'commit', text: 'COMMIT' };

/** A commit that has written nothing waits for no standby; behind this one, all that was committed before is there too. */
export const WRITE_SOMETHING: Prepared = {
  name: 'write-something',
  text: "SELECT pg_logical_emit_message(true, 'holdfast', '')",
};
