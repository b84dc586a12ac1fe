/** What clients read of a mailbox: views, changes since a moment, rows. */
import type { Flag, ModSeq, Uid } from '#/model/index.ts';
import type { Parts, Since, View } from '#/ports/index.ts';
import { changedRowsMax, headInRowBytesMax } from '../mailbox/index.ts';
import type { Account } from './account.ts';
import { EVERY_UID, type LiveEntry, liveEntries, liveRuns, loadUids } from './entries.ts';
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
  const entries = liveEntries(account, mailbox.id, liveRuns(account, mailbox.id, uids));
  const read = parts.facts || parts.head ? readAll(account, entries, parts) : NOTHING_READ;
  const flags = new FlagSets(account.mailboxes.keywords(mailbox.id));
  const numbers = new Float64Array(entries.length * ROW_NUMBERS);
  const facts: (string | null)[] = [];
  const heads: Uint8Array[] = [];
  let at = 0;
  for (const { uid, modSeq, message, thread, receivedAt, savedAt, size, flags: bits } of entries) {
    const found = read.get(message);
    if (parts.facts) facts.push(found?.facts ?? null);
    const head = found?.head ?? null;
    if (head !== null) heads.push(head);
    const headBytes = parts.head ? (found?.headBytes ?? -1) : -1;
    const row = [
      uid,
      modSeq,
      message,
      thread,
      receivedAt,
      savedAt,
      size,
      flags.placeOf(bits),
      head?.length ?? -1,
      headBytes,
    ];
    numbers.set(row, at);
    at += ROW_NUMBERS;
  }
  return { numbers, sets: flags.sets, facts: parts.facts ? facts : null, heads: joined(heads) };
}

interface Read {
  readonly message: number;
  readonly facts: string | null;
  readonly headBytes: number;
  readonly head: Uint8Array | null;
}

const NOTHING_READ: ReadonlyMap<number, Read> = new Map();
/** Messages that nobody asked for are read along where that saves a statement; most come one after the other. */
const BRIDGED_MAX = 4;

function readAll(account: Account, entries: readonly LiveEntry[], parts: Parts): ReadonlyMap<number, Read> {
  const columns = `id AS message, ${parts.facts ? 'facts' : 'NULL AS facts'}, head_bytes AS headBytes,
    ${parts.head ? `CASE WHEN head_bytes <= ${headInRowBytesMax} THEN substr(begin, 1, head_bytes) END AS head` : 'NULL AS head'}`;
  const found = new Map<number, Read>();
  for (const [from, to] of bridged(runsOf(entries.map(({ message }) => message)))) {
    const rows = account.db.all<Read>(`SELECT ${columns} FROM message WHERE id BETWEEN ? AND ?`, from, to);
    for (const row of rows) found.set(row.message, row);
  }
  return found;
}

function bridged(runs: readonly Run[]): Run[] {
  const few: [number, number][] = [];
  for (const [from, to] of runs) {
    const last = few.at(-1);
    if (last !== undefined && from - last[1] <= BRIDGED_MAX) last[1] = to;
    else few.push([from, to]);
  }
  return few;
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
