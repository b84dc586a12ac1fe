/** Questions to one account: each is one statement, so that its answer is of one moment. */
import type { MessageFacts } from '#/codec/mime/index.ts';
import type { Call, EmailId, Mailbox, MailboxId, MailboxName, MailId, ModSeq, ThreadId, Uid } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type {
  AccountUsage,
  Changes,
  DeliveryKey,
  FullRow,
  Maildrop,
  Parts,
  Recoverable,
  RecoverFilter,
  Since,
  View,
} from '#/ports/index.ts';
import { changedRowsMax, headInRowBytesMax, INBOX, readName, rowsUidsMax } from '../mailbox/index.ts';
import { int8Array } from '../postgres/binary-arrays.ts';
import type { Sql } from '../postgres/sql.ts';
import { PIECE_BYTES } from './arrivals.ts';
import { checkedCount, idText, risingUids } from './checked.ts';
import { flagReader, wordsOf } from './flag-bits.ts';
import { EXPUNGED_FROM } from './recover.ts';

const MAILBOXES = `SELECT m.id, m.name, m.special_use AS "specialUse", s.name IS NOT NULL AS subscribed,
    m.uid_validity AS "uidValidity", m.uid_next AS "uidNext", m.mod_seq AS "highestModSeq", m.messages AS "exists",
    m.unseen, m.deleted, m.size
  FROM mailbox m LEFT JOIN mailbox_subscription s ON s.account = m.account AND s.name = m.name WHERE m.account = $1`;
const SUBSCRIPTIONS = 'SELECT name FROM mailbox_subscription WHERE account = $1 ORDER BY name';

// UIDs go over as four octets each: a hundred thousand of them are read in a moment.
const LIVE = `(SELECT string_agg(substring(int8send(e.uid) FROM 5), ''::bytea ORDER BY e.uid) FROM mailbox_entry e
  WHERE e.account = m.account AND e.mailbox = m.id)`;
const VIEW = `SELECT m.uid_next, m.uid_validity, m.mod_seq, m.keywords, (m.mod_seq, m.uid_next, m.messages) = ($3, $4, $5) AS known,
    CASE WHEN (m.mod_seq, m.uid_next, m.messages) <> ($3, $4, $5) THEN ${LIVE} END AS uids
  FROM mailbox m WHERE m.account = $1 AND m.id = $2`;
const CHANGES = `SELECT m.uid_next, m.mod_seq, m.forgotten > $3 AS forgotten, m.keywords,
    (SELECT json_agg(json_build_array(e.uid, e.mod_seq, e.flags) ORDER BY e.uid)::text FROM (
      SELECT e.uid, e.mod_seq, e.flags FROM mailbox_entry e
      WHERE e.account = m.account AND e.mailbox = m.id AND e.mod_seq > $3 AND e.uid >= $4 AND e.mod_seq <> ALL($5::int8[])
      ORDER BY e.uid LIMIT $6) AS e) AS changed,
    CASE WHEN m.forgotten > $3 AND $4 = 0 THEN ${LIVE} END AS live,
    (SELECT json_agg(json_build_array(v.first, v.last))::text FROM mailbox_vanished v
      WHERE v.account = m.account AND v.mailbox = m.id AND v.mod_seq > $3 AND $4 = 0) AS vanished
  FROM mailbox m WHERE m.account = $1 AND m.id = $2`;
const HEAD = `CASE WHEN f.head_bytes <= ${headInRowBytesMax} THEN (SELECT string_agg(p.octets, ''::bytea ORDER BY p.at)
  FROM mailbox_piece p WHERE p.account = e.account AND p.message = e.message AND p.at < f.head_bytes) END`;
const ROW_COLUMNS = `e.uid, e.mod_seq, e.flags, e.message, e.thread, e.received_at, e.saved_at, e.size,
  (SELECT m.keywords FROM mailbox m WHERE m.account = $1 AND m.id = $2) AS keywords`;
const ROWS_FROM =
  'FROM unnest($3::int8[]) AS i (uid) JOIN mailbox_entry e ON e.account = $1 AND e.mailbox = $2 AND e.uid = i.uid';
