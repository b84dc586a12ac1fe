/** What comes in: local delivery, exactly once by its key (design 1), and APPEND, all or none (RFC 3502). */
import type { MailboxName } from '#/model/index.ts';
import type { Account } from './account.ts';
import { addEntry } from './entries.ts';
import { createMailbox, mailboxNamed } from './folders.ts';
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

// A delivery never fails for want of a mailbox: who filters mail into one that is gone finds it in INBOX.
function targetOf(account: Account, into: Input<'deliver'>['into']): MailboxState {
  const found = typeof into === 'string' ? mailboxNamed(account, into) : account.mailboxes.byUse(into.specialUse);
  if (found !== null) return found;
  const name = typeof into === 'string' ? 'INBOX' : into.specialUse;
  if (typeof into !== 'string') createMailbox(account, name as MailboxName, into.specialUse);
  const made = mailboxNamed(account, name as MailboxName) ?? account.mailboxes.byName('INBOX');
  if (made === null) throw new Error('INBOX is always there');
  return made;
}
