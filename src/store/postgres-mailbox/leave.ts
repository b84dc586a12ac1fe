/** Messages leave a mailbox: expunged ones become recoverable, moved ones go on under other UIDs. Their UIDs are told as vanished (RFC 7162 §3.2.10). */
import type { ModSeq, Uid } from '#/model/index.ts';
import type { Fields, Prepared, StepValue } from '../postgres/batch.ts';
import { int8Array } from '../postgres/binary-arrays.ts';
import type { MailboxRow } from './account-row.ts';
import type { Change } from './change.ts';
import { risingUids, TOGETHER_MAX } from './checked.ts';
import { DELETED, SEEN } from './flag-bits.ts';

const KEPT_COLUMNS = 'message, thread, received_at, size, uidl, flags';

// What left, in one row: its UIDs, the counts of the mailbox, and messages with no live entry any more.
const expunging = (name: string, chosen: string): Prepared => ({
  name,
  text: `WITH chosen AS (${chosen}), gone AS (
      DELETE FROM mailbox_entry e USING chosen c WHERE e.account = $1::int8 AND e.mailbox = $2::text AND e.uid = c.uid
        AND ($3::text = 't' OR e.flags & ${DELETED} <> 0)
      RETURNING e.account, e.mailbox, e.uid, ${KEPT_COLUMNS.split(', ')
        .map((column) => `e.${column}`)
        .join(', ')}
    ), kept AS (
      INSERT INTO mailbox_expunged (account, mailbox, uid, mod_seq, expunged_at, ${KEPT_COLUMNS})
      SELECT account, mailbox, uid, $4::int8, $5::int8, ${KEPT_COLUMNS} FROM gone
    ), counted AS (
      UPDATE mailbox_message m SET live = m.live - g.n, expunged = m.expunged + g.n
      FROM (SELECT message, count(*)::int AS n FROM gone GROUP BY message) g
      WHERE m.account = $1::int8 AND m.id = g.message RETURNING m.live, m.size
    )
    SELECT coalesce(string_agg(uid::text, ',' ORDER BY uid), ''), coalesce(sum(size), 0),
      count(*) FILTER (WHERE flags & ${SEEN} = 0), count(*) FILTER (WHERE flags & ${DELETED} <> 0),
      (SELECT count(*) FROM counted WHERE live = 0), (SELECT coalesce(sum(size), 0) FROM counted WHERE live = 0)
    FROM gone`,
});
const EXPUNGE_UIDS = expunging('expunge-uids', 'SELECT uid FROM unnest($6::int8[]) AS i (uid)');
const EXPUNGE_NEXT = expunging(
  'expunge-next',
  `SELECT uid FROM mailbox_entry WHERE account = $1::int8 AND mailbox = $2::text AND uid > $6::int8
    AND ($3::text = 't' OR flags & ${DELETED} <> 0) ORDER BY uid LIMIT ${TOGETHER_MAX}`,
);
const FIND_OLD: Prepared = {
  name: 'find-retired-entries',
  text: `SELECT uid FROM mailbox_entry WHERE account = $1::int8 AND mailbox = $2::text AND saved_at < $3::int8
    ORDER BY saved_at, uid LIMIT $4::int8`,
};
const INSERT_VANISHED: Prepared = {
  name: 'insert-vanished',
  text: `INSERT INTO mailbox_vanished (account, mailbox, mod_seq, first, last, at)
    SELECT $1::int8, $2::text, $3::int8, i.first, i.last, $4::int8 FROM unnest($5::int8[], $6::int8[]) AS i (first, last)`,
};

/** Expunges those of `uids` (null: all) that have `\\Deleted`, or all of them where `regardless`. What went, rising. */
export async function expunge(
  change: Change,
  mailbox: MailboxRow,
  uids: readonly Uid[] | null,
  regardless: boolean,
): Promise<Uid[]> {
  if (mailbox.messages === 0 || (!regardless && mailbox.deleted === 0)) return [];
  // Taken only where something goes.
  const modSeq = change.account.modSeq + 1;
  const step = async (statement: Prepared, which: StepValue): Promise<Uid[]> => {
    const values = [mailbox.id, regardless ? 't' : 'f', modSeq, change.now, which];
    const [row = []] = await change.rows(statement, ...values);
    return count(change, mailbox, row);
  };
  const gone = uids === null ? await all(step) : await named(risingUids(uids), step);
  if (gone.length > 0) vanish(change, mailbox, change.nextModSeq(), gone);
  return gone;
}

type Step = (statement: Prepared, which: StepValue) => Promise<Uid[]>;

async function all(step: Step): Promise<Uid[]> {
  const gone: Uid[] = [];
  for (;;) {
    const some = await step(EXPUNGE_NEXT, gone.at(-1) ?? 0);
    for (const uid of some) gone.push(uid);
    if (some.length < TOGETHER_MAX) return gone;
  }
}

async function named(uids: readonly Uid[], step: Step): Promise<Uid[]> {
  const gone: Uid[] = [];
  for (let at = 0; at < uids.length; at += TOGETHER_MAX)
    for (const uid of await step(EXPUNGE_UIDS, int8Array(uids.slice(at, at + TOGETHER_MAX)))) gone.push(uid);
  return gone;
}

/** Expunges what came into the mailbox before `before`, at most `limit` messages. */
export async function retire(change: Change, mailbox: MailboxRow, before: number, limit: number): Promise<Uid[]> {
  const old = await change.rows(FIND_OLD, mailbox.id, before, limit);
  if (old.length === 0) return [];
  return await expunge(
    change,
    mailbox,
    old.map(([uid]) => Number(uid)),
    true,
  );
}

/** Says that these UIDs, rising, live no more. */
export function vanish(change: Change, mailbox: MailboxRow, modSeq: ModSeq, uids: readonly Uid[]): void {
  const { now } = change;
  const runs = runsOf(uids);
  const firsts = int8Array(runs.map(([first]) => first));
  const lasts = int8Array(runs.map(([, last]) => last));
  change.write(INSERT_VANISHED, mailbox.id, modSeq, now, firsts, lasts);
  mailbox.modSeq = modSeq;
  change.touch(mailbox);
}

function count({ account }: Change, mailbox: MailboxRow, row: Fields): Uid[] {
  const [uids = '', ...rest] = row;
  const [size = 0, unseen = 0, deleted = 0, messages = 0, bytes = 0] = rest.map(Number);
  const gone = uids === null || uids === '' ? [] : uids.split(',').map(Number);
  mailbox.messages -= gone.length;
  mailbox.size -= size;
  mailbox.unseen -= unseen;
  mailbox.deleted -= deleted;
  account.messages -= messages;
  account.bytes -= bytes;
  account.recoverableMessages += messages;
  account.recoverableBytes += bytes;
  return gone;
}

function runsOf(uids: readonly Uid[]): [first: Uid, last: Uid][] {
  const runs: [Uid, Uid][] = [];
  for (const uid of uids) {
    const run = runs.at(-1);
    if (run !== undefined && run[1] + 1 === uid) run[1] = uid;
    else runs.push([uid, uid]);
  }
  return runs;
}
