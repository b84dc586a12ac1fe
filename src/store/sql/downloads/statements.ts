/** The statements of secure downloads, each of which decides by itself what it may change: so no two callers can both be the last one. */
import type { LinkAct, LinkKey, LookResult, NewShare, ProofAttempt } from '#/ports/index.ts';
import type { BatchStatement, SqlValue } from '../batches.ts';

/** Lines of one share's access log. */
const EVENTS_MAX = 2_000;
/** ms from the keeping of a share to the first look for its mail, which has gone by then in most cases. */
const FIRST_LOOK_MS = 5_000;

/** A file as it lies in its row: sealed octets of a day's key, or the blob that has them. */
export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
  readonly day: string | null;
  readonly sealed: Uint8Array | null;
  readonly blob: string | null;
  readonly sha256: string | null;
}

export function statement(text: string, ...values: SqlValue[]): BatchStatement {
  return { text, values };
}

/** Of a row of `share`: no link of it can be used. The rows of its links decide; `ended_at` may be written beside a link that comes just then. */
export const HAS_ENDED = `ended_at IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM share_link l WHERE l.share = share.id AND l.state <> 'ended')`;
const REVOKED = `EXISTS (SELECT 1 FROM share_link l WHERE l.share = share.id AND l.reason = 'revoked')`;

/**
 * The share where there is room for it, or opened once more where it had ended by itself; then what belongs to it where it is open. The last one
 * tells what there is. A row that is there is written first, so that no other caller ends it in between.
 */
export function keeping(share: NewShare, files: readonly StoredFile[], quotaBytes: number): readonly BatchStatement[] {
  const { id, tenant, message, owner, subject, language, proof, expireMs, downloads, madeAt } = share;
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const isThere = 'WHERE EXISTS (SELECT 1 FROM share WHERE id = $1 AND ended_at IS NULL)';
  return [
    statement('UPDATE share SET message = message WHERE id = $1', id),
    ...(files.length === 0 ? [] : [reopening(share, bytes, quotaBytes)]),
    statement(
      `INSERT INTO share (id, tenant, message, owner, owner_key, subject, language, proof, expire_ms, downloads, made_at, bytes)
       SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12
       WHERE (SELECT coalesce(sum(bytes), 0) FROM share WHERE tenant = $13) <= $14
       ON CONFLICT (id) DO NOTHING`,
      ...[id, tenant, message, owner, owner?.toLowerCase() ?? null, subject, language, proof],
      ...[expireMs, downloads, madeAt, bytes, tenant, quotaBytes - bytes],
    ),
    ...files.map((file, i) =>
      statement(
        `INSERT INTO share_file (share, n, name, bytes, day, sealed, blob, sha256)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8 ${isThere}
         ON CONFLICT (share, n) DO UPDATE SET bytes = excluded.bytes, day = excluded.day, sealed = excluded.sealed,
           blob = excluded.blob, sha256 = excluded.sha256
           WHERE share_file.sealed IS NULL AND share_file.blob IS NULL`,
        ...[id, i + 1, file.name, file.bytes, file.day, file.sealed, file.blob, file.sha256],
      ),
    ),
    renewing(share),
    ...share.links.map(({ n, address, tokenHash, secretHash, version }) =>
      statement(
        `INSERT INTO share_link (share, n, address, address_key, token_hash, version, secret_hash, look_at,
           state, reason, locked, told, tries, wrong, codes)
         SELECT $1, $2, $3, $4, $5, $6, $7, $8, 'waiting', '', 0, 0, 0, 0, 0 ${isThere}
         ON CONFLICT (share, n) DO UPDATE SET version = excluded.version`,
        ...[id, n, address, address.toLowerCase(), tokenHash, version, secretHash, madeAt + FIRST_LOOK_MS],
      ),
    ),
    statement(`SELECT ended_at, CASE WHEN ${REVOKED} THEN 1 ELSE 0 END AS revoked FROM share WHERE id = $1`, id),
  ];
}

/** Who is judged once more has not had the mail: his link waits for it again. */
function renewing({ id, madeAt, links }: NewShare): BatchStatement {
  const marks = links.map((_, i) => `$${i + 3}`).join(', ');
  return statement(
    `UPDATE share_link SET state = 'waiting', reason = '', sent_at = NULL, expires_at = NULL, ended_at = NULL, look_at = $2
     WHERE share IN (SELECT id FROM share WHERE id = $1 AND ended_at IS NULL) AND n IN (${marks})
       AND state = 'ended' AND reason <> 'revoked'`,
    ...[id, madeAt + FIRST_LOOK_MS, ...links.map(({ n }) => n)],
  );
}

/** A part of its mail that was judged later has links to it, too; what a person has ended stays so. */
function reopening({ id, tenant }: NewShare, bytes: number, quotaBytes: number): BatchStatement {
  return statement(
    `UPDATE share SET ended_at = NULL, bytes = CASE WHEN bytes > 0 THEN bytes ELSE $2 END
     WHERE id = $1 AND ended_at IS NOT NULL AND NOT ${REVOKED}
       AND (bytes > 0 OR (SELECT coalesce(sum(o.bytes), 0) FROM share o WHERE o.tenant = $3) <= $4)`,
    ...[id, bytes, tenant, quotaBytes - bytes],
  );
}

