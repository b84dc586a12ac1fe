/** What clients read of a mailbox: views, changes since a moment, rows. */
import type { Flag, ModSeq, Uid } from '#/model/index.ts';
import type { Parts, View } from '#/ports/index.ts';
import type { Account } from './account.ts';
import { type LiveEntry, liveEntries, liveRuns, loadUids } from './entries.ts';
import type { MailboxState } from './mailbox-table.ts';
import { readOctets } from './messages.ts';
import { joined } from './octets.ts';
import type { Output, WireFlags, WireRow, WireRows } from './protocol.ts';
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

export function changesOf(account: Account, mailbox: MailboxState, since: ModSeq): NonNullable<Output<'changes'>> {
  const { uidNext, modSeq: highestModSeq } = mailbox;
  const { changed, vanished } =
    since >= highestModSeq
      ? { changed: [], vanished: [] }
      : since < mailbox.toldSince
        ? everything(account, mailbox, since)
        : whatHappened(account, mailbox, since);
  return {
    uidNext,
    highestModSeq,
    changed: packFlags(account, mailbox, changed),
    vanished: uidsOf(vanished),
  };
}

// UIDs rise with modification sequences as entries come: what is new is the end of the mailbox, and what was touched is written down.
function whatHappened(account: Account, mailbox: MailboxState, since: ModSeq): { changed: Flags[]; vanished: Run[] } {
  const happenings = account.db.all<{ touched: Uint8Array | null; vanished: Uint8Array | null }>(
    'SELECT touched, vanished FROM happening WHERE mailbox = ? AND mod_seq > ?',
    mailbox.id,
    since,
  );
  const fresh = freshEntries(account, mailbox, since);
  const firstFresh = fresh[0]?.uid ?? mailbox.uidNext;
  const touched = mergeRuns(happenings.flatMap((each) => (each.touched === null ? [] : unpackRuns(each.touched))));
  const older = touched
    .filter(([from]) => from < firstFresh)
    .map(([from, to]): Run => [from, Math.min(to, firstFresh - 1)]);
  const changed = liveEntries(account, mailbox.id, older).filter(({ modSeq }) => modSeq > since);
  const vanished = happenings.flatMap((each) => (each.vanished === null ? [] : unpackRuns(each.vanished)));
  return { changed: [...changed, ...fresh], vanished: mergeRuns(vanished) };
}

function freshEntries(account: Account, mailbox: MailboxState, since: ModSeq): Flags[] {
  const found: Flags[] = [];
  for (let below = mailbox.uidNext, isOver = false; !isOver; ) {
    const rows = account.db.all<Flags & { gone: number }>(
      `SELECT uid, mod_seq AS modSeq, flags, gone_at IS NOT NULL AS gone FROM entry
       WHERE mailbox = ? AND uid < ? ORDER BY uid DESC LIMIT ?`,
      mailbox.id,
      below,
      STEP,
    );
    for (const row of rows) {
      if (row.modSeq <= since) return found.reverse();
      if (row.gone === 0) found.push(row);
      below = row.uid;
    }
    isOver = rows.length < STEP;
  }
  return found.reverse();
}

// RFC 7162 §3.2.5.2: who asks for what is no longer told one by one hears of every UID that is not there.
function everything(account: Account, mailbox: MailboxState, since: ModSeq): { changed: Flags[]; vanished: Run[] } {
  const changed = account.db.all<Flags>(
    `SELECT uid, mod_seq AS modSeq, flags FROM entry WHERE mailbox = ? AND mod_seq > ? AND gone_at IS NULL ORDER BY uid`,
    mailbox.id,
    since,
  );
  const live = runsOf(account.views.get(mailbox.id, () => loadUids(account.db, mailbox.id)));
  const vanished: Run[] = [];
  let next = 1;
  for (const [from, to] of [...live, [mailbox.uidNext, mailbox.uidNext] as const]) {
    if (from > next) vanished.push([next, from - 1]);
    next = to + 1;
  }
  return { changed, vanished };
}

/** Rows of these UIDs, rising. */
export function rowsOf(account: Account, mailbox: MailboxState, uids: readonly Uid[], parts: Parts): WireRows {
  const keywords = account.mailboxes.keywords(mailbox.id);
  const heads: Uint8Array[] = [];
  const rows = liveEntries(account, mailbox.id, liveRuns(account, mailbox.id, uids)).map((entry): WireRow => {
    const { message, flags, ...rest } = entry;
    const read = parts.facts || parts.head ? readOf(account, message, parts) : NOTHING_READ;
    if (read.head !== null) heads.push(read.head);
    return {
      ...rest,
      message,
      flags: keywords.decode(flags),
      facts: read.facts,
      headBytes: read.head?.length ?? null,
    };
  });
  return { rows, heads: joined(heads) };
}

interface Read {
  readonly facts: string | null;
  readonly head: Uint8Array | null;
}

const NOTHING_READ: Read = { facts: null, head: null };

function readOf(account: Account, message: number, parts: Parts): Read {
  const row = account.db.get<{ facts: string | null; headBytes: number; head: Uint8Array | null }>(
    `SELECT CASE WHEN ?2 THEN facts END AS facts, head_bytes AS headBytes,
       CASE WHEN ?3 THEN substr(begin, 1, head_bytes) END AS head FROM message WHERE id = ?1`,
    message,
    parts.facts ? 1 : 0,
    parts.head ? 1 : 0,
  );
  if (row === undefined) return NOTHING_READ;
  const isWhole = row.head === null || row.head.length === row.headBytes;
  return { facts: row.facts, head: isWhole ? row.head : readOctets(account, message, 0, row.headBytes) };
}

/** As columns. */
export function packFlags(account: Account, mailbox: MailboxState, rows: readonly Flags[]): WireFlags {
  const keywords = account.mailboxes.keywords(mailbox.id);
  const sets: (readonly Flag[])[] = [];
  const places = new Map<number, number>();
  const packed = {
    uids: new Uint32Array(rows.length),
    modSeqs: new Float64Array(rows.length),
    setOf: new Uint32Array(rows.length),
  };
  for (const [i, { uid, modSeq, flags }] of rows.entries()) {
    let place = places.get(flags);
    if (place === undefined) {
      place = sets.push(keywords.decode(flags)) - 1;
      places.set(flags, place);
    }
    packed.uids[i] = uid;
    packed.modSeqs[i] = modSeq;
    packed.setOf[i] = place;
  }
  return { ...packed, sets };
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
