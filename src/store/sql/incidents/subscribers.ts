/** Statements and rows of `ports/subscribers.ts`. */
import type { MailAddress } from '#/model/index.ts';
import type { AskLimits, Subscriber, SubscriberWish } from '#/ports/index.ts';
import type { BatchStatement, SqlRow, SqlValue } from '../batches.ts';

const COLUMNS = 'id, address, webhook, language, components, state, asked_at';

/**
 * One row for an address and a place to tell; the first statement makes it, or asks it again where it may be asked. The last ones say what there is.
 * What is counted may be one too many where two ask in the same moment.
 */
export function asking(wish: SubscriberWish, limits: AskLimits): readonly BatchStatement[] {
  const { id, address, webhook, language, components, at } = wish;
  const [place, mailbox] = [placeOf(wish), mailboxOf(address)];
  const room = `(SELECT count(*) FROM subscriber WHERE state <> 'ended') < $9
    AND (SELECT count(*) FROM subscriber WHERE asked_at > $10) < $11
    AND NOT EXISTS (SELECT 1 FROM subscriber WHERE address_key = $12 AND state = 'asked' AND asked_at > $13)`;
  return [
    statement(
      `INSERT INTO subscriber (id, place, address, address_key, webhook, language, components, state, asked_at, failures)
       SELECT $1, $2, $3, $4, $5, $6, $7, 'asked', $8, 0 WHERE ${room}
       ON CONFLICT (place) DO UPDATE SET id = excluded.id, language = excluded.language, components = excluded.components,
         state = 'asked', asked_at = excluded.asked_at, failures = 0
         WHERE subscriber.state <> 'active'`,
      ...[id, place, address, mailbox, webhook, language, JSON.stringify(components), at],
      ...[limits.total, at - limits.windowMs, limits.perWindow, mailbox, at - limits.againMs],
    ),
    statement('SELECT id, state FROM subscriber WHERE place = $1', place),
    statement(
      `SELECT id FROM subscriber WHERE address_key = $1 AND state = 'asked' AND asked_at > $2 LIMIT 1`,
      ...[mailbox, at - limits.againMs],
    ),
  ];
}

export function statement(text: string, ...values: SqlValue[]): BatchStatement {
  return { text, values };
}

export function oneSubscriber(id: string): BatchStatement {
  return statement(`SELECT ${COLUMNS} FROM subscriber WHERE id = $1`, id);
}

export function someSubscribers(after: string, all: boolean, limit: number): BatchStatement {
  const state = all ? '' : `state = 'active' AND `;
  return statement(`SELECT ${COLUMNS} FROM subscriber WHERE ${state}id > $1 ORDER BY id LIMIT ${limit}`, after);
}

export function subscriberOf(row: SqlRow): Subscriber {
  const { id, address, webhook, language, components, state, asked_at } = row as unknown as SubscriberRow;
  return {
    ...{ id, webhook, address: address as MailAddress, at: asked_at },
    language: language as Subscriber['language'],
    components: JSON.parse(components) as readonly string[],
    state: state as Subscriber['state'],
  };
}

function placeOf({ address, webhook }: SubscriberWish): string {
  return `${webhook ?? 'mail'} ${address.toLowerCase()}`;
}

/** RFC 5233: what stands behind a plus leads to the same mailbox, which is asked once for all of them. */
function mailboxOf(address: MailAddress): string {
  return address.toLowerCase().replace(/\+[^@]*@/, '@');
}

interface SubscriberRow {
  readonly id: string;
  readonly address: string;
  readonly webhook: string | null;
  readonly language: string;
  readonly components: string;
  readonly state: string;
  readonly asked_at: number;
}

/** All moves of one subscriber; each decides by itself whether it may be made. */
export const MOVES = {
  confirm: (id: string): BatchStatement =>
    statement(`UPDATE subscriber SET state = 'active' WHERE id = $1 AND state = 'asked' RETURNING id`, id),
  end: (id: string, at: number): BatchStatement =>
    statement(
      `UPDATE subscriber SET state = 'ended', ended_at = $2 WHERE id = $1 AND state <> 'ended' RETURNING id`,
      ...[id, at],
    ),
  answered: (id: string, well: boolean): BatchStatement =>
    statement(`UPDATE subscriber SET failures = ${well ? '0' : 'failures + 1'} WHERE id = $1 RETURNING failures`, id),
  forget: (before: number): BatchStatement =>
    statement(
      `DELETE FROM subscriber WHERE (state = 'asked' AND asked_at < $1) OR (state = 'ended' AND ended_at < $1)`,
      before,
    ),
} as const;