export function taking({ share, n }: LinkKey, file: number, now: number): BatchStatement {
  return statement(
    `INSERT INTO share_use (share, n, file, taken)
     SELECT l.share, l.n, f.n, 1 FROM share_link l JOIN share_file f ON f.share = l.share AND f.n = $3
     WHERE l.share = $1 AND l.n = $2 AND l.state <> 'ended' AND l.locked = 0 AND (l.expires_at IS NULL OR l.expires_at > $4)
     ON CONFLICT (share, n, file) DO UPDATE SET taken = share_use.taken + 1
       WHERE share_use.taken < (SELECT downloads FROM share WHERE id = share_use.share)
     RETURNING taken`,
    ...[share, n, file, now],
  );
}

/** A code is used up by its first right try, and each wrong one brings the link nearer to its lock. */
export function tryingCode({ share, n }: LinkKey, attempt: ProofAttempt, validMs: number): BatchStatement {
  return statement(
    `UPDATE share_link SET tries = tries + 1,
       wrong = CASE WHEN secret_hash = $3 THEN wrong ELSE wrong + 1 END,
       locked = CASE WHEN secret_hash <> $3 AND wrong + 1 >= $6 THEN 1 ELSE locked END,
       secret_hash = CASE WHEN secret_hash = $3 THEN NULL ELSE secret_hash END
     WHERE share = $1 AND n = $2 AND state <> 'ended' AND locked = 0 AND secret_hash IS NOT NULL AND secret_at > $4 AND tries < $5
     RETURNING CASE WHEN secret_hash IS NULL THEN 1 ELSE 0 END AS proved`,
    ...[share, n, attempt.hash, attempt.now - validMs, attempt.tries, attempt.wrongMax],
  );
}

/** A password stays; after too many wrong ones the link rests for a while. */
export function tryingPassword({ share, n }: LinkKey, attempt: ProofAttempt): BatchStatement {
  const isRested = '(tries_at IS NULL OR tries_at <= $4)';
  return statement(
    `UPDATE share_link SET
       tries = CASE WHEN secret_hash = $3 THEN 0 WHEN ${isRested} THEN 1 ELSE tries + 1 END,
       tries_at = CASE WHEN ${isRested} THEN $7 ELSE tries_at END,
       wrong = CASE WHEN secret_hash = $3 THEN wrong ELSE wrong + 1 END,
       locked = CASE WHEN secret_hash <> $3 AND wrong + 1 >= $6 THEN 1 ELSE locked END
     WHERE share = $1 AND n = $2 AND state <> 'ended' AND locked = 0 AND secret_hash IS NOT NULL AND (tries < $5 OR ${isRested})
     RETURNING CASE WHEN secret_hash = $3 THEN 1 ELSE 0 END AS proved`,
    ...[share, n, attempt.hash, attempt.now - attempt.windowMs, attempt.tries, attempt.wrongMax, attempt.now],
  );
}

export function acting(share: string, n: number | null, act: LinkAct): readonly BatchStatement[] {
  const { set, only, values } = changeOf(act);
  const who = n === null ? '' : ` AND n = $2`;
  const numbered = set.replaceAll('@', n === null ? '$2' : '$3');
  const change = statement(
    `UPDATE share_link SET ${numbered} WHERE share = $1${who} AND ${only} RETURNING n`,
    ...[share, ...(n === null ? [] : [n]), ...values],
  );
  return act.kind === 'revoke' ? [change, ending(share, act.at)] : [change];
}

// `@` is the one value.
function changeOf(act: LinkAct): { readonly set: string; readonly only: string; readonly values: readonly SqlValue[] } {
  const only = "state <> 'ended'";
  switch (act.kind) {
    case 'lock':
      return { set: 'locked = 1', only, values: [] };
    case 'unlock':
      return { set: 'locked = 0, wrong = 0, tries = 0', only, values: [] };
    case 'extend':
      return {
        set: 'look_at = CASE WHEN look_at = expires_at THEN @ ELSE look_at END, expires_at = @',
        only: "state = 'open'",
        values: [act.until],
      };
    case 'revoke':
      return { set: "state = 'ended', reason = 'revoked', ended_at = @, look_at = NULL", only, values: [act.at] };
  }
}

export function noting(
  id: string,
  event: { readonly share: string } & Readonly<Record<string, SqlValue>>,
): BatchStatement {
  const { share, n = null, at = 0, kind = '', file = null, by = '' } = event;
  return statement(
    `INSERT INTO share_event (id, share, n, at, kind, file, by) SELECT $1, $2, $3, $4, $5, $6, $7
     WHERE (SELECT count(*) FROM share_event WHERE share = $8) < ${EVENTS_MAX}`,
    ...[id, share, n, at, kind, file, by, share],
  );
}

export function recording({ share, n }: LinkKey, result: LookResult): readonly BatchStatement[] {
  const where = "WHERE share = $1 AND n = $2 AND state <> 'ended'";
  switch (result.kind) {
    case 'later':
      return [statement(`UPDATE share_link SET look_at = $3 ${where}`, share, n, result.lookAt)];
    case 'told':
      return [statement(`UPDATE share_link SET told = 1, look_at = $3 ${where}`, share, n, result.lookAt)];
    case 'sent':
      return [
        statement(
          `UPDATE share_link SET state = 'open', sent_at = $3, expires_at = $4, look_at = $5 ${where} AND state = 'waiting'`,
          ...[share, n, result.at, result.expiresAt, result.lookAt],
        ),
      ];
    case 'ended':
      return [
        statement(
          `UPDATE share_link SET state = 'ended', reason = $3, ended_at = $4, look_at = NULL ${where}`,
          ...[share, n, result.reason, result.at],
        ),
        ending(share, result.at),
      ];
  }
}

/** The share ends with its last link. */
function ending(share: string, at: number): BatchStatement {
  return statement(
    `UPDATE share SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM share_link WHERE share = $1 AND state <> 'ended')`,
    ...[share, at],
  );
}
