/** Live recipients that a filter means, in order of acceptance: queue lists, and the choice of rows for an act or a claim by name. */
import type { DatabaseSync } from 'node:sqlite';
import type { MailId, MailInCustody } from '#/model/index.ts';
import type { QueueAct, QueueFilter, Trace } from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import { acted, mailMatches, recipientMatches, traceOf } from '../custody/index.ts';
import type { Deadline } from './deadline.ts';
import type { RecipientKey } from './protocol.ts';
import type { MessageRow, RecipientRow } from './rows.ts';
import { factsOf, mailOf, progressOf } from './rows.ts';
import type { SqlValue } from './statement.ts';
import { Statement } from './statement.ts';

/** What a choice is for: an act says which rows it would hit. */
export interface Purpose {
  readonly act: QueueAct;
  readonly by: string;
  readonly now: number;
  readonly settings: CustodySettings;
}

export class LiveRows {
  readonly #db: DatabaseSync;
  readonly #message: Statement<MessageRow>;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#message = new Statement(db, 'SELECT * FROM message WHERE id = ?');
  }

  /** One page of a queue list. */
  list(
    filter: QueueFilter,
    after: MailId | null,
    limit: number,
    deadline: Deadline,
  ): { items: Trace[]; next: MailId | null } {
    const items: Trace[] = [];
    let mail: MailInCustody | null = null;
    let rows: RecipientRow[] = [];
    const flush = (): void => {
      if (mail !== null) items.push(traceOf(mail, rows.map(shown), []));
      mail = null;
      rows = [];
    };
    for (const found of this.#matching(filter, after, '', [], deadline)) {
      if (rows[0]?.message !== found.row.message) {
        flush();
        if (items.length >= limit) return { items, next: items.at(-1)?.id ?? null };
        mail = found.mail;
      }
      rows.push(found.row);
    }
    flush();
    return { items, next: null };
  }

  /** Up to `limit` unclaimed rows; `more` says that there are others. */
  choose(
    filter: QueueFilter,
    limit: number,
    purpose: Purpose | null,
    deadline: Deadline,
  ): { keys: RecipientKey[]; more: boolean } {
    const keys: RecipientKey[] = [];
    const [sql, values] = purpose === null ? ['', []] : eligible(purpose);
    for (const { row } of this.#matching(filter, null, ` AND claim_by IS NULL${sql}`, values, deadline)) {
      if (purpose !== null && acted(progressOf(row), purpose.act, purpose.by, purpose.now, purpose.settings) === null)
        continue;
      if (keys.length >= limit) return { keys, more: true };
      keys.push([row.message, row.n]);
    }
    return { keys, more: false };
  }

  *#matching(
    filter: QueueFilter,
    after: MailId | null,
    extra: string,
    values: readonly SqlValue[],
    deadline: Deadline,
  ): Generator<{ row: RecipientRow; mail: MailInCustody }> {
    const { sql, values: bound } = conditions(filter, after);
    const text = `SELECT * FROM recipient WHERE phase < 2${sql}${extra} ORDER BY message, n`;
    let mail: MailInCustody | null = null;
    let wanted = false;
    for (const row of new Statement<RecipientRow>(this.#db, text).iterate(...bound, ...values)) {
      deadline.check();
      if (!recipientMatches(filter, { ...row, progress: row })) continue;
      if (mail?.id !== row.message) {
        const message = this.#message.get(row.message);
        if (message === undefined) continue;
        mail = mailOf(message);
        wanted = mailMatches(filter, mail);
      }
      if (wanted) yield { row, mail };
    }
  }
}

function shown(row: RecipientRow): Parameters<typeof traceOf>[1][number] {
  return { facts: factsOf(row), progress: progressOf(row) };
}

// What SQL can tell without looking at texts; the filter itself is read in one place, for all keepers.
function conditions(filter: QueueFilter, after: MailId | null): { sql: string; values: SqlValue[] } {
  const parts: (readonly [string, SqlValue | undefined])[] = [
    ['message > ?', after ?? undefined],
    ['n = ?', filter.recipient],
    ['tenant = ?', filter.tenant],
    ['state = ?', filter.state],
    ['reason = ?', filter.reason],
    ['destination = ?', filter.destination],
  ];
  const given = parts.filter((part): part is readonly [string, SqlValue] => part[1] !== undefined);
  const ids = filter.ids === undefined ? '' : ` AND message IN (${filter.ids.map(() => '?').join(', ')})`;
  return {
    sql: given.map(([sql]) => ` AND ${sql}`).join('') + ids,
    values: [...given.map(([, value]) => value), ...(filter.ids ?? [])],
  };
}

// Rows that an act has already changed are passed over without leaving SQLite.
function eligible({ act, now }: Purpose): [string, SqlValue[]] {
  switch (act.kind) {
    case 'hold':
      return [' AND phase = 0', []];
    case 'release':
      return [' AND phase = 1', []];
    case 'retry':
      return [' AND phase = 0 AND due > ?', [now]];
    case 'reroute':
      return [' AND destination <> ?', [act.destination]];
    case 'drop':
    case 'redeliver':
      return ['', []];
    case 'restored':
      return [' AND (phase = 0 OR due IS NOT NULL OR possibly_duplicate = 0)', []];
    case 'letGo':
    case 'stop':
    case 'delete':
    case 'approve':
      return [' AND phase = 1', []];
  }
}
