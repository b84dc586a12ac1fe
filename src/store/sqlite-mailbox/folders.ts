/** Mailboxes as a tree of names (RFC 9051 §6.3.4 to §6.3.7). The rules of names are those of `store/mailbox`. */
import type { Mailbox, MailboxName, SpecialUse } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Created } from '#/ports/index.ts';
import {
  checkedName,
  compareNames,
  INBOX,
  mailboxesMax,
  namesBelow,
  namesToMake,
  planRename,
  readName,
} from '../mailbox/index.ts';
import type { Account } from './account.ts';
import { place } from './copying.ts';
import { EVERY_UID, expungeEntries, liveEntries } from './entries.ts';
import { type MailboxState, shown } from './mailbox-table.ts';

/** RFC 9051 §5.1: INBOX in any case. */
export function mailboxNamed({ mailboxes }: Account, given: MailboxName): MailboxState | null {
  const name = readName(given);
  return name === null ? null : mailboxes.byName(name);
}

export function inboxOf({ mailboxes }: Account): MailboxState {
  const inbox = mailboxes.byName(INBOX);
  if (inbox === null) throw new Fault('store.failed', 'An account has no INBOX.');
  return inbox;
}

export function listMailboxes(account: Account): Mailbox[] {
  const subscribed = new Set(subscriptions(account));
  return [...account.mailboxes.all]
    .map((mailbox) => shown(mailbox, subscribed.has(mailbox.name)))
    .sort((a, b) => compareNames(a.name, b.name));
}

export function showMailbox({ db }: Account, mailbox: MailboxState): Mailbox {
  return shown(mailbox, db.get('SELECT 1 AS there FROM subscription WHERE name = ?', mailbox.name) !== undefined);
}

export function createMailbox(account: Account, given: MailboxName, specialUse: SpecialUse | null): Created {
  const name = checkedName(given);
  if (account.mailboxes.byName(name) !== null) return { kind: 'exists' };
  return { kind: 'created', mailbox: showMailbox(account, makeTree(account, name, specialUse)) };
}

/** A mailbox that is not there, and what is missing above it. */
export function makeTree({ mailboxes }: Account, name: MailboxName, specialUse: SpecialUse | null): MailboxState {
  for (const each of namesToMake(mailboxes.names(), name)) {
    if (each !== name) mailboxes.create(each, null);
  }
  return mailboxes.create(name, specialUse);
}

export function deleteMailbox(account: Account, name: MailboxName): 'deleted' | 'absent' | 'kept' {
  const { mailboxes } = account;
  const mailbox = mailboxNamed(account, name);
  if (mailbox === null) return 'absent';
  if (mailbox.name === INBOX || namesBelow(mailboxes.names(), mailbox.name).length > 0) return 'kept';
  expungeEntries(account, mailbox, EVERY_UID, 'all');
  mailboxes.remove(mailbox);
  return 'deleted';
}

export function renameMailbox(
  account: Account,
  from: MailboxName,
  to: MailboxName,
): 'renamed' | 'absent' | 'exists' | 'refused' {
  const { mailboxes } = account;
  const [source, target] = [mailboxNamed(account, from), readName(to)];
  if (source === null) return 'absent';
  if (target === null) return 'refused';
  const plan = planRename(mailboxes.names(), source.name, target);
  if (plan.kind !== 'renamed') return plan.kind;
  for (const name of plan.make) mailboxes.create(name, null);
  const moves = plan.moves.map(([name, newName]) => [mailboxes.byName(name), newName] as const);
  mailboxes.rename(moves.flatMap(([mailbox, name]) => (mailbox === null ? [] : [[mailbox, name] as const])));
  const made = mailboxes.byName(target);
  // RFC 9051 §6.3.6: what INBOX holds goes into the new mailbox, and INBOX stays.
  if (source.name === INBOX && made !== null) {
    place(account, source, liveEntries(account, source.id, EVERY_UID), made, 'move');
  }
  return 'renamed';
}

export function subscribe({ db }: Account, given: MailboxName, wanted: boolean): void {
  const name = checkedName(given);
  if (!wanted) {
    db.run('DELETE FROM subscription WHERE name = ?', name);
    return;
  }
  const row = db.get<{ n: number }>('SELECT count(*) AS n FROM subscription WHERE name <> ?', name);
  if ((row?.n ?? 0) >= mailboxesMax) throw new Fault('mailbox.refused', 'There are too many subscriptions.');
  db.run('INSERT OR IGNORE INTO subscription (name) VALUES (?)', name);
}

export function subscriptions({ db }: Account): MailboxName[] {
  return db.all<{ name: MailboxName }>('SELECT name FROM subscription ORDER BY name').map(({ name }) => name);
}
