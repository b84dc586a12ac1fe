/** COPY and MOVE (RFC 9051 §6.4.7, RFC 6851): entries of one mailbox come into another; the octets are shared. */
import type { Uid } from '#/model/index.ts';
import type { Account } from './account.ts';
import { addEntry, type LiveEntry, liveEntries, liveRuns, moveAway } from './entries.ts';
import type { MailboxState } from './mailbox-table.ts';
import type { Input, Output } from './protocol.ts';
import { share } from './sharing.ts';

export function copyEntries(
  account: Account,
  from: MailboxState | null,
  to: MailboxState,
  { uids, how, limits }: Pick<Input<'copy'>, 'uids' | 'how' | 'limits'>,
): Output<'copy'> {
  const entries = from === null ? [] : liveEntries(account, from.id, liveRuns(account, from.id, uids));
  // Octets count once, but without a bound a mailbox of copies would grow for ever.
  const size = entries.reduce((sum, entry) => sum + entry.size, to.size);
  if (how === 'copy' && limits.quotaBytes !== null && size > limits.quotaBytes) return { kind: 'over-quota' };
  const placed = from === null ? [] : place(account, from, entries, to, how);
  const { uidValidity } = to;
  return { kind: 'copied', uidValidity, from: entries.map(({ uid }) => uid), to: placed, modSeq: (from ?? to).modSeq };
}

/** Gives entries of one mailbox another place in their order, under the time of now as the time of coming. */
export function place(
  account: Account,
  from: MailboxState,
  entries: readonly LiveEntry[],
  to: MailboxState,
  how: 'copy' | 'move',
): Uid[] {
  const [theirs, ours] = [account.mailboxes.keywords(from.id), account.mailboxes.keywords(to.id)];
  const translated = new Map<number, number>();
  const placed = entries.map((entry) => {
    const { flags: before, message } = entry;
    const flags = translated.getOrInsertComputed(before, () => ours.encode(theirs.decode(before), true).bits);
    if (how === 'copy') share(account, message);
    return addEntry(account, to, { ...entry, flags, savedAt: account.now });
  });
  if (how === 'move' && entries.length > 0) moveAway(account, from, entries);
  return placed;
}
