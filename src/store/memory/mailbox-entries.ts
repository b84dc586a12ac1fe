/** Messages of an account of the model: how they come, change and go. */
import type { Flag, MailboxId, MailboxName, MailId, ModSeq, Uid } from '#/model/index.ts';
import type {
  AccountLimits,
  Appended,
  Copied,
  Delivered,
  Delivery,
  DeliveryKey,
  FlagChange,
  Flagged,
  NewMessage,
  PurgeStep,
  RecoverFilter,
} from '#/ports/index.ts';
import {
  changedFlags,
  checkedKeys,
  flagKey,
  isUidl,
  newEmailId,
  newThreadId,
  purgeLeftMax,
  readFlag,
  readName,
  threadKeys,
} from '../mailbox/index.ts';
import { recoverableEntries, shortRow } from './mailbox-reading.ts';
import type { Entry, MemoryMailbox, MemoryRows, Message } from './mailbox-rows.ts';
import { checkedCount, sizeOf } from './mailbox-rows.ts';

export function deliver(rows: MemoryRows, { key, mail, into, limits }: Delivery): Delivered {
  const { deliveries } = rows;
  const used = sizeOf(rows.liveMessages());
  if (deliveries.has(keyText(key))) return { kind: 'already', used };
  if (!fits(limits, used + mail.content.length)) return { kind: 'over-quota', used };
  deliveries.add(keyText(key));
  arrive(rows, target(rows, into), rows.nextModSeq(), mail);
  return { kind: 'stored', used: used + mail.content.length };
}

export function forgetDeliveries(rows: MemoryRows, keys: readonly DeliveryKey[]): void {
  for (const key of keys) rows.deliveries.delete(keyText(key));
}

export function delivered(rows: MemoryRows, keys: readonly DeliveryKey[]): readonly boolean[] {
  return checkedKeys(keys).map((key) => rows.deliveries.has(keyText(key)));
}

export function deliveriesBefore(
  rows: MemoryRows,
  before: MailId,
  after: DeliveryKey | null,
  limit: number,
): readonly DeliveryKey[] {
  const isBehind = (a: DeliveryKey, b: DeliveryKey): boolean =>
    a.message > b.message || (a.message === b.message && a.recipient > b.recipient);
  return [...rows.deliveries]
    .map(keyOf)
    .filter((key) => key.message < before && (after === null || isBehind(key, after)))
    .sort((a, b) => (isBehind(a, b) ? 1 : -1))
    .slice(0, checkedCount(limit));
}

export function append(rows: MemoryRows, id: MailboxId, mails: readonly NewMessage[], limits: AccountLimits): Appended {
  const mailbox = rows.mailboxes.get(id);
  if (mailbox === undefined) return { kind: 'absent' };
  const bytes = mails.reduce((sum, { content }) => sum + content.length, 0);
  if (!fits(limits, sizeOf(rows.liveMessages()) + bytes)) return { kind: 'over-quota' };
  const modSeq = rows.nextModSeq();
  const uids = mails.map((mail) => arrive(rows, mailbox, modSeq, mail));
  return { kind: 'appended', uidValidity: mailbox.uidValidity, uids };
}

export function flag(
  rows: MemoryRows,
  id: MailboxId,
  uids: readonly Uid[],
  { how, flags, unchangedSince }: FlagChange,
): Flagged {
  const entries = rows.live(id, uids);
  const isLate = ({ modSeq }: Entry): boolean => unchangedSince !== null && modSeq > unchangedSince;
  const hit = entries.filter((entry) => !isLate(entry));
  const modified = entries.filter(isLate).map(({ uid }) => uid);
  const mailbox = hit[0]?.mailbox;
  if (mailbox === undefined) return { rows: [], modified, refused: [], modSeq: null };
  const kept = how === 'remove' ? known(mailbox, flags) : rows.keep(mailbox, flags);
  const changes = hit.map((entry) => [entry, changedFlags(entry.flags, how, kept.flags)] as const);
  const changing = changes.filter(([, after]) => after !== null);
  if (changing.length > 0) mailbox.highestModSeq = rows.nextModSeq();
  for (const [entry, after] of changing) {
    entry.flags = after ?? entry.flags;
    entry.modSeq = mailbox.highestModSeq;
  }
  const modSeq = changing.length > 0 ? mailbox.highestModSeq : null;
  return { rows: hit.map(shortRow), modified, refused: kept.refused, modSeq };
}

export function copy(
  rows: MemoryRows,
  from: MailboxId,
  uids: readonly Uid[],
  to: MailboxId,
  how: 'copy' | 'move',
  limits: AccountLimits,
): Copied {
  const target = rows.mailboxes.get(to);
  if (target === undefined) return { kind: 'absent' };
  const entries = rows.live(from, uids);
  if (how === 'copy' && !fits(limits, bytesOf([...rows.live(to, null), ...entries]))) return { kind: 'over-quota' };
  const placed = place(rows, entries, target, how);
  const { uidValidity } = target;
  const modSeq = rows.mailboxes.get(from)?.highestModSeq ?? target.highestModSeq;
  return { kind: 'copied', uidValidity, from: entries.map(({ uid }) => uid), to: placed, modSeq };
}

