/**
 * What mailboxes in a database do after it was brought back to an earlier time. No mark outside the database says how far they were, so
 * clients must forget what they know of UIDs: each mailbox gets a new UIDVALIDITY (design 1, After a restore; RFC 9051 §2.3.1.1).
 */
import { within } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import { Connector } from '../postgres/connections.ts';
import { faultOf } from '../postgres/sql.ts';
import type { PostgresMailboxesSettings } from './open.ts';

const CONNECT_MS = 30_000;

// The second, or more than the highest that the account has given, as of mailboxes that are made.
const RENEW = `
  UPDATE mailbox SET uid_validity = renewed.uid_validity FROM (
    SELECT m.account, m.id, greatest(a.uid_validity, $1::int8 - 1) + row_number() OVER (PARTITION BY m.account ORDER BY m.id)
      AS uid_validity
    FROM mailbox AS m JOIN mailbox_account AS a ON a.id = m.account
  ) AS renewed WHERE renewed.account = mailbox.account AND renewed.id = mailbox.id`;
const FOLLOW = `
  UPDATE mailbox_account AS a SET version = version + 1, uid_validity = greatest(uid_validity,
    (SELECT max(m.uid_validity) FROM mailbox AS m WHERE m.account = a.id))`;

/** Renews the UIDVALIDITY of all mailboxes, or of none. No server may work on them. Faults `store.unavailable`, `store.foreign`. */
export async function renewPostgresMailboxes(
  { url, applicationName = 'holdfast restore' }: PostgresMailboxesSettings,
  { clock }: { readonly clock: Pick<Clock, 'now'> },
): Promise<void> {
  const client = await new Connector({ url, applicationName }).connect('reader', within(CONNECT_MS));
  try {
    const { rows } = await client.query("SELECT to_regclass('mailbox_account') IS NOT NULL AS there");
    if (rows[0]?.there !== true) return;
    await client.query('BEGIN');
    await client.query(RENEW, [Math.floor(clock.now() / 1000)]);
    await client.query(FOLLOW);
    await client.query('COMMIT');
  } catch (error) {
    throw faultOf(error);
  } finally {
    await client.end().catch(() => {});
  }
}
