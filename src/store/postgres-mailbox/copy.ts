/** Copying and moving (RFC 9051 §6.4.7, §6.4.8): entries come into the target in UID order, flags, dates and octets as they are. */
import type { EmailId, MailboxId, ModSeq, ThreadId, Uid } from '#/model/index.ts';
import type { AccountLimits, Copied } from '#/ports/index.ts';
import type { Fields, Prepared } from '../postgres/batch.ts';
import { int4Array, int8Array, textArray } from '../postgres/binary-arrays.ts';
import type { MailboxRow } from './account-row.ts';
import type { Change } from './change.ts';
import { risingUids, TOGETHER_MAX } from './checked.ts';
import { Entries } from './entries.ts';
import { DELETED, flagReader, hasBit, keepFlags, SEEN } from './flag-bits.ts';
import { vanish } from './leave.ts';

const COLUMNS = 'uid, flags, message, thread, received_at, size, uidl';
const QUALIFIED = COLUMNS.split(', ')
  .map((column) => `e.${column}`)
  .join(', ');
const FIND: Prepared = {
  name: 'find-entries-to-copy',
  text: `SELECT ${QUALIFIED} FROM unnest($3::int8[]) AS i (uid)
    JOIN mailbox_entry e ON e.account = $1::int8 AND e.mailbox = $2::text AND e.uid = i.uid ORDER BY e.uid`,
};
const TAKE: Prepared = {
  name: 'take-entries-to-move',
  text: `WITH gone AS (
      DELETE FROM mailbox_entry e USING unnest($3::int8[]) AS i (uid)
      WHERE e.account = $1::int8 AND e.mailbox = $2::text AND e.uid = i.uid RETURNING ${QUALIFIED}
    ) SELECT ${COLUMNS} FROM gone ORDER BY uid`,
};
const ADD_LIVE: Prepared = {
  name: 'add-live-entries',
  text: `UPDATE mailbox_message m SET live = m.live + i.n FROM unnest($2::text[], $3::int4[]) AS i (message, n)
    WHERE m.account = $1::int8 AND m.id = i.message`,
};
const ALL_UIDS: Prepared = {
  name: 'all-uids',
  text: 'SELECT uid FROM mailbox_entry WHERE account = $1::int8 AND mailbox = $2::text ORDER BY uid',
};

interface Source {
  readonly uid: Uid;
  readonly bits: number;
  readonly message: EmailId;
  readonly thread: ThreadId;
  readonly receivedAt: number;
  readonly size: number;
  readonly uidl: string | null;
}

export async function copy(
  change: Change,
  fromId: MailboxId,
  uids: readonly Uid[],
  toId: MailboxId,
  how: 'copy' | 'move',
  { quotaBytes }: AccountLimits,
): Promise<Copied> {
  const from = await change.mailbox(fromId);
  const to = await change.mailbox(toId);
  if (to === null) return { kind: 'absent' };
  const sources = from === null ? [] : await sourcesOf(change, from, uids, how === 'move' ? TAKE : FIND);
  const bytes = sources.reduce((sum, { size }) => sum + size, 0);
  // Copies take no octets; the bound is on entries.
  if (how === 'copy' && quotaBytes !== null && to.size + bytes > quotaBytes) return { kind: 'over-quota' };
  const placed = from === null ? [] : put(change, from, sources, to, how);
  return {
    kind: 'copied',
    uidValidity: to.uidValidity,
    from: sources.map(({ uid }) => uid),
    to: placed,
    modSeq: (from ?? to).modSeq,
  };
}

/** All messages of `from` go to `to` (RFC 9051 §6.3.6). */
export async function moveAll(change: Change, from: MailboxRow, to: MailboxRow): Promise<void> {
  const uids = (await change.rows(ALL_UIDS, from.id)).map(([uid]) => Number(uid));
  put(change, from, await sourcesOf(change, from, uids, TAKE), to, 'move');
}

async function sourcesOf(
  change: Change,
  from: MailboxRow,
  uids: readonly Uid[],
  statement: Prepared,
): Promise<Source[]> {
  const rising = risingUids(uids);
  const sources: Source[] = [];
  for (let at = 0; at < rising.length; at += TOGETHER_MAX) {
    const rows = await change.rows(statement, from.id, int8Array(rising.slice(at, at + TOGETHER_MAX)));
    for (const fields of rows) sources.push(readSource(fields));
  }
  return sources;
}

function put(
  change: Change,
  from: MailboxRow,
  sources: readonly Source[],
  to: MailboxRow,
  how: 'copy' | 'move',
): Uid[] {
  if (sources.length === 0) return [];
  const modSeq = change.nextModSeq();
  const flagsOf = flagReader(from.keywords);
  const entries = new Entries(change);
  const kept = new Map<number, number>();
  const placed = sources.map((source) => {
    const bits = kept.getOrInsertComputed(source.bits, () => keepFlags(to, flagsOf(source.bits)).bits);
    return entries.put(to, modSeq, { ...source, bits });
  });
  entries.write();
  if (how === 'copy') countLive(change, sources);
  else leave(change, from, modSeq, sources);
  return placed;
}

function leave(change: Change, from: MailboxRow, modSeq: ModSeq, sources: readonly Source[]): void {
  for (const { size, bits } of sources) {
    from.messages -= 1;
    from.size -= size;
    from.unseen -= hasBit(bits, SEEN) ? 0 : 1;
    from.deleted -= hasBit(bits, DELETED) ? 1 : 0;
  }
  vanish(
    change,
    from,
    modSeq,
    sources.map(({ uid }) => uid),
  );
}

function countLive(change: Change, sources: readonly Source[]): void {
  const counts = new Map<string, number>();
  for (const { message } of sources) counts.set(message, (counts.get(message) ?? 0) + 1);
  change.write(ADD_LIVE, textArray([...counts.keys()]), int4Array([...counts.values()]));
}

function readSource(fields: Fields): Source {
  return {
    uid: Number(fields[0]),
    bits: Number(fields[1]),
    message: (fields[2] ?? '') as EmailId,
    thread: (fields[3] ?? '') as ThreadId,
    receivedAt: Number(fields[4]),
    size: Number(fields[5]),
    uidl: fields[6] ?? null,
  };
}
