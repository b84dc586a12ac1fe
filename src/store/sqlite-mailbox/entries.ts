/** Entries of mailboxes: how they come, go and are counted. Every count of a mailbox and of the account changes here and nowhere else. */
import type { Uid } from '#/model/index.ts';
import type { Account } from './account.ts';
import type { Database } from './database.ts';
import { DELETED, SEEN } from './keywords.ts';
import type { MailboxState } from './mailbox-table.ts';
import { becomeGone } from './sharing.ts';
import { packRuns, type Run, runsOf } from './uid-runs.ts';

/** What an entry says beside its place. */
export interface Entry {
  readonly message: number;
  readonly thread: number;
  readonly flags: number;
  readonly receivedAt: number;
  readonly savedAt: number;
  readonly size: number;
}

export interface LiveEntry extends Entry {
  readonly uid: Uid;
  readonly modSeq: number;
}

/** Of a `LiveEntry`, also beside the columns of its message. */
export const ENTRY_COLUMNS = `uid, message, thread, flags, mod_seq AS modSeq, received_at AS receivedAt, saved_at AS savedAt,
  entry.size`;

/** Live entries of a mailbox by these runs, rising. */
export function liveEntries(account: Account, mailbox: number, runs: readonly Run[]): LiveEntry[] {
  const found: LiveEntry[] = [];
  for (const [from, to] of runs) {
    const rows = account.db.all<LiveEntry>(
      `SELECT ${ENTRY_COLUMNS} FROM entry WHERE mailbox = ? AND uid BETWEEN ? AND ? AND gone_at IS NULL`,
      mailbox,
      from,
      to,
    );
    for (const row of rows) found.push(row);
  }
  return found;
}

/** A few gaps cost less than a look at what lives. */
const GAPS_MAX = 8;

/** These UIDs as few runs: what lives in them is what was named, and a mailbox with a thousand gaps is read in one sweep like any other. */
export function liveRuns(account: Account, mailbox: number, uids: ArrayLike<Uid>): readonly Run[] {
  const runs = runsOf(uids);
  return runs.length <= GAPS_MAX ? runs : account.views.bridge(mailbox, runs, () => loadUids(account.db, mailbox));
}

/** Adds an entry under the next UID, as part of the running change. Its message is counted by who brings it. */
export function addEntry(account: Account, mailbox: MailboxState, entry: Entry): Uid {
  const { message, thread, flags, receivedAt, savedAt, size } = entry;
  const modSeq = account.changeModSeq();
  const changing = account.mailboxes.change(mailbox);
  const uid = changing.uidNext++;
  account.coverUid(uid);
  account.db.run(
    'INSERT INTO entry VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)',
    changing.id,
    uid,
    message,
    thread,
    flags,
    modSeq,
    receivedAt,
    savedAt,
    size,
  );
  changing.modSeq = modSeq;
  changing.exists += 1;
  changing.size += size;
  if ((flags & SEEN) === 0) changing.unseen += 1;
  if ((flags & DELETED) !== 0) changing.deleted += 1;
  account.views.add(changing.id, uid);
  return uid;
}

/** Every UID that can be. */
export const EVERY_UID: readonly Run[] = [[1, 2 ** 32 - 1]];

/**
 * Expunges live entries of these runs, or those of them that have `\Deleted`: they become recoverable. One change for all of them, none
 * where nothing is hit. Their UIDs, rising.
 */
export function expungeEntries(
  account: Account,
  mailbox: MailboxState,
  runs: readonly Run[],
  which: 'all' | 'deleted',
): Uid[] {
  if (which === 'deleted' && mailbox.deleted === 0) return [];
  const gone: Uid[] = [];
  for (const run of runs) for (const uid of expungeRun(account, mailbox, run, which)) gone.push(uid);
  if (gone.length > 0) vanish(account, mailbox, gone);
  return gone;
}

