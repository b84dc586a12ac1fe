/** What comes in: local delivery, exactly once by its key (design 1), and APPEND, all or none (RFC 3502). */
import type { MailboxName } from '#/model/index.ts';
import type { Account } from './account.ts';
import { addEntry } from './entries.ts';
import { inboxOf, mailboxNamed, makeTree, subscribe } from './folders.ts';
import type { MailboxState } from './mailbox-table.ts';
import { storeMessage } from './messages.ts';
import type { Input, Output, WireMessage } from './protocol.ts';

/** The content of a group, and where that of the running request begins. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly base: number;
}

export function deliver(account: Account, input: Input<'deliver'>, content: Content): Output<'deliver'> {
  const { db, state } = account;
  const { key, mail, into, limits } = input;
  const isNew = db.get(
    'INSERT OR IGNORE INTO delivery (message, recipient) VALUES (?, ?) RETURNING 1 AS new',
    key.message,
    key.recipient,
  );
  if (isNew === undefined) return { kind: 'already', used: state.liveBytes };
  if (limits.quotaBytes !== null && state.liveBytes + mail.size > limits.quotaBytes) {
    db.run('DELETE FROM delivery WHERE message = ? AND recipient = ?', key.message, key.recipient);
    return { kind: 'over-quota', used: state.liveBytes };
  }
  add(account, targetOf(account, into), mail, content);
  return { kind: 'stored', used: state.liveBytes };
}

export function append(
  account: Account,
  mailbox: MailboxState,
  input: Input<'append'>,
  content: Content,
): Output<'append'> {
  const { mails, limits } = input;
  const bytes = mails.reduce((sum, { size }) => sum + size, 0);
  if (limits.quotaBytes !== null && account.state.liveBytes + bytes > limits.quotaBytes) return { kind: 'over-quota' };
  account.changeModSeq();
  const uids = mails.map((mail) => add(account, mailbox, mail, content));
  return { kind: 'appended', uidValidity: mailbox.uidValidity, uids };
}

function add(account: Account, mailbox: MailboxState, mail: WireMessage, { bytes, base }: Content): number {
  const octets = bytes.subarray(base + mail.at, base + mail.at + mail.size);
  const { message, thread } = storeMessage(account, mail, octets);
  const { bits } = account.mailboxes.keywords(mailbox.id).encode(mail.flags, true);
  const { receivedAt, size } = mail;
  return addEntry(account, mailbox, { message, thread, flags: bits, receivedAt, savedAt: account.now, size });
}

// A delivery never fails for want of a mailbox: what is filtered into one that is gone is found in INBOX.
function targetOf(account: Account, into: Input<'deliver'>['into']): MailboxState {
  const { mailboxes } = account;
  if (typeof into === 'string') return mailboxNamed(account, into) ?? inboxOf(account);
  const name = into.specialUse as string as MailboxName;
  const found = mailboxes.byUse(into.specialUse) ?? mailboxes.byName(name);
  if (found !== null) return found;
  subscribe(account, name, true);
  return makeTree(account, name, into.specialUse);
}
