/** STATUS (RFC 9051 §6.3.11, RFC 8438, RFC 7162 §3.1.7, RFC 8474 §4.3, RFC 7889 §4), and quotas (RFC 9208). */
import { formatQuota, formatQuotaRoot, formatStatus, type Reply, type StatusItem } from '#/codec/imap/index.ts';
import type { Mailbox } from '#/model/index.ts';
import * as answers from '../answers.ts';
import type { Session } from '../session.ts';
import { turnOnCondstore } from './session.ts';
import type { Verb } from './verb.ts';

export const status: Verb<'STATUS'> = async (command, session) => {
  const mailbox = await session.world.mailboxes.find(session.account, command.mailbox, session.call());
  if (mailbox === null) return answers.absent;
  sayStatus(mailbox, command.items, session);
  return answers.done;
};

/** One STATUS answer, for LIST too (RFC 5819 §2). */
export function sayStatus(mailbox: Mailbox, items: readonly StatusItem[], session: Session): void {
  // RFC 7162 §3.1.
  if (items.includes('highestmodseq')) turnOnCondstore(session);
  const values = items.map((item) => [item, statusValue(item, mailbox, session)] as const);
  session.output.say(formatStatus(mailbox.name, values, session.readsUtf8));
}

function statusValue(item: StatusItem, mailbox: Mailbox, session: Session): string | number {
  switch (item) {
    case 'messages':
      return mailbox.exists;
    case 'recent':
      return 0;
    case 'uidnext':
      return mailbox.uidNext;
    case 'uidvalidity':
      return mailbox.uidValidity;
    case 'unseen':
      return mailbox.unseen;
    case 'deleted':
      return mailbox.deleted;
    case 'size':
      return mailbox.size;
    case 'highestmodseq':
      return mailbox.highestModSeq;
    case 'mailboxid':
      return mailbox.id;
    case 'appendlimit':
      return session.world.settings.messageBytesMax;
  }
}

/** One quota root for the whole account; its name is empty. */
export const getQuota: Verb<'GETQUOTA'> = (command, session) =>
  command.root === '' ? sayQuota(session) : answers.noRoot;

export const getQuotaRoot: Verb<'GETQUOTAROOT'> = async (command, session) => {
  const mailbox = await session.world.mailboxes.find(session.account, command.mailbox, session.call());
  if (mailbox === null) return answers.absent;
  session.output.say(formatQuotaRoot(mailbox.name, '', session.readsUtf8));
  return sayQuota(session);
};

async function sayQuota(session: Session): Promise<Reply> {
  const { bytes: used } = await session.world.mailboxes.usage(session.account, session.call());
  session.output.say(formatQuota('', { used, limit: session.limits().quotaBytes }));
  return answers.done;
}
