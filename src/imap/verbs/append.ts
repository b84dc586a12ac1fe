/** APPEND (RFC 9051 §6.3.12): its messages have arrived; they are kept all or none (RFC 3502 §6.3.11). */
import { appendUid, type Reply, reply } from '#/codec/imap/index.ts';
import type { MailboxName } from '#/model/index.ts';
import type { NewMessage } from '#/ports/index.ts';
import * as answers from '../answers.ts';
import type { Session } from '../session.ts';

export async function append(name: MailboxName, mails: readonly NewMessage[], session: Session): Promise<Reply> {
  const { mailboxes } = session.world;
  const mailbox = await mailboxes.find(session.account, name, session.call());
  if (mailbox === null) return answers.createFirst;
  const outcome = await mailboxes.append(session.account, mailbox.id, mails, session.limits(), session.call());
  if (outcome.kind !== 'appended') return outcome.kind === 'absent' ? answers.createFirst : answers.overQuota;
  if (session.selected?.id === mailbox.id) session.selected.touched();
  // RFC 4315 §3.
  return reply('OK', appendUid(outcome.uidValidity, outcome.uids), 'Kept');
}
