/**
 * Whether the tables came out of a dump. What was given since the dump was made is not known then: a UID of that time may be given again
 * for another message. So every mailbox gets a new UIDVALIDITY, and clients read anew (design 1, After a restore; RFC 9051 §2.3.1.1).
 *
 * The server's own number and that of a table say where tables are: a dump that is read in makes other tables, or is on another server. A standby that takes
 * over, and a server whose files were copied, are the same place.
 */
import type { Client } from 'pg';

const PLACE = `SELECT system_identifier || ':' || 'mailbox_account'::regclass::oid AS place FROM pg_control_system()`;
const RENEW = `
  WITH renewed AS (
    UPDATE mailbox m SET uid_validity = i.uid_validity FROM (
      SELECT b.account, b.id, greatest(a.uid_validity, $1::int8) + row_number() OVER (PARTITION BY b.account ORDER BY b.uid_validity)
        AS uid_validity
      FROM mailbox b JOIN mailbox_account a ON a.id = b.account
    ) i WHERE m.account = i.account AND m.id = i.id RETURNING m.account, m.uid_validity
  )
  UPDATE mailbox_account a SET version = version + 1, uid_validity = r.uid_validity
  FROM (SELECT account, max(uid_validity) AS uid_validity FROM renewed GROUP BY account) r WHERE a.id = r.account`;

/** Renews every UIDVALIDITY where the tables are in another place than when they were opened last. Of several hosts one does it. */
export async function settlePlace(client: Client, now: number): Promise<void> {
  await client.query('BEGIN; SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0');
  try {
    const [here] = (await client.query<{ place: string }>(PLACE)).rows;
    const [known] = (await client.query<{ place: string }>('SELECT place FROM mailbox_place FOR UPDATE')).rows;
    if (known?.place !== here?.place) {
      if (known?.place !== '') await client.query(RENEW, [Math.floor(now / 1000)]);
      await client.query('UPDATE mailbox_place SET place = $1', [here?.place]);
    }
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {});
    throw error;
  }
}
