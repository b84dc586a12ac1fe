/** Changing flags (RFC 9051 §6.4.6), also only where they have not changed since (RFC 7162 §3.1.3). */
import type { Flag, MailboxId, ModSeq, Uid } from '#/model/index.ts';
import type { FlagChange, Flagged } from '#/ports/index.ts';
import type { Fields, Prepared } from '../postgres/batch.ts';
import { int8Array } from '../postgres/binary-arrays.ts';
import type { MailboxRow } from './account-row.ts';
import type { Change } from './change.ts';
import { risingUids, TOGETHER_MAX } from './checked.ts';
import { changedBits, DELETED, flagReader, hasBit, keepFlags, knownBits, SEEN } from './flag-bits.ts';

const FIND: Prepared = {
  name: 'find-flags',
  text: `SELECT e.uid, e.mod_seq, e.flags FROM unnest($3::int8[]) AS i (uid)
    JOIN mailbox_entry e ON e.account = $1::int8 AND e.mailbox = $2::text AND e.uid = i.uid ORDER BY e.uid`,
};
const SAVE: Prepared = {
  name: 'save-flags',
  text: `UPDATE mailbox_entry e SET mod_seq = $3::int8, flags = i.flags
    FROM unnest($4::int8[], $5::int8[]) AS i (uid, flags)
    WHERE e.account = $1::int8 AND e.mailbox = $2::text AND e.uid = i.uid`,
};

interface Row {
  readonly uid: Uid;
  readonly modSeq: ModSeq;
  readonly bits: number;
}

export async function flag(
  change: Change,
  id: MailboxId,
  uids: readonly Uid[],
  { how, flags, unchangedSince }: FlagChange,
): Promise<Flagged> {
  const mailbox = await change.mailbox(id);
  const found = mailbox === null ? [] : await rowsOf(change, mailbox, uids);
  const isLate = ({ modSeq }: Row): boolean => unchangedSince !== null && modSeq > unchangedSince;
  const modified = found.filter(isLate).map(({ uid }) => uid);
  const hit = found.filter((row) => !isLate(row));
  if (mailbox === null || hit.length === 0) return { rows: [], modified, refused: [], modSeq: null };
  const { bits, refused } = given(change, mailbox, how, flags);
  const rows = save(change, mailbox, hit, (now) => changedBits(now, how, bits));
  const flagsOf = flagReader(mailbox.keywords);
  return {
    rows: rows.map((row) => ({ uid: row.uid, modSeq: row.modSeq, flags: flagsOf(row.bits) })),
    modified,
    refused,
    modSeq: rows === hit ? null : mailbox.modSeq,
  };
}

async function rowsOf(change: Change, mailbox: MailboxRow, uids: readonly Uid[]): Promise<Row[]> {
  const rising = risingUids(uids);
  const rows: Row[] = [];
  for (let at = 0; at < rising.length; at += TOGETHER_MAX) {
    const found = await change.rows(FIND, mailbox.id, int8Array(rising.slice(at, at + TOGETHER_MAX)));
    for (const fields of found) rows.push(readRow(fields));
  }
  return rows;
}

// What is to be taken away need not be met first.
function given(
  change: Change,
  mailbox: MailboxRow,
  how: FlagChange['how'],
  flags: readonly Flag[],
): { readonly bits: number; readonly refused: readonly Flag[] } {
  if (how === 'remove') return { bits: knownBits(mailbox, flags), refused: [] };
  const { keywords } = mailbox;
  const kept = keepFlags(mailbox, flags);
  if (mailbox.keywords !== keywords) change.touch(mailbox);
  return kept;
}

function save(change: Change, mailbox: MailboxRow, hit: readonly Row[], next: (now: number) => number): readonly Row[] {
  if (hit.every(({ bits }) => next(bits) === bits)) return hit;
  const modSeq = change.nextModSeq();
  const rows = hit.map((row) => (next(row.bits) === row.bits ? row : { uid: row.uid, modSeq, bits: next(row.bits) }));
  for (const [at, { bits }] of rows.entries()) count(mailbox, hit[at]?.bits ?? bits, bits);
  mailbox.modSeq = modSeq;
  change.touch(mailbox);
  const changed = rows.filter((row, at) => row !== hit[at]);
  for (let at = 0; at < changed.length; at += TOGETHER_MAX) {
    const some = changed.slice(at, at + TOGETHER_MAX);
    change.write(
      SAVE,
      mailbox.id,
      modSeq,
      int8Array(some.map(({ uid }) => uid)),
      int8Array(some.map(({ bits }) => bits)),
    );
  }
  return rows;
}

function count(mailbox: MailboxRow, before: number, after: number): void {
  const of = (bits: number, bit: number): number => (hasBit(bits, bit) ? 1 : 0);
  mailbox.unseen += of(before, SEEN) - of(after, SEEN);
  mailbox.deleted += of(after, DELETED) - of(before, DELETED);
}

function readRow(fields: Fields): Row {
  return { uid: Number(fields[0]), modSeq: Number(fields[1]), bits: Number(fields[2]) };
}
