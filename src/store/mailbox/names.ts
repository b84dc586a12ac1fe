/** Names of mailboxes, as every keeper takes them (RFC 9051 §5.1). */
import { parseMailboxName } from '#/codec/imap/index.ts';
import type { MailboxName, SpecialUse } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import { levelsMax } from './limits.ts';

export const INBOX = 'INBOX' as MailboxName;

/** What an account is born with, all subscribed: clients that show subscriptions alone show these. */
export const BORN_MAILBOXES: readonly (readonly [name: MailboxName, use: SpecialUse | null])[] = [
  [INBOX, null],
  ...(['Archive', 'Drafts', 'Junk', 'Sent', 'Trash'] as const).map(
    (use) => [use as string as MailboxName, use] as const,
  ),
];

/** The name as it is kept: NFC, INBOX in capitals as the first level. Null where it can be none, or goes too deep. */
export function readName(text: string): MailboxName | null {
  const name = text.isWellFormed() && !text.endsWith('/') ? parseMailboxName(text) : null;
  return name !== null && name.split('/').length <= levelsMax ? name : null;
}

/** The name as it is kept; fault `mailbox.refused` where it can be none. */
export function checkedName(text: string): MailboxName {
  const name = readName(text);
  if (name === null) throw new Fault('mailbox.refused', 'It can be no name of a mailbox.');
  return name;
}

/** Order of lists: by octets of UTF-8, which is by code points, on every store alike. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