const OCTETS = `SELECT m.size, p.at, substring(p.octets FROM greatest($3::int8 - p.at, 0)::int + 1 FOR
      least($4::int8 - greatest($3::int8, p.at), ${PIECE_BYTES})::int) AS octets
  FROM mailbox_message m LEFT JOIN mailbox_piece p ON p.account = m.account AND p.message = m.id
    AND p.at > $3::int8 - ${PIECE_BYTES} AND p.at < $4::int8
  WHERE m.account = $1 AND m.id = $2 ORDER BY p.at`;
const MAILDROP = `SELECT m.id, e.uid, coalesce(e.uidl, e.message) AS uidl, e.size, e.message FROM mailbox m
  LEFT JOIN mailbox_entry e ON e.account = m.account AND e.mailbox = m.id
  WHERE m.account = $1 AND m.name = $2 ORDER BY e.uid`;
const DELIVERED = `SELECT d.message IS NOT NULL AS there FROM unnest($2::text[], $3::int4[]) WITH ORDINALITY AS i (message, recipient, n)
  LEFT JOIN mailbox_delivery d ON d.account = $1 AND d.message = i.message AND d.recipient = i.recipient ORDER BY i.n`;
const DELIVERIES = `SELECT message, recipient FROM mailbox_delivery
  WHERE account = $1 AND message < $2 AND (message, recipient) > ($3, $4) ORDER BY message, recipient LIMIT $5`;
const USAGE = `SELECT messages, bytes, recoverable_messages AS "recoverableMessages",
    recoverable_bytes AS "recoverableBytes", held
  FROM mailbox_account WHERE id = $1`;
const RECOVERABLE = `SELECT x.*, f.facts FROM (
    SELECT coalesce(m.name, g.name, '') AS name, x.account, x.uid, x.message, x.thread, x.size, x.expunged_at, x.mod_seq
    ${EXPUNGED_FROM} WHERE x.account = $1 AND x.expunged_at >= $2 AND ($3 = '' OR coalesce(m.name, g.name) = $3)
    ORDER BY x.expunged_at DESC, x.mod_seq DESC, x.uid DESC LIMIT $4
  ) x JOIN mailbox_facts f ON f.account = x.account AND f.message = x.message
  ORDER BY x.expunged_at DESC, x.mod_seq DESC, x.uid DESC`;

export async function delivered(
  sql: Sql,
  account: number,
  keys: readonly DeliveryKey[],
  call: Call,
): Promise<readonly boolean[]> {
  const columns = [keys.map(({ message }) => message), keys.map(({ recipient }) => recipient)];
  const rows = await sql.rows<{ there: boolean }>(DELIVERED, [account, ...columns], call);
  return rows.map(({ there }) => there);
}

export async function deliveriesBefore(
  sql: Sql,
  account: number,
  asked: { readonly before: MailId; readonly after: DeliveryKey | null; readonly limit: number },
  call: Call,
): Promise<DeliveryKey[]> {
  const { before, after, limit } = asked;
  const behind = [after?.message ?? '', after?.recipient ?? 0];
  return await sql.rows<DeliveryKey>(DELIVERIES, [account, before, ...behind, limit], call);
}

export async function list(sql: Sql, account: number, call: Call): Promise<Mailbox[]> {
  return await sql.rows<Mailbox>(`${MAILBOXES} ORDER BY m.name`, [account], call);
}

export async function find(sql: Sql, account: number, given: MailboxName, call: Call): Promise<Mailbox | null> {
  const name = readName(given);
  if (name === null) return null;
  const [row] = await sql.rows<Mailbox>(`${MAILBOXES} AND m.name = $2`, [account, name], call);
  return row ?? null;
}

export async function subscriptions(sql: Sql, account: number, call: Call): Promise<MailboxName[]> {
  const rows = await sql.rows<{ name: MailboxName }>(SUBSCRIPTIONS, [account], call);
  return rows.map(({ name }) => name);
}

