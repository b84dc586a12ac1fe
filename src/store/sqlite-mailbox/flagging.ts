/** STORE (RFC 9051 §6.4.6, RFC 7162 §3.1.3): flags of live messages, in one sweep a run. */
import type { Uid } from '#/model/index.ts';
import type { Account } from './account.ts';
import { type LiveEntry, liveEntries, liveRuns, tell } from './entries.ts';
import { DELETED, SEEN } from './keywords.ts';
import type { MailboxState } from './mailbox-table.ts';
import type { Input, Output } from './protocol.ts';
import { packFlags } from './reading.ts';

type Changed = Pick<LiveEntry, 'uid' | 'modSeq' | 'flags'>;

/** All bits that a number holds exactly. */
const EVERY = 2 ** 53 - 1;

export function flagEntries(account: Account, mailbox: MailboxState, { uids, change }: Input<'flag'>): Output<'flag'> {
  const keywords = account.mailboxes.keywords(mailbox.id);
  const until = change.unchangedSince ?? Number.MAX_SAFE_INTEGER;
  const found = liveEntries(account, mailbox.id, liveRuns(account, mailbox.id, uids));
  const modified = found.filter(({ modSeq }) => modSeq > until).map(({ uid }) => uid);
  const hit = found.filter(({ modSeq }) => modSeq <= until);
  const { bits, refused } = keywords.encode(hit.length === 0 ? [] : change.flags, change.how !== 'remove');
  const keep = change.how === 'add' ? EVERY : change.how === 'remove' ? EVERY - bits : 0;
  const set = change.how === 'remove' ? 0 : bits;
  const combined = new Map<number, number>();
  const touched: Uid[] = [];
  const rows = hit.map((before): Changed => {
    const flags = combined.getOrInsertComputed(before.flags, (each) => combine(each, keep, set));
    if (flags === before.flags) return before;
    touched.push(before.uid);
    count(mailbox, before.flags, flags);
    return { uid: before.uid, modSeq: 0, flags };
  });
  if (touched.length > 0) {
    tell(account, mailbox, touched, []);
    for (const [from, to] of liveRuns(account, mailbox.id, touched)) {
      account.db.run(
        `UPDATE entry SET flags = flags & ? | ?, mod_seq = ?
         WHERE mailbox = ? AND uid BETWEEN ? AND ? AND gone_at IS NULL`,
        keep,
        set,
        mailbox.modSeq,
        mailbox.id,
        from,
        to,
      );
    }
  }
  const told = rows.map((row) => (row.modSeq === 0 ? { ...row, modSeq: mailbox.modSeq } : row));
  const modSeq = touched.length > 0 ? mailbox.modSeq : null;
  return { rows: packFlags(account, mailbox, told), modified, refused, modSeq };
}

// Bitwise operators of the language hold 32 bits.
function combine(flags: number, keep: number, set: number): number {
  return Number((BigInt(flags) & BigInt(keep)) | BigInt(set));
}

function count(mailbox: MailboxState, before: number, after: number): void {
  mailbox.unseen += (before & SEEN) - (after & SEEN);
  mailbox.deleted += ((after & DELETED) - (before & DELETED)) / DELETED;
}
