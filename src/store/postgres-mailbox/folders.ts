/** Making, deleting and renaming mailboxes, and subscriptions (RFC 9051 §6.3.4 to §6.3.8). */
import type { MailboxName, SpecialUse } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Created } from '#/ports/index.ts';
import { checkedName, INBOX, mailboxesMax, namesBelow, namesToMake, planRename, readName } from '../mailbox/index.ts';
import type { Prepared } from '../postgres/batch.ts';
import { textArray } from '../postgres/binary-arrays.ts';
import type { MailboxRow } from './account-row.ts';
import { shown } from './account-row.ts';
import type { Change } from './change.ts';
import { moveAll } from './copy.ts';
import { expunge } from './leave.ts';
import { makeMailbox } from './make-mailbox.ts';

const DELETE: Prepared = {
  name: 'delete-mailbox',
  text: 'DELETE FROM mailbox WHERE account = $1::int8 AND id = $2::text',
};
const DELETE_VANISHED: Prepared = {
  name: 'delete-vanished-of-mailbox',
  text: 'DELETE FROM mailbox_vanished WHERE account = $1::int8 AND mailbox = $2::text',
};
const RENAME: Prepared = {
  name: 'rename-mailboxes',
  text: `UPDATE mailbox m SET name = i.name FROM unnest($2::text[], $3::text[]) AS i (id, name)
    WHERE m.account = $1::int8 AND m.id = i.id`,
};
const IS_SUBSCRIBED: Prepared = {
  name: 'is-subscribed',
  text: 'SELECT 1 FROM mailbox_subscription WHERE account = $1::int8 AND name = $2::text',
};
export const SUBSCRIBE: Prepared = {
  name: 'subscribe-mailbox',
  text: 'INSERT INTO mailbox_subscription (account, name) VALUES ($1::int8, $2::text) ON CONFLICT DO NOTHING',
};
const UNSUBSCRIBE: Prepared = {
  name: 'unsubscribe-mailbox',
  text: 'DELETE FROM mailbox_subscription WHERE account = $1::int8 AND name = $2::text',
};
const KEEP_GONE: Prepared = {
  name: 'keep-gone-mailbox',
  text: `INSERT INTO mailbox_gone (account, id, name, keywords) VALUES ($1::int8, $2::text, $3::text, $4::text)`,
};
const COUNT_SUBSCRIPTIONS: Prepared = {
  name: 'count-subscriptions',
  text: 'SELECT count(*), coalesce(bool_or(name = $2::text), false) FROM mailbox_subscription WHERE account = $1::int8',
};

export async function create(change: Change, given: MailboxName, specialUse: SpecialUse | null): Promise<Created> {
  const name = checkedName(given);
  const names = namesOf(await change.mailboxes());
  if (names.has(name)) return { kind: 'exists' };
  for (const each of namesToMake(names, name)) makeMailbox(change, each, each === name ? specialUse : null);
  const row = await named(change, name);
  if (row === null) throw new Fault('store.failed', 'A mailbox that was made is not there.');
  const subscribed = (await change.rows(IS_SUBSCRIBED, name)).length > 0;
  return { kind: 'created', mailbox: shown(row, subscribed) };
}

export async function remove(change: Change, given: MailboxName): Promise<'deleted' | 'absent' | 'kept'> {
  const rows = await change.mailboxes();
  const row = await named(change, readName(given));
  if (row === null) return 'absent';
  if (row.name === INBOX || namesBelow(namesOf(rows), row.name).length > 0) return 'kept';
  await expunge(change, row, null, true);
  change.write(KEEP_GONE, row.id, row.name, row.keywords);
  change.write(DELETE, row.id);
  change.write(DELETE_VANISHED, row.id);
  change.gone(row);
  return 'deleted';
}

export async function rename(
  change: Change,
  givenFrom: MailboxName,
  givenTo: MailboxName,
): Promise<'renamed' | 'absent' | 'exists' | 'refused'> {
  const rows = await change.mailboxes();
  const from = await named(change, readName(givenFrom));
  const to = readName(givenTo);
  if (from === null) return 'absent';
  if (to === null) return 'refused';
  const plan = planRename(namesOf(rows), from.name, to);
  if (plan.kind !== 'renamed') return plan.kind;
  for (const name of plan.make) makeMailbox(change, name, null);
  const moves = new Map(plan.moves);
  const moving = rows.filter(({ name }) => moves.has(name));
  for (const row of moving) row.name = moves.get(row.name) ?? row.name;
  if (moving.length > 0)
    change.write(RENAME, textArray(moving.map(({ id }) => id)), textArray(moving.map(({ name }) => name)));
  // RFC 9051 §6.3.6: INBOX stays; its messages go.
  const made = await named(change, to);
  if (from.name === INBOX && made !== null) await moveAll(change, from, made);
  return 'renamed';
}

export async function subscribe(change: Change, given: MailboxName, wanted: boolean): Promise<void> {
  const name = checkedName(given);
  const [row = []] = await change.rows(COUNT_SUBSCRIPTIONS, name);
  if ((row[1] === 't') === wanted) return;
  if (wanted && Number(row[0]) >= mailboxesMax) throw new Fault('mailbox.refused', 'There are too many subscriptions.');
  change.write(wanted ? SUBSCRIBE : UNSUBSCRIBE, name);
}

async function named(change: Change, name: MailboxName | null): Promise<MailboxRow | null> {
  return (await change.mailboxes()).find((row) => row.name === name) ?? null;
}

function namesOf(rows: readonly MailboxRow[]): Set<MailboxName> {
  return new Set(rows.map(({ name }) => name));
}
