/**
 * Ids of messages that a query may mean, newest first by and large: from the look-up index where it names an address or a Message-ID, else
 * from the newest message on. They come in groups, each with a bound on what may still come, so that whoever has enough can stop.
 */
import type { Call, MailId } from '#/model/index.ts';
import { mailIdAt, timeOfMailId } from '#/model/index.ts';
import type { TraceQuery } from '#/ports/index.ts';
import { addressHash, messageIdHash } from '../custody/index.ts';
import type { Sql } from './sql.ts';

export interface Group {
  readonly ids: readonly MailId[];
  /** No later group has a message that was accepted after this wall-clock ms. */
  readonly olderThan: number;
}

/** How long a process may fill one lot; its messages were accepted between its begin and so much later. */
export const LOT_MS = 3_600_000;

/** Ids follow the clock of acceptance; this much is for the time between the two, and for hosts whose clocks differ. */
const SLACK_MS = 60_000;
/** From an id to the end of its DATA, however slow the peer. */
const DATA_MS = 86_400_000;
const FIRST_PAGE = 100;
const PAGE_MAX = 2_000;
const LOTS_TOGETHER = 100;
/** Behind every id. */
const LAST_ID = '~' as MailId;

// The lots of one process lie apart by minutes: the index is skipped through from lot to lot.
const LOTS = `
  WITH RECURSIVE lots AS (
    (SELECT lot FROM look_up WHERE lot < $1 ORDER BY lot DESC LIMIT 1)
    UNION ALL
    SELECT (SELECT lot FROM look_up WHERE look_up.lot < lots.lot ORDER BY lot DESC LIMIT 1) FROM lots WHERE lots.lot IS NOT NULL
  )
  SELECT lot FROM lots WHERE lot IS NOT NULL LIMIT $2`;
const IN_LOTS = `
  SELECT message FROM look_up WHERE lot = ANY ($1::bigint[]) AND hash = $2 AND message < $3 AND message >= $4
  ORDER BY message DESC LIMIT $5`;
const NEWEST = `
  SELECT id AS message FROM message WHERE id < $1 AND id >= $2 AND ($4::text IS NULL OR tenant = $4)
  ORDER BY id DESC LIMIT $3`;

/** All groups, until their reader stops. */
export function candidates(sql: Sql, query: TraceQuery, call: Call): AsyncGenerator<Group> {
  const hash = hashOf(query);
  if (query.ids !== undefined) return byIds(query.ids);
  return hash === null ? newestFirst(sql, query, call) : byHash(sql, query, hash, call);
}

async function* byIds(ids: readonly MailId[]): AsyncGenerator<Group> {
  for (let from = 0; from < ids.length; from += PAGE_MAX)
    yield { ids: ids.slice(from, from + PAGE_MAX), olderThan: Number.POSITIVE_INFINITY };
}

async function* newestFirst(sql: Sql, query: TraceQuery, call: Call): AsyncGenerator<Group> {
  const { from, to } = rangeOf(query);
  let page = FIRST_PAGE;
  for (let before = to; ; page = Math.min(PAGE_MAX, page * 2)) {
    const ids = await idsOf(sql, NEWEST, [before, from, page, query.tenant ?? null], call);
    before = ids.at(-1) ?? before;
    yield { ids, olderThan: ids.length < page ? 0 : timeOfMailId(before) };
    if (ids.length < page) return;
  }
}

async function* byHash(sql: Sql, query: TraceQuery, hash: number, call: Call): AsyncGenerator<Group> {
  const { from, to } = rangeOf(query);
  const oldestLot = (query.since ?? 0) - LOT_MS - SLACK_MS;
  for (let behind = Number.MAX_SAFE_INTEGER; ; ) {
    const rows = await sql.rows<{ lot: number }>(LOTS, [behind, LOTS_TOGETHER], call);
    const lots = rows.map(({ lot }) => lot).filter((lot) => lot >= oldestLot);
    const last = rows.at(-1)?.lot ?? 0;
    for (let before = to; lots.length > 0; ) {
      const ids = await idsOf(sql, IN_LOTS, [lots, hash, before, from, PAGE_MAX], call);
      before = ids.at(-1) ?? before;
      const hasMore = ids.length === PAGE_MAX;
      const rest = last + LOT_MS + SLACK_MS;
      yield { ids, olderThan: hasMore ? Math.max(rest, timeOfMailId(before)) : rest };
      if (!hasMore) break;
    }
    if (lots.length < LOTS_TOGETHER) return;
    behind = last;
  }
}

async function idsOf(sql: Sql, text: string, values: readonly unknown[], call: Call): Promise<MailId[]> {
  return (await sql.rows<{ message: MailId }>(text, values, call)).map(({ message }) => message);
}

function rangeOf({ since, until }: TraceQuery): { readonly from: MailId; readonly to: MailId } {
  return {
    from: mailIdAt(Math.max(0, (since ?? 0) - DATA_MS)),
    to: until === undefined ? LAST_ID : mailIdAt(until + SLACK_MS),
  };
}

// The index knows whole addresses and Message-IDs; other questions read messages from the newest on.
function hashOf({ messageId, address, from, to }: TraceQuery): number | null {
  if (messageId !== undefined) return messageIdHash(messageId);
  const whole = [address, from, to].find((text) => text?.includes('@') === true && !text.startsWith('*'));
  return whole === undefined ? null : addressHash(whole);
}