export function expunge(
  rows: MemoryRows,
  id: MailboxId,
  uids: readonly Uid[] | null,
  regardless: boolean,
): { readonly uids: readonly Uid[]; readonly modSeq: ModSeq } {
  const entries = rows.live(id, uids).filter(({ flags }) => regardless || flags.has('\\Deleted'));
  rows.expunge(entries);
  return { uids: entries.map(({ uid }) => uid), modSeq: rows.mailboxes.get(id)?.highestModSeq ?? 0 };
}

export function recover(rows: MemoryRows, filter: RecoverFilter, limit: number): number {
  const entries = recoverableEntries(rows, filter, limit).reverse();
  if (entries.length === 0) return 0;
  const [modSeq, back] = [rows.nextModSeq(), new Set(entries)];
  rows.expunged = rows.expunged.filter((entry) => !back.has(entry));
  for (const entry of entries) {
    const target = rows.mailboxes.get(entry.mailbox.id) ?? rows.inbox;
    rows.add(target, modSeq, entry, entry.flags.difference(new Set(['\\Deleted'])));
  }
  return entries.length;
}

export function hold(rows: MemoryRows, held: boolean): void {
  rows.held = held;
}

export function purge(rows: MemoryRows, before: number, limit: number): PurgeStep {
  const { messages, expunged, held } = rows;
  const old = held ? [] : rows.expungedInOrder().filter(({ expungedAt }) => (expungedAt ?? before) < before);
  const gone = new Set(old.slice(0, checkedCount(limit)));
  rows.expunged = expunged.filter((entry) => !gone.has(entry));
  const needed = rows.needed();
  const freed = new Set([...gone].map(({ message }) => message)).difference(needed);
  for (const { id } of freed) messages.delete(id);
  const left = Math.min(old.length - gone.size, purgeLeftMax);
  return { messages: gone.size, bytes: sizeOf(freed), left, moreSpace: false };
}

export function retire(rows: MemoryRows, id: MailboxId, before: number, limit: number): number {
  const old = rows.live(id, null).filter(({ savedAt }) => savedAt < before);
  const gone = old.sort((a, b) => a.savedAt - b.savedAt || a.uid - b.uid).slice(0, checkedCount(limit));
  rows.expunge(gone.sort((a, b) => a.uid - b.uid));
  return gone.length;
}

function target(rows: MemoryRows, into: Delivery['into']): MemoryMailbox {
  if (typeof into === 'string') return rows.named(readName(into)) ?? rows.inbox;
  const { specialUse } = into;
  for (const mailbox of rows.mailboxes.values()) if (mailbox.specialUse === specialUse) return mailbox;
  const name = specialUse as string as MailboxName;
  const known = rows.named(name);
  if (known !== null) return known;
  rows.subscriptions.add(name);
  return rows.makeTree(name, specialUse);
}

function arrive(
  rows: MemoryRows,
  mailbox: MemoryMailbox,
  modSeq: ModSeq,
  { content, facts, flags, receivedAt, uidl }: NewMessage,
): Uid {
  const id = newEmailId(rows.clock.now());
  const message = {
    id,
    thread: thread(rows, facts),
    content: Uint8Array.from(content),
    facts: structuredClone(facts),
    uidl: isFree(rows, uidl) ? uidl : id,
  };
  rows.messages.set(id, message);
  return rows.add(mailbox, modSeq, { message, receivedAt }, flags);
}

function isFree(rows: MemoryRows, uidl: string | null): uidl is string {
  if (uidl === null || !isUidl(uidl)) return false;
  for (const message of rows.messages.values()) if (message.uidl === uidl) return false;
  return true;
}

function thread(rows: MemoryRows, facts: NewMessage['facts']): Message['thread'] {
  const { threads, clock } = rows;
  const keys = threadKeys(facts);
  const known = keys.find((key) => threads.has(key));
  const thread = (known === undefined ? undefined : threads.get(known)) ?? newThreadId(clock.now());
  for (const key of keys) threads.getOrInsert(key, thread);
  return thread;
}

export function place(rows: MemoryRows, entries: readonly Entry[], target: MemoryMailbox, how: 'copy' | 'move'): Uid[] {
  if (entries.length === 0) return [];
  const modSeq = rows.nextModSeq();
  const placed = entries.map((entry) => rows.add(target, modSeq, entry, entry.flags));
  if (how === 'move') rows.vanish(entries, modSeq);
  return placed;
}

function fits({ quotaBytes }: AccountLimits, bytes: number): boolean {
  return quotaBytes === null || bytes <= quotaBytes;
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { message }) => sum + message.content.length, 0);
}

function keyText({ message, recipient }: DeliveryKey): string {
  return `${message} ${recipient}`;
}

function keyOf(text: string): DeliveryKey {
  const at = text.lastIndexOf(' ');
  return { message: text.slice(0, at) as MailId, recipient: Number(text.slice(at + 1)) };
}

/** What is removed needs no room. */
function known(mailbox: MemoryMailbox, flags: readonly Flag[]): ReturnType<MemoryRows['keep']> {
  const spelled = flags.map((flag) => mailbox.keywords.get(flagKey(flag)) ?? readFlag(flag) ?? flag);
  return { flags: new Set(spelled), refused: [] };
}
