/** COPY and MOVE (RFC 9051 §6.4.7, RFC 6851): entries of one mailbox come into another; the octets are shared. */
import type { Uid } from '#/model/index.ts';
import type { Account } from './account.ts';
import { addEntry, liveEntries, moveAway } from './entries.ts';
import type { MailboxState } from './mailbox-table.ts';
import type { Input, Output } from './protocol.ts';
import { share } from './sharing.ts';
import { runsOf } from './uid-runs.ts';

export function copyEntries(
  account: Account,
  from: MailboxState,
  to: MailboxState,
  { uids, how }: Pick<Input<'copy'>, 'uids' | 'how'>,
): Output<'copy'> {
  const entries = liveEntries(account, from.id, runsOf(uids));
  const [theirs, ours] = [account.mailboxes.keywords(from.id), account.mailboxes.keywords(to.id)];
  const translated = new Map<number, number>();
  const placed: Uid[] = [];
  for (const entry of entries) {
    let flags = translated.get(entry.flags);
    if (flags === undefined) {
      flags = ours.encode(theirs.decode(entry.flags), true).bits;
      translated.set(entry.flags, flags);
    }
    placed.push(addEntry(account, to, { ...entry, flags, savedAt: account.now }));
    if (how === 'copy') share(account, entry.message);
  }
  if (how === 'move' && entries.length > 0) moveAway(account, from, entries);
  return {
    kind: 'copied',
    uidValidity: to.uidValidity,
    from: entries.map(({ uid }) => uid),
    to: placed,
    modSeq: how === 'move' ? from.modSeq : to.modSeq,
  };
}
