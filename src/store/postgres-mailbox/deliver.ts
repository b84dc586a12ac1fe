/** Deliveries and appends: new messages come into mailboxes. */
import type { MailboxId, MailboxName, SpecialUse } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { AccountLimits, Appended, Delivered, Delivery, DeliveryKey, NewMessage } from '#/ports/index.ts';
import { INBOX, readName } from '../mailbox/index.ts';
import type { Prepared } from '../postgres/batch.ts';
import { int4Array, textArray } from '../postgres/binary-arrays.ts';
import type { MailboxRow } from './account-row.ts';
import { Arrivals } from './arrivals.ts';
import type { Change } from './change.ts';
import { SUBSCRIBE } from './folders.ts';
import { makeMailbox } from './make-mailbox.ts';

const FIND_KEYS: Prepared = {
  name: 'find-mailbox-deliveries',
  text: `SELECT d.message, d.recipient FROM unnest($2::text[], $3::int4[]) AS i (message, recipient)
    JOIN mailbox_delivery d ON d.account = $1::int8 AND d.message = i.message AND d.recipient = i.recipient`,
};
const INSERT_KEYS: Prepared = {
  name: 'insert-mailbox-deliveries',
  text: `INSERT INTO mailbox_delivery (account, message, recipient)
    SELECT $1::int8, i.* FROM unnest($2::text[], $3::int4[]) AS i`,
};
const FORGET_KEYS: Prepared = {
  name: 'forget-mailbox-deliveries',
  text: `DELETE FROM mailbox_delivery d USING unnest($2::text[], $3::int4[]) AS i (message, recipient)
    WHERE d.account = $1::int8 AND d.message = i.message AND d.recipient = i.recipient`,
};

/** Delivers all of them, each with a fate of its own. */
export async function deliver(change: Change, deliveries: readonly Delivery[]): Promise<readonly Delivered[]> {
  const keys = deliveries.map(({ key }) => key);
  const found = await change.rows(FIND_KEYS, ...keyColumns(keys));
  const there = new Set(found.map(([message, recipient]) => `${message} ${recipient}`));
  const targets = await targetsOf(change, deliveries);
  const arrivals = await Arrivals.begin(
    change,
    deliveries.map(({ mail }) => mail),
  );
  const stored: DeliveryKey[] = [];
  const answers = deliveries.map(({ key, mail, into, limits }): Delivered => {
    const text = `${key.message} ${key.recipient}`;
    if (there.has(text)) return { kind: 'already', used: change.account.bytes };
    if (isOver(change, mail.content.length, limits)) return { kind: 'over-quota', used: change.account.bytes };
    there.add(text);
    stored.push(key);
    arrivals.put(targets.of(into), change.nextModSeq(), mail);
    return { kind: 'stored', used: change.account.bytes };
  });
  arrivals.write();
  if (stored.length > 0) change.write(INSERT_KEYS, ...keyColumns(stored));
  return answers;
}

export function forgetDeliveries(change: Change, keys: readonly DeliveryKey[]): void {
  if (keys.length > 0) change.writeAside(FORGET_KEYS, ...keyColumns(keys));
}

/** All or none (RFC 3502). */
export async function append(
  change: Change,
  id: MailboxId,
  mails: readonly NewMessage[],
  limits: AccountLimits,
): Promise<Appended> {
  const mailbox = await change.mailbox(id);
  if (mailbox === null) return { kind: 'absent' };
  const bytes = mails.reduce((sum, { content }) => sum + content.length, 0);
  if (isOver(change, bytes, limits)) return { kind: 'over-quota' };
  const arrivals = await Arrivals.begin(change, mails);
  const modSeq = change.nextModSeq();
  const uids = mails.map((mail) => arrivals.put(mailbox, modSeq, mail));
  arrivals.write();
  return { kind: 'appended', uidValidity: mailbox.uidValidity, uids };
}

/** Whether so many octets more are too many. */
export function isOver({ account }: Change, bytes: number, { quotaBytes }: AccountLimits): boolean {
  return quotaBytes !== null && account.bytes + bytes > quotaBytes;
}

interface Targets {
  of(into: Delivery['into']): MailboxRow;
}

async function targetsOf(change: Change, deliveries: readonly Delivery[]): Promise<Targets> {
  const names = deliveries.map(({ into }) => nameOf(into) ?? INBOX);
  const uses = deliveries.flatMap(({ into }) => (typeof into === 'string' ? [] : [into.specialUse]));
  const found = await change.find([...new Set([INBOX, ...names])], [...new Set(uses)]);
  // Of two with one special use the older one: UIDVALIDITY rises with each that is made.
  const rows = [...found].sort((a, b) => a.uidValidity - b.uidValidity);
  const named = (name: string | null): MailboxRow | undefined => rows.find((row) => row.name === name);
  const made = (specialUse: SpecialUse): MailboxRow => {
    const name = specialUse as string as MailboxName;
    change.write(SUBSCRIBE, name);
    const row = makeMailbox(change, name, specialUse);
    rows.push(row);
    return row;
  };
  const ofUse = (use: SpecialUse): MailboxRow =>
    rows.find(({ specialUse }) => specialUse === use) ?? named(use) ?? made(use);
  return {
    of: (into) => {
      const row = typeof into === 'string' ? (named(nameOf(into)) ?? named(INBOX)) : ofUse(into.specialUse);
      if (row === undefined) throw new Fault('store.failed', 'An account has lost its INBOX.');
      return row;
    },
  };
}

function nameOf(into: Delivery['into']): MailboxName | null {
  return typeof into === 'string' ? readName(into) : (into.specialUse as string as MailboxName);
}

function keyColumns(keys: readonly DeliveryKey[]): [Buffer, Buffer] {
  return [textArray(keys.map(({ message }) => message)), int4Array(keys.map(({ recipient }) => recipient))];
}
