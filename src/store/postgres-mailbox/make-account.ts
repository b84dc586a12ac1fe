/** An account comes to be, with INBOX and the usual special-use mailboxes. */
import type { AccountKey } from '#/model/index.ts';
import { BORN_MAILBOXES, newMailboxId, nextUidValidity } from '../mailbox/index.ts';
import type { Prepared, Step } from '../postgres/batch.ts';
import { int8Array, textArray } from '../postgres/binary-arrays.ts';

// Another host may make it at the same time: the second one waits, finds it made, and adds nothing.
const MAKE: Prepared = {
  name: 'make-mailbox-account',
  text: `WITH made AS (
      INSERT INTO mailbox_account (tenant, address, version, mod_seq, uid_validity, held, messages, bytes,
        recoverable_messages, recoverable_bytes)
      VALUES ($1::text, $2::text, 1, cardinality($4::text[]), $3::int8, false, 0, 0, 0, 0)
      ON CONFLICT (tenant, address) DO NOTHING RETURNING id
    ), subscribed AS (
      INSERT INTO mailbox_subscription (account, name) SELECT made.id, unnest($5::text[]) FROM made
    )
    INSERT INTO mailbox (account, id, name, special_use, uid_validity, uid_next, mod_seq, forgotten, messages, unseen,
      deleted, size, keywords)
    SELECT made.id, i.id, i.name, i.special_use, i.uid_validity, 1, i.n, 0, 0, 0, 0, 0, ''
    FROM made, unnest($4::text[], $5::text[], $6::text[], $7::int8[])
      WITH ORDINALITY AS i (id, name, special_use, uid_validity, n)`,
};

export function makeAccountSteps({ tenant, address }: AccountKey, now: number): Step[] {
  const names = BORN_MAILBOXES.map(([name]) => name);
  const uses = BORN_MAILBOXES.map(([, use]) => use);
  const first = nextUidValidity(now, 0);
  const validities = names.map((_, at) => first + at);
  const values = [
    tenant,
    address,
    first + names.length - 1,
    textArray(names.map(() => newMailboxId(now))),
    textArray(names),
    textArray(uses),
    int8Array(validities),
  ];
  return [{ statement: MAKE, values }];
}
