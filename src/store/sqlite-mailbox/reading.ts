/** What clients read of a mailbox: views, changes since a moment, rows. */
import type { Flag, ModSeq, Uid } from '#/model/index.ts';
import type { Parts, Since, View } from '#/ports/index.ts';
import { changedRowsMax, headInRowBytesMax } from '../mailbox/index.ts';
import type { Account } from './account.ts';
import { ENTRY_COLUMNS, EVERY_UID, type LiveEntry, liveEntries, liveRuns, loadUids } from './entries.ts';
import type { MailboxState } from './mailbox-table.ts';
import { joined } from './octets.ts';
import { type Output, ROW_NUMBERS, type WireFlags, type WireRows } from './protocol.ts';
import { type Run, runsOf, unpackRuns } from './uid-runs.ts';

type Flags = Pick<LiveEntry, 'uid' | 'modSeq' | 'flags'>;

/** How many of the newest entries are looked at in one step for those that are new. */
const STEP = 200;

export function viewOf(account: Account, mailbox: MailboxState): View {
  const uids = account.views.get(mailbox.id, () => loadUids(account.db, mailbox.id));
  const { uidNext, uidValidity, modSeq: highestModSeq } = mailbox;
  const { keywords } = account.mailboxes.keywords(mailbox.id);
  return { uids, uidNext, uidValidity, highestModSeq, keywords };
}

export function changesOf(account: Account, mailbox: MailboxState, since: Since): NonNullable<Output<'changes'>> {
  const { uidNext, modSeq: highestModSeq } = mailbox;
  const { modSeq, from = 1, limit = changedRowsMax } = since;
  const { touched, vanished, fresh } = whereIt(account, mailbox, since);
  const rows = modSeq >= highestModSeq ? [] : changedEntries(account, mailbox, cutBelow(touched, from), modSeq, limit);
  const behind = rows[limit];
  const told = new Set(since.told);
  const changed = rows.slice(0, limit).filter((row) => !told.has(row.modSeq));
  return {
    uidNext,
    highestModSeq,
    changed: packFlags(account, mailbox, changed),
    vanished: uidsOf(since.from === undefined ? vanished : []),
    next: behind === undefined ? null : { ...since, fresh, from: behind.uid },
  };
}

interface Where {
  /** All that changed lies in these, beside what did not. */
  readonly touched: readonly Run[];
  readonly vanished: readonly Run[];
  /** From here on everything is new. */
  readonly fresh: Uid;
}

function whereIt(account: Account, mailbox: MailboxState, since: Since): Where {
  if (since.modSeq >= mailbox.modSeq) return { touched: [], vanished: [], fresh: mailbox.uidNext };
  return since.modSeq < mailbox.toldSince ? everywhere(account, mailbox) : whereToldOf(account, mailbox, since);
}

// UIDs rise with modification sequences as entries come: what is new is the end of the mailbox, and what was touched is written down.
function whereToldOf(account: Account, mailbox: MailboxState, since: Since): Where {
  const happenings = account.db.all<{ modSeq: ModSeq; touched: Uint8Array | null; vanished: Uint8Array | null }>(
    'SELECT mod_seq AS modSeq, touched, vanished FROM happening WHERE mailbox = ? AND mod_seq > ?',
    mailbox.id,
    since.modSeq,
  );
  const told = new Set(since.told);
  const touchedBy = (some: typeof happenings): Run[] =>
    mergeRuns(some.flatMap(({ touched }) => (touched === null ? [] : unpackRuns(touched))));
  const fresh = since.fresh ?? firstFresh(account, mailbox, since.modSeq, touchedBy(happenings));
  const older = touchedBy(happenings.filter(({ modSeq }) => !told.has(modSeq)))
    .filter(([from]) => from < fresh)
    .map(([from, to]): Run => [from, Math.min(to, fresh - 1)]);
  const vanished = mergeRuns(happenings.flatMap((each) => (each.vanished === null ? [] : unpackRuns(each.vanished))));
  return { touched: [...older, [fresh, mailbox.uidNext]], vanished, fresh };
}

/** From the end on, until an entry is as it was; what was touched says nothing, and is listed anyway. */
function firstFresh(account: Account, mailbox: MailboxState, since: ModSeq, touched: readonly Run[]): Uid {
  let first = mailbox.uidNext;
  for (let below = mailbox.uidNext; ; ) {
    const around = touched.findLast(([from]) => from < below);
    if (around !== undefined && around[1] >= below - 1) {
      below = around[0];
      continue;
    }
    const rows = account.db.all<Pick<Flags, 'uid' | 'modSeq'>>(
      'SELECT uid, mod_seq AS modSeq FROM entry WHERE mailbox = ? AND uid < ? AND uid > ? ORDER BY uid DESC LIMIT ?',
      mailbox.id,
      below,
      around?.[1] ?? 0,
      STEP,
    );
    for (const { uid, modSeq } of rows) {
      if (modSeq <= since) return first;
      first = uid;
    }
    if (rows.length < STEP && around === undefined) return first;
    below = rows.length < STEP ? (around?.[1] ?? 0) + 1 : (rows.at(-1)?.uid ?? 0);
  }
}

/** One more than `limit` where there are more. */
function changedEntries(
  account: Account,
  mailbox: MailboxState,
  runs: readonly Run[],
  since: ModSeq,
  limit: number,
): Flags[] {
  const found: Flags[] = [];
  for (const [from, to] of runs) {
    if (found.length > limit) break;
    const rows = account.db.all<Flags>(
      `SELECT uid, mod_seq AS modSeq, flags FROM entry
       WHERE mailbox = ? AND uid BETWEEN ? AND ? AND mod_seq > ? AND gone_at IS NULL ORDER BY uid LIMIT ?`,
      mailbox.id,
      from,
      to,
      since,
      limit + 1 - found.length,
    );
    for (const row of rows) found.push(row);
  }
  return found;
}