type ViewRow = {
  known: boolean;
  uid_next: number;
  uid_validity: number;
  mod_seq: number;
  keywords: string;
  uids: Buffer | null;
};

/** `known` is what was read last: it is the answer where nothing has changed; a new keyword is a change too. */
export async function view(
  sql: Sql,
  account: number,
  mailbox: MailboxId,
  known: View | null,
  call: Call,
): Promise<View | null> {
  const [row] = await sql.rows<ViewRow>(
    VIEW,
    [account, idText(mailbox), known?.highestModSeq ?? 0, known?.uidNext ?? 0, known?.uids.length ?? 0],
    call,
  );
  if (row === undefined) return null;
  if (row.known && known !== null) return known;
  const uids = readUids(row.uids);
  const { uid_next: uidNext, uid_validity: uidValidity, mod_seq: highestModSeq } = row;
  return { uids, uidNext, uidValidity, highestModSeq, keywords: wordsOf(row.keywords) };
}

type ChangesRow = {
  uid_next: number;
  mod_seq: number;
  forgotten: boolean;
  keywords: string;
  changed: string | null;
  live: Buffer | null;
  vanished: string | null;
};
type ChangedRow = [uid: Uid, modSeq: ModSeq, bits: number];

export async function changes(
  sql: Sql,
  account: number,
  mailbox: MailboxId,
  since: Since,
  call: Call,
): Promise<Changes | null> {
  const { modSeq: after, told = [], from = 0, limit = changedRowsMax } = since;
  const values = [account, idText(mailbox), after, from, int8Array(told), limit + 1];
  const [row] = await sql.rows<ChangesRow>(CHANGES, values, call);
  if (row === undefined) return null;
  const flagsOf = flagReader(row.keywords);
  const found = (JSON.parse(row.changed ?? '[]') as ChangedRow[]).map(([uid, modSeq, bits]) => {
    return { uid, modSeq, flags: flagsOf(bits) };
  });
  const behind = found[limit];
  const runs = JSON.parse(row.vanished ?? '[]') as [Uid, Uid][];
  const vanished = row.forgotten && from === 0 ? missing(readUids(row.live), row.uid_next) : spread(runs);
  return {
    uidNext: row.uid_next,
    highestModSeq: row.mod_seq,
    changed: found.slice(0, limit),
    vanished,
    next: behind === undefined ? null : { ...since, from: behind.uid },
  };
}

type RowRow = {
  uid: number;
  mod_seq: number;
  flags: number;
  keywords: string;
  message: EmailId;
  thread: ThreadId;
  received_at: number;
  saved_at: number;
  size: number;
  facts?: string;
  head?: Buffer | null;
  head_bytes?: number;
};

export async function rows(
  sql: Sql,
  account: number,
  mailbox: MailboxId,
  uids: readonly Uid[],
  parts: Parts,
  call: Call,
): Promise<FullRow[]> {
  if (uids.length > rowsUidsMax) throw new Fault('mailbox.refused', `At most ${rowsUidsMax} UIDs in one call.`);
  const columns = [
    ROW_COLUMNS,
    ...(parts.facts ? ['f.facts'] : []),
    ...(parts.head ? [`${HEAD} AS head, f.head_bytes`] : []),
  ];
  const join =
    parts.facts || parts.head ? 'JOIN mailbox_facts f ON f.account = e.account AND f.message = e.message' : '';
  const text = `SELECT ${columns.join(', ')} ${ROWS_FROM} ${join} ORDER BY e.uid`;
  const found = await sql.rows<RowRow>(text, [account, idText(mailbox), risingUids(uids)], call);
  const flagsOf = flagReader(found[0]?.keywords ?? '');
  return found.map((row) => ({
    uid: row.uid,
    modSeq: row.mod_seq,
    flags: flagsOf(row.flags),
    emailId: row.message,
    threadId: row.thread,
    receivedAt: row.received_at,
    savedAt: row.saved_at,
    size: row.size,
    facts: row.facts === undefined ? null : (JSON.parse(row.facts) as MessageFacts),
    head: headOf(row),
    headBytes: row.head_bytes ?? null,
  }));
}

