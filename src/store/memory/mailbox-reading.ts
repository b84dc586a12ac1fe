/** What is read of an account of the model. What is handed out is nobody's living object. */
import type { EmailId, Mailbox, MailboxId, MailboxName, MessageRow, Uid } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type {
  AccountUsage,
  Changes,
  FullRow,
  Maildrop,
  Parts,
  Recoverable,
  RecoverFilter,
  Since,
  TextPart,
  View,
} from '#/ports/index.ts';
import {
  changedRowsMax,
  compareNames,
  headInRowBytesMax,
  holdsPhrase,
  readName,
  rowsUidsMax,
} from '../mailbox/index.ts';
import type { Entry, MemoryMailbox, MemoryRows } from './mailbox-rows.ts';
import { checkedCount, shownMailbox, shownRow, sizeOf } from './mailbox-rows.ts';

export function list(rows: MemoryRows): readonly Mailbox[] {
  const { mailboxes } = rows;
  return [...mailboxes.values()].map((each) => shown(rows, each)).sort((a, b) => compareNames(a.name, b.name));
}

export function find(rows: MemoryRows, name: MailboxName): Mailbox | null {
  const mailbox = rows.named(readName(name));
  return mailbox === null ? null : shown(rows, mailbox);
}

export function subscriptions(rows: MemoryRows): readonly MailboxName[] {
  return [...rows.subscriptions].sort(compareNames);
}

export function view(rows: MemoryRows, id: MailboxId): View | null {
  const mailbox = rows.mailboxes.get(id);
  if (mailbox === undefined) return null;
  const { uidNext, uidValidity, highestModSeq, live, keywords } = mailbox;
  return { uids: Uint32Array.from(live.keys()), uidNext, uidValidity, highestModSeq, keywords: [...keywords.values()] };
}

export function changes(rows: MemoryRows, id: MailboxId, since: Since): Changes | null {
  const mailbox = rows.mailboxes.get(id);
  if (mailbox === undefined) return null;
  const { uidNext, highestModSeq, live, vanished } = mailbox;
  const { modSeq: after, told = [], from = 0, limit = changedRowsMax } = since;
  const gone = from > 0 ? [] : vanished.filter(({ modSeq }) => modSeq > after).map(({ uid }) => uid);
  const all = [...live.values()].filter(({ uid, modSeq }) => uid >= from && modSeq > after && !told.includes(modSeq));
  const behind = all[limit];
  const next = behind === undefined ? null : { ...since, from: behind.uid };
  const changed = all.slice(0, limit).map(shortRow);
  return { uidNext, highestModSeq, changed, vanished: Uint32Array.from(gone).sort(), next };
}

export function rows(rows: MemoryRows, mailbox: MailboxId, uids: readonly Uid[], parts: Parts): readonly FullRow[] {
  if (uids.length > rowsUidsMax) throw new Fault('mailbox.refused', `At most ${rowsUidsMax} UIDs in one call.`);
  return rows.live(mailbox, uids).map((entry) => {
    const { facts, content } = entry.message;
    const headBytes = facts.structure.body;
    return {
      ...shownRow(entry),
      facts: parts.facts ? { ...structuredClone(facts), headTerms: [], bodyTerms: [] } : null,
      head: parts.head && headBytes <= headInRowBytesMax ? content.slice(0, headBytes) : null,
      headBytes: parts.head ? headBytes : null,
    };
  });
}

export function octets(rows: MemoryRows, message: EmailId, from: number, bytes: number): Uint8Array {
  const content = rows.messages.get(message)?.content;
  const [begin, end] = [checkedCount(from), from + checkedCount(bytes)];
  if (content === undefined) throw new Fault('body.missing');
  return content.slice(begin, end);
}

export function holding(rows: MemoryRows, id: MailboxId, phrase: readonly string[], where: TextPart): readonly Uid[] {
  const holds = ({ message: { facts } }: Entry): boolean =>
    holdsPhrase(facts.bodyTerms, phrase) || (where === 'text' && holdsPhrase(facts.headTerms, phrase));
  return rows
    .live(id, null)
    .filter(holds)
    .map(({ uid }) => uid);
}

export function maildrop(rows: MemoryRows): Maildrop {
  const { id, live } = rows.inbox;
  const messages = [...live.values()].map(({ uid, message }) => {
    return { uid, uidl: message.uidl, size: message.content.length, emailId: message.id };
  });
  return { mailbox: id, messages };
}

export function usage(rows: MemoryRows): AccountUsage {
  const live = rows.liveMessages();
  const recoverable = rows.needed().difference(live);
  return {
    messages: live.size,
    bytes: sizeOf(live),
    recoverableMessages: recoverable.size,
    recoverableBytes: sizeOf(recoverable),
    held: rows.held,
  };
}

export function recoverable(rows: MemoryRows, filter: RecoverFilter, limit: number): readonly Recoverable[] {
  return recoverableEntries(rows, filter, limit).map(({ mailbox, uid, message, expungedAt }) => ({
    mailbox: mailbox.name,
    uid,
    emailId: message.id,
    threadId: message.thread,
    size: message.content.length,
    expungedAt: expungedAt ?? 0,
    subject: message.facts.subject,
    from: message.facts.from,
  }));
}

export function shown(rows: MemoryRows, mailbox: MemoryMailbox): Mailbox {
  return shownMailbox(mailbox, rows.subscriptions.has(mailbox.name));
}

export function recoverableEntries(rows: MemoryRows, { since, mailbox }: RecoverFilter, limit: number): Entry[] {
  const name = mailbox === null ? null : readName(mailbox);
  return rows
    .expungedInOrder()
    .filter(({ expungedAt }) => since === null || (expungedAt ?? 0) >= since)
    .filter((entry) => mailbox === null || entry.mailbox.name === name)
    .reverse()
    .slice(0, checkedCount(limit));
}

export function shortRow(entry: Entry): Pick<MessageRow, 'uid' | 'modSeq' | 'flags'> {
  const { uid, modSeq, flags } = shownRow(entry);
  return { uid, modSeq, flags };
}