function cutBelow(runs: readonly Run[], from: Uid): Run[] {
  return runs.filter(([, to]) => to >= from).map(([first, to]): Run => [Math.max(first, from), to]);
}

// RFC 7162 §3.2.5.2: who asks for what is no longer told one by one hears of every UID that is not there.
function everywhere(account: Account, mailbox: MailboxState): Where {
  const live = runsOf(account.views.get(mailbox.id, () => loadUids(account.db, mailbox.id)));
  const vanished: Run[] = [];
  let next = 1;
  for (const [from, to] of [...live, [mailbox.uidNext, mailbox.uidNext] as const]) {
    if (from > next) vanished.push([next, from - 1]);
    next = to + 1;
  }
  return { touched: EVERY_UID, vanished, fresh: mailbox.uidNext };
}

/** Rows of these UIDs, rising. */
export function rowsOf(account: Account, mailbox: MailboxState, uids: ArrayLike<Uid>, parts: Parts): WireRows {
  const rows = readRows(account, mailbox.id, liveRuns(account, mailbox.id, uids), parts);
  const flags = new FlagSets(account.mailboxes.keywords(mailbox.id));
  const numbers = new Float64Array(rows.length * ROW_NUMBERS);
  const facts: (string | null)[] = [];
  const heads: Uint8Array[] = [];
  let at = 0;
  for (const row of rows) {
    const { head = null } = row;
    if (parts.facts) facts.push(row.facts ?? null);
    if (head !== null) heads.push(head);
    numbers[at] = row.uid;
    numbers[at + 1] = row.modSeq;
    numbers[at + 2] = row.message;
    numbers[at + 3] = row.thread;
    numbers[at + 4] = row.receivedAt;
    numbers[at + 5] = row.savedAt;
    numbers[at + 6] = row.size;
    numbers[at + 7] = flags.placeOf(row.flags);
    numbers[at + 8] = head?.length ?? -1;
    numbers[at + 9] = row.headBytes ?? -1;
    at += ROW_NUMBERS;
  }
  return { numbers, sets: flags.sets, facts: parts.facts ? facts : null, heads: joined(heads) };
}

/** An entry, and of its message what was asked for; null where that is damaged. */
interface EntryRead extends LiveEntry {
  readonly facts?: string | null;
  readonly headBytes?: number | null;
  readonly head?: Uint8Array | null;
}

// RFC 9051 §6.4.5.1: what is too large for a row is read where it stands, in pieces.
const HEAD = `head_bytes AS headBytes, CASE WHEN head_bytes <= ${headInRowBytesMax} THEN substr(begin, 1, head_bytes) END AS head`;

function readRows(account: Account, mailbox: number, runs: readonly Run[], parts: Parts): EntryRead[] {
  if (!parts.facts && !parts.head) return liveEntries(account, mailbox, runs);
  const columns = [ENTRY_COLUMNS, ...(parts.facts ? ['facts'] : []), ...(parts.head ? [HEAD] : [])].join(', ');
  return runs.flatMap(([from, to]) =>
    account.db.all<EntryRead>(
      `SELECT ${columns} FROM entry LEFT JOIN message ON message.id = entry.message
       WHERE mailbox = ? AND uid BETWEEN ? AND ? AND gone_at IS NULL ORDER BY uid`,
      mailbox,
      from,
      to,
    ),
  );
}

/** Few messages have flags that no other has. */
class FlagSets {
  readonly sets: (readonly Flag[])[] = [];
  readonly #places = new Map<number, number>();
  readonly #keywords: { decode(flags: number): readonly Flag[] };

  constructor(keywords: { decode(flags: number): readonly Flag[] }) {
    this.#keywords = keywords;
  }

  placeOf(flags: number): number {
    return this.#places.getOrInsertComputed(flags, () => this.sets.push(this.#keywords.decode(flags)) - 1);
  }
}

/** As columns. */
export function packFlags(account: Account, mailbox: MailboxState, rows: readonly Flags[]): WireFlags {
  const flagSets = new FlagSets(account.mailboxes.keywords(mailbox.id));
  const packed = {
    uids: new Uint32Array(rows.length),
    modSeqs: new Float64Array(rows.length),
    setOf: new Uint32Array(rows.length),
  };
  for (const [i, { uid, modSeq, flags }] of rows.entries()) {
    packed.uids[i] = uid;
    packed.modSeqs[i] = modSeq;
    packed.setOf[i] = flagSets.placeOf(flags);
  }
  return { ...packed, sets: flagSets.sets };
}

/** Runs in any order, with overlaps, as runs that rise. */
function mergeRuns(runs: readonly Run[]): Run[] {
  const merged: [Uid, Uid][] = [];
  for (const [from, to] of runs.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && from <= last[1] + 1) last[1] = Math.max(last[1], to);
    else merged.push([from, to]);
  }
  return merged;
}

function uidsOf(runs: readonly Run[]): Uint32Array<ArrayBuffer> {
  const uids = new Uint32Array(runs.reduce((sum, [from, to]) => sum + to - from + 1, 0));
  let at = 0;
  for (const [from, to] of runs) for (let uid = from; uid <= to; uid++) uids[at++] = uid;
  return uids;
}
