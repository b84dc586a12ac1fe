/** Everything that `changes` has to say, however many answers that takes. */
import type { AccountKey, MailboxId } from '#/model/index.ts';
import type { Changes, Mailboxes, Since } from '#/ports/index.ts';
import { soon } from './samples.ts';

/** The answers in their order; none where there is no such mailbox. */
export async function changesInParts(
  mailboxes: Mailboxes,
  account: AccountKey,
  mailbox: MailboxId,
  first: Since,
): Promise<Changes[]> {
  const parts: Changes[] = [];
  for (let since: Since | null = first; since !== null; ) {
    const part: Changes | null = await mailboxes.changes(account, mailbox, since, soon());
    if (part === null) return [];
    parts.push(part);
    since = part.next;
  }
  return parts;
}