function headOf({ head, head_bytes: bytes }: RowRow): Uint8Array | null {
  if (bytes === undefined || bytes > headInRowBytesMax) return null;
  return head ?? new Uint8Array();
}

/** At most `bytes` octets from `from` on. Fault `body.missing` where the message is not there. */
export async function octets(
  sql: Sql,
  account: number,
  message: EmailId,
  from: number,
  bytes: number,
  call: Call,
): Promise<Uint8Array> {
  const end = Math.min(checkedCount(from) + checkedCount(bytes), Number.MAX_SAFE_INTEGER);
  type PieceRow = { size: number; octets: Buffer | null };
  const found = await sql.rows<PieceRow>(OCTETS, [account, idText(message), from, end], call);
  const [first] = found;
  if (first === undefined) throw new Fault('body.missing');
  const read = Buffer.concat(found.flatMap((row) => (row.octets === null ? [] : [row.octets])));
  // O4: never a short answer, whatever has become of a piece.
  const wanted = Math.max(0, Math.min(first.size, end) - from);
  if (read.length !== wanted) throw new Fault('body.missing', 'Some of its octets are not there.');
  return read;
}

export async function maildrop(sql: Sql, account: number, call: Call): Promise<Maildrop> {
  type DropRow = { id: MailboxId; uid: number | null; uidl: string; size: number; message: EmailId };
  const found = await sql.rows<DropRow>(MAILDROP, [account, INBOX], call);
  const [first] = found;
  if (first === undefined) throw new Fault('store.failed', 'An account has lost its INBOX.');
  const messages = found.flatMap(({ uid, uidl, size, message }) =>
    uid === null ? [] : [{ uid, uidl, size, emailId: message }],
  );
  return { mailbox: first.id, messages };
}

export async function usage(sql: Sql, account: number, call: Call): Promise<AccountUsage> {
  const [row] = await sql.rows<AccountUsage>(USAGE, [account], call);
  if (row === undefined) throw new Fault('store.failed', 'An account that is known is not there.');
  return row;
}

type RecoverableRow = {
  name: MailboxName;
  uid: number;
  message: EmailId;
  thread: ThreadId;
  size: number;
  expunged_at: number;
  facts: string;
};

export async function recoverable(
  sql: Sql,
  account: number,
  { since, mailbox }: RecoverFilter,
  limit: number,
  call: Call,
): Promise<Recoverable[]> {
  const name = mailbox === null ? '' : readName(mailbox);
  if (name === null) return [];
  const values = [account, since ?? Number.MIN_SAFE_INTEGER, name, checkedCount(limit)];
  const found = await sql.rows<RecoverableRow>(RECOVERABLE, values, call);
  return found.map(({ name: shownName, uid, message, thread, size, expunged_at, facts }) => {
    const { subject, from } = JSON.parse(facts) as MessageFacts;
    return {
      mailbox: shownName,
      uid,
      emailId: message,
      threadId: thread,
      size,
      expungedAt: expunged_at,
      subject,
      from,
    };
  });
}

function readUids(octetsOfUids: Buffer | null): Uint32Array {
  const uids = new Uint32Array((octetsOfUids?.length ?? 0) / 4);
  for (let at = 0; at < uids.length; at++) uids[at] = octetsOfUids?.readUInt32BE(at * 4) ?? 0;
  return uids;
}

/** Every UID below `uidNext` that is not among these. */
function missing(live: Uint32Array, uidNext: Uid): Uint32Array {
  const gone = new Uint32Array(uidNext - 1 - live.length);
  let [at, next] = [0, 0];
  for (let uid = 1; uid < uidNext; uid++) {
    if (live[next] === uid) next += 1;
    else gone[at++] = uid;
  }
  return gone;
}

function spread(runs: readonly (readonly [first: Uid, last: Uid])[]): Uint32Array {
  const uids = new Uint32Array(runs.reduce((sum, [first, last]) => sum + last - first + 1, 0));
  let at = 0;
  for (const [first, last] of runs) for (let uid = first; uid <= last; uid++) uids[at++] = uid;
  return uids.sort();
}
