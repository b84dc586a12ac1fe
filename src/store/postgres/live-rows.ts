/** Live recipients that a filter means, in order of acceptance: queue lists, and the choice of rows for an act or a claim by name. */
import type { Call, MailId, MailInCustody, RecipientNumber } from '#/model/index.ts';
import { mailIdAt } from '#/model/index.ts';
import type { QueueAct, QueueFilter, Trace } from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import { acted, mailMatches, recipientMatches, traceOf } from '../custody/index.ts';
import { loadMails } from './history.ts';
import type { RecipientRow } from './reading-rows.ts';
import { LIVE_COLUMNS, mailOf, shownOf } from './reading-rows.ts';
import type { Sql } from './sql.ts';

/** What a choice is for: an act says which rows it would hit. */
export interface ChoicePurpose {
  readonly act: QueueAct;
  readonly by: string;
  readonly now: number;
  readonly settings: CustodySettings;
}

/** Message and number of a recipient. */
export type RecipientKey = readonly [MailId, RecipientNumber];

/** Rows of one statement: a first page for lists, more where few of them are meant. */
const FIRST_PAGE = 200;
const PAGE_MAX = 5_000;
/** Between an id and its time of acceptance: slow DATA on one side, clocks of several hosts on the other. */
const BEFORE_MS = 86_400_000;
const AFTER_MS = 60_000;

type Row = RecipientRow & { readonly mail: MailInCustody };
type Condition = readonly [sql: (place: string) => string, value: unknown];

/** One page of a queue list, behind the message `after`; `next` is null at the end. */
export async function listQueue(
  sql: Sql,
  filter: QueueFilter,
  after: MailId | null,
  limit: number,
  call: Call,
): Promise<{ readonly items: readonly Trace[]; readonly next: MailId | null }> {
  const items: Trace[] = [];
  let rows: Row[] = [];
  const flush = (): void => {
    const [first] = rows;
    if (first !== undefined) items.push(traceOf(first.mail, rows.map(shownOf), []));
    rows = [];
  };
  for await (const row of matching(sql, filter, after, [], call)) {
    if (rows[0]?.message !== row.message) {
      flush();
      if (items.length >= limit) return { items, next: items.at(-1)?.id ?? null };
    }
    rows.push(row);
  }
  flush();
  return { items, next: null };
}

/** Up to `limit` unclaimed rows; `more` says that there are others. Whoever claims or changes them looks at each again. */
export async function chooseRows(
  sql: Sql,
  filter: QueueFilter,
  limit: number,
  purpose: ChoicePurpose | null,
  call: Call,
): Promise<{ readonly keys: readonly RecipientKey[]; readonly more: boolean }> {
  const keys: RecipientKey[] = [];
  const unclaimed: Condition = [() => 'claim_by IS NULL', undefined];
  const conditions = purpose === null ? [unclaimed] : [unclaimed, ...eligible(purpose)];
  for await (const row of matching(sql, filter, null, conditions, call)) {
    if (purpose !== null && !isHit(row, purpose)) continue;
    if (keys.length >= limit) return { keys, more: true };
    keys.push([row.message, row.n]);
  }
  return { keys, more: false };
}

async function* matching(
  sql: Sql,
  filter: QueueFilter,
  after: MailId | null,
  more: readonly Condition[],
  call: Call,
): AsyncGenerator<Row> {
  const conditions = [...conditionsOf(filter, after), ...more];
  let page = FIRST_PAGE;
  for (let last: RecipientKey | null = null; ; page = Math.min(PAGE_MAX, page * 2)) {
    const rows: RecipientRow[] = await nextPage(sql, conditions, last, page, call);
    const wanted = rows.filter((row) => recipientMatches(filter, { ...row, progress: row }));
    const mails = await loadMails(sql, [...new Set(wanted.map(({ message }) => message))], call);
    for (const row of wanted) {
      const message = mails.get(row.message);
      const mail = message === undefined ? null : mailOf(message);
      if (mail !== null && mailMatches(filter, mail)) yield { ...row, mail };
    }
    const end = rows.at(-1);
    if (end === undefined || rows.length < page) return;
    last = [end.message, end.n];
  }
}

async function nextPage(
  sql: Sql,
  conditions: readonly Condition[],
  last: RecipientKey | null,
  page: number,
  call: Call,
): Promise<RecipientRow[]> {
  const values: unknown[] = [];
  const texts = conditions.map(([text, value]) => (value === undefined ? text('') : text(`$${values.push(value)}`)));
  if (last !== null) texts.push(`(message, n) > ($${values.push(last[0])}, $${values.push(last[1])})`);
  const where = texts.length === 0 ? '' : `WHERE ${texts.join(' AND ')}`;
  const text = `SELECT ${LIVE_COLUMNS} FROM recipient ${where} ORDER BY message, n LIMIT $${values.push(page)}`;
  return await sql.rows<RecipientRow>(text, values, call);
}

// What SQL can tell without looking at texts; the filter itself is read in one place, for all keepers.
function conditionsOf(filter: QueueFilter, after: MailId | null): Condition[] {
  const { since, until } = filter;
  const parts: Condition[] = [
    [(place) => `message > ${place}`, after ?? undefined],
    [(place) => `message >= ${place}`, since === undefined ? undefined : mailIdAt(Math.max(0, since - BEFORE_MS))],
    [(place) => `message < ${place}`, until === undefined ? undefined : mailIdAt(until + AFTER_MS)],
    [(place) => `message = ANY (${place}::text[])`, filter.ids],
    [(place) => `n = ${place}`, filter.recipient],
    [(place) => `tenant = ${place}`, filter.tenant],
    [(place) => `state = ${place}`, filter.state],
    [(place) => `reason = ${place}`, filter.reason],
    [(place) => `destination = ${place}`, filter.destination],
  ];
  return parts.filter(([, value]) => value !== undefined);
}

// Rows that an act has already changed are passed over without leaving the server.
function eligible({ act, now }: ChoicePurpose): Condition[] {
  switch (act.kind) {
    case 'hold':
      return [[() => 'phase = 0', undefined]];
    case 'release':
      return [[() => 'phase = 1', undefined]];
    case 'retry':
      return [[(place) => `phase = 0 AND due > ${place}`, now]];
    case 'reroute':
      return [[(place) => `destination <> ${place}`, act.destination]];
    case 'drop':
    case 'redeliver':
      return [];
    case 'restored':
      return [[() => '(phase = 0 OR due IS NOT NULL OR NOT possibly_duplicate)', undefined]];
    case 'letGo':
    case 'stop':
    case 'delete':
    case 'approve':
      return [[() => 'phase = 1', undefined]];
  }
}

function isHit(row: Row, { act, by, now, settings }: ChoicePurpose): boolean {
  return acted(shownOf(row).progress, act, by, now, settings) !== null;
}
