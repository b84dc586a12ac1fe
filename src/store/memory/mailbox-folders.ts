/** The mailboxes of an account of the model, as a tree of names. */
import type { MailboxName, SpecialUse } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Created } from '#/ports/index.ts';
import { checkedName, INBOX, mailboxesMax, namesBelow, planRename, readName } from '../mailbox/index.ts';
import { place } from './mailbox-entries.ts';
import { shown } from './mailbox-reading.ts';
import type { MemoryRows } from './mailbox-rows.ts';

export function create(rows: MemoryRows, given: MailboxName, specialUse: SpecialUse | null): Created {
  const name = checkedName(given);
  if (rows.named(name) !== null) return { kind: 'exists' };
  return { kind: 'created', mailbox: shown(rows, rows.makeTree(name, specialUse)) };
}

export function remove(rows: MemoryRows, name: MailboxName): 'deleted' | 'absent' | 'kept' {
  const mailbox = rows.named(readName(name));
  if (mailbox === null) return 'absent';
  if (mailbox.name === INBOX || namesBelow(rows.names(), mailbox.name).length > 0) return 'kept';
  rows.expunge([...mailbox.live.values()]);
  rows.mailboxes.delete(mailbox.id);
  return 'deleted';
}

export function rename(
  rows: MemoryRows,
  from: MailboxName,
  to: MailboxName,
): 'renamed' | 'absent' | 'exists' | 'refused' {
  const [source, target] = [rows.named(readName(from)), readName(to)];
  if (source === null) return 'absent';
  if (target === null) return 'refused';
  const plan = planRename(rows.names(), source.name, target);
  if (plan.kind !== 'renamed') return plan.kind;
  for (const name of plan.make) rows.make(name, null);
  const moving = plan.moves.map(([name, newName]) => [rows.named(name), newName] as const);
  for (const [mailbox, newName] of moving) if (mailbox !== null) mailbox.name = newName;
  const made = rows.named(target);
  if (source.name === INBOX && made !== null) place(rows, rows.live(source.id, null), made, 'move');
  return 'renamed';
}

export function subscribe(rows: MemoryRows, given: MailboxName, wanted: boolean): void {
  const { subscriptions } = rows;
  const name = checkedName(given);
  if (!wanted) subscriptions.delete(name);
  else if (subscriptions.has(name) || subscriptions.size < mailboxesMax) subscriptions.add(name);
  else throw new Fault('mailbox.refused', 'There are too many subscriptions.');
}
