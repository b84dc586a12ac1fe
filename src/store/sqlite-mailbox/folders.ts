/** Mailboxes as a tree of names (RFC 9051 §6.3.4 to §6.3.7). */
import type { Mailbox, MailboxName, SpecialUse } from '#/model/index.ts';
import type { Created } from '#/ports/index.ts';
import type { Account } from './account.ts';
import { ALL, addEntry, expungeEntries, liveEntries, moveAway } from './entries.ts';
import { type MailboxState, shown } from './mailbox-table.ts';

const INBOX = 'INBOX' as MailboxName;

/** RFC 9051 §5.1: INBOX in any case. */
export function mailboxNamed(account: Account, name: MailboxName): MailboxState | null {
  return account.mailboxes.byName(name.toUpperCase() === INBOX ? INBOX : name);
}

export function listMailboxes(account: Account): Mailbox[] {
  const subscribed = new Set(subscriptions(account));
  return [...account.mailboxes.all]
    .map((mailbox) => shown(mailbox, subscribed.has(mailbox.name)))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

export function showMailbox(account: Account, mailbox: MailboxState): Mailbox {
  return shown(mailbox, isSubscribed(account, mailbox.name));
}

export function createMailbox(account: Account, name: MailboxName, specialUse: SpecialUse | null): Created {
  if (mailboxNamed(account, name) !== null) return { kind: 'exists' };
  for (const above of namesAbove(name)) {
    if (mailboxNamed(account, above) === null) account.mailboxes.create(above, null);
  }
  return { kind: 'created', mailbox: showMailbox(account, account.mailboxes.create(name, specialUse)) };
}

export function deleteMailbox(account: Account, name: MailboxName): 'deleted' | 'absent' | 'kept' {
  const mailbox = mailboxNamed(account, name);
  if (mailbox === null) return 'absent';
  if (mailbox.name === INBOX || below(account, mailbox.name).length > 0) return 'kept';
  expungeEntries(account, mailbox, [[1, 2 ** 32 - 1]], ALL);
  account.mailboxes.remove(mailbox);
  return 'deleted';
}

export function renameMailbox(
  account: Account,
  from: MailboxName,
  to: MailboxName,
): 'renamed' | 'absent' | 'exists' | 'refused' {
  const mailbox = mailboxNamed(account, from);
  if (mailbox === null) return 'absent';
  if (mailboxNamed(account, to) !== null) return 'exists';
  if (to.startsWith(`${mailbox.name}/`)) return 'refused';
  if (mailbox.name === INBOX) return emptyInbox(account, mailbox, to);
  const moved = [mailbox, ...below(account, mailbox.name)];
  for (const above of namesAbove(to)) {
    if (mailboxNamed(account, above) === null) account.mailboxes.create(above, null);
  }
  const names = moved.map((each) => [each, `${to}${each.name.slice(mailbox.name.length)}` as MailboxName] as const);
  account.mailboxes.rename(new Map(names));
  return 'renamed';
}

export function subscribe({ db }: Account, name: MailboxName, wanted: boolean): void {
  if (wanted) db.run('INSERT OR IGNORE INTO subscription (name) VALUES (?)', name);
  else db.run('DELETE FROM subscription WHERE name = ?', name);
}

export function subscriptions({ db }: Account): MailboxName[] {
  return db.all<{ name: MailboxName }>('SELECT name FROM subscription ORDER BY name').map(({ name }) => name);
}

// RFC 9051 §6.3.6: what it holds goes into a new mailbox, and INBOX stays.
function emptyInbox(account: Account, inbox: MailboxState, to: MailboxName): 'renamed' {
  createMailbox(account, to, null);
  const target = mailboxNamed(account, to);
  const entries = liveEntries(account, inbox.id, [[1, 2 ** 32 - 1]]);
  if (target === null || entries.length === 0) return 'renamed';
  const [theirs, ours] = [account.mailboxes.keywords(inbox.id), account.mailboxes.keywords(target.id)];
  for (const entry of entries) {
    addEntry(account, target, { ...entry, flags: ours.encode(theirs.decode(entry.flags), true).bits });
  }
  moveAway(account, inbox, entries);
  return 'renamed';
}

function isSubscribed({ db }: Account, name: MailboxName): boolean {
  return db.get('SELECT 1 AS there FROM subscription WHERE name = ?', name) !== undefined;
}

function below(account: Account, name: MailboxName): MailboxState[] {
  return [...account.mailboxes.all].filter((each) => each.name.startsWith(`${name}/`));
}

/** `a` and `a/b` of `a/b/c`. */
function namesAbove(name: MailboxName): MailboxName[] {
  const levels = name.split('/');
  return levels.slice(1).map((_, i) => levels.slice(0, i + 1).join('/') as MailboxName);
}