// One text of all UIDs crosses over from SQLite ten times faster than a row each, and one statement changes them all.
function expungeRun(account: Account, mailbox: MailboxState, run: Run, which: 'all' | 'deleted'): Uint32Array {
  const where = `mailbox = ?1 AND uid BETWEEN ?2 AND ?3 AND gone_at IS NULL
    ${which === 'deleted' ? `AND flags & ${DELETED} <> 0` : ''}`;
  const values = [mailbox.id, ...run] as const;
  const row = account.db.get<Counts & { uids: string | null }>(
    `SELECT group_concat(uid) AS uids, ${COUNTS} FROM (SELECT uid, size, flags FROM entry WHERE ${where} ORDER BY uid)`,
    ...values,
  );
  if (row === undefined || row.uids === null) return new Uint32Array();
  becomeGone(account, row, where, values);
  account.db.run(
    `UPDATE entry SET gone_at = ?4, mod_seq = ?5 WHERE ${where}`,
    ...values,
    account.now,
    account.changeModSeq(),
  );
  take(account.mailboxes.change(mailbox), row);
  return parseUids(row.uids);
}

/** Takes entries out of a mailbox for good, because they are elsewhere now (RFC 6851). Their messages stay as they are counted. */
export function moveAway(account: Account, mailbox: MailboxState, entries: readonly LiveEntry[]): void {
  const counts = { count: entries.length, size: 0, unseen: 0, deleted: 0 };
  for (const { uid, size, flags } of entries) {
    account.db.run('DELETE FROM entry WHERE mailbox = ? AND uid = ?', mailbox.id, uid);
    counts.size += size;
    if ((flags & SEEN) === 0) counts.unseen += 1;
    if ((flags & DELETED) !== 0) counts.deleted += 1;
  }
  take(account.mailboxes.change(mailbox), counts);
  vanish(
    account,
    mailbox,
    entries.map(({ uid }) => uid),
  );
}

/** Writes down which entries a change has touched, for those who ask later. */
export function tell(account: Account, mailbox: MailboxState, touched: readonly Uid[], vanished: readonly Uid[]): void {
  const modSeq = account.changeModSeq();
  account.mailboxes.change(mailbox).modSeq = modSeq;
  account.hasTold(mailbox.id);
  account.db.run(
    `INSERT INTO happening (mailbox, mod_seq, touched, vanished) VALUES (?, ?, ?, ?)`,
    mailbox.id,
    modSeq,
    touched.length === 0 ? null : packRuns(runsOf(touched)),
    vanished.length === 0 ? null : packRuns(runsOf(vanished)),
  );
}

export interface Counts {
  readonly count: number;
  readonly size: number;
  readonly unseen: number;
  readonly deleted: number;
}

const COUNTS = `count(*) AS count, total(size) AS size, total(flags & ${SEEN} = 0) AS unseen,
  total(flags & ${DELETED} <> 0) AS deleted`;

function take(mailbox: MailboxState, { count, size, unseen, deleted }: Counts): void {
  mailbox.exists -= count;
  mailbox.size -= size;
  mailbox.unseen -= unseen;
  mailbox.deleted -= deleted;
}

function vanish(account: Account, mailbox: MailboxState, uids: readonly Uid[]): void {
  tell(account, mailbox, [], uids);
  account.views.remove(mailbox.id, uids);
}

/** The live UIDs of a mailbox, rising. */
export function loadUids(db: Database, mailbox: number): Uint32Array {
  const row = db.get<{ uids: string | null }>(
    `SELECT group_concat(uid) AS uids FROM
       (SELECT uid FROM entry WHERE mailbox = ? AND gone_at IS NULL ORDER BY uid)`,
    mailbox,
  );
  return parseUids(row?.uids ?? '');
}

/** Numbers with commas between. Written out: this is most of what a view of 100,000 costs. */
function parseUids(text: string): Uint32Array {
  const uids = new Uint32Array(Math.ceil(text.length / 2));
  let count = 0;
  let uid = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === COMMA) {
      uids[count++] = uid;
      uid = 0;
    } else uid = uid * 10 + code - ZERO;
  }
  if (text.length > 0) uids[count++] = uid;
  // A part of it would keep all of it in memory, and be counted as less (`UidList.bytes`).
  return uids.slice(0, count);
}

const COMMA = 44;
const ZERO = 48;
