/** What happened to messages, by id: rows of the hot table and of every day that is still there. Asked in groups, a few statements each. */
import type { Call, JournalEvent, MailId } from '#/model/index.ts';
import type { EventRow, MessageRow, RecipientRow } from './reading-rows.ts';
import { ENDED_COLUMNS, EVENT_COLUMNS, eventOf, firstDayOf, LIVE_COLUMNS, MESSAGE_COLUMNS } from './reading-rows.ts';
import type { Sql } from './sql.ts';

const MESSAGES = `SELECT ${MESSAGE_COLUMNS} FROM message WHERE id = ANY ($1::text[])`;
const RECIPIENTS = `
  SELECT ${LIVE_COLUMNS} FROM recipient WHERE message = ANY ($1::text[])
  UNION ALL SELECT ${ENDED_COLUMNS} FROM ended WHERE message = ANY ($1::text[]) AND day >= $2
  ORDER BY message, n`;
const EVENTS = `
  SELECT ${EVENT_COLUMNS} FROM journal JOIN source ON source.id = journal.source
  WHERE message = ANY ($1::text[]) AND day >= $2 ORDER BY seq`;

/** A message with all its recipients. */
export interface Found {
  readonly message: MessageRow;
  readonly recipients: readonly RecipientRow[];
}

/** Those of the messages that are there, in no order. One view, or a recipient that ends meanwhile may be missed. */
export async function loadMessages(sql: Sql, ids: readonly MailId[], call: Call): Promise<Found[]> {
  if (ids.length === 0) return [];
  const messages = await sql.rows<MessageRow>(MESSAGES, [ids], call);
  const firstDay = firstDayOf(messages.map((message) => message.received_at));
  const recipients = await sql.rows<RecipientRow>(RECIPIENTS, [ids, firstDay], call);
  const byMessage = Map.groupBy(recipients, (row) => row.message);
  return messages.map((message) => ({ message, recipients: byMessage.get(message.id) ?? [] }));
}

/** Message rows alone, by id. */
export async function loadMails(sql: Sql, ids: readonly MailId[], call: Call): Promise<Map<MailId, MessageRow>> {
  if (ids.length === 0) return new Map();
  const rows = await sql.rows<MessageRow>(MESSAGES, [ids], call);
  return new Map(rows.map((row) => [row.id, row]));
}

/** Journal events by message, in order of time. */
export async function loadEvents(
  sql: Sql,
  mails: readonly { readonly id: MailId; readonly receivedAt: number }[],
  call: Call,
): Promise<Map<MailId, readonly JournalEvent[]>> {
  if (mails.length === 0) return new Map();
  const firstDay = firstDayOf(mails.map(({ receivedAt }) => receivedAt));
  const rows = await sql.rows<EventRow>(EVENTS, [mails.map(({ id }) => id), firstDay], call);
  const events = new Map<MailId, JournalEvent[]>();
  for (const row of rows) events.getOrInsertComputed(row.message, () => []).push(eventOf(row));
  return events;
}
