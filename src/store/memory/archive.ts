/** Closed days of the model, and the recount over both: what stands in rows and events, and the closing totals of what was dropped. */
import type { Books, TenantId } from '#/model/index.ts';
import { BOOK_COLUMNS, PROBE_TENANT, RECIPIENT_STATES } from '#/model/index.ts';
import type { Recount } from '#/ports/index.ts';
import type { Line } from '../custody/index.ts';
import { balances, booksOf, emptyLine } from '../custody/index.ts';
import type { MemoryEvent, MemoryRecipient, MemoryRows } from './rows.ts';

const DAY_MS = 86_400_000;

export class MemoryArchive {
  readonly #rows: MemoryRows;
  /** What was closed, by tenant: `accepted` from events, the rest from recipients. */
  readonly #closing = new Map<TenantId, Line>();

  constructor(rows: MemoryRows) {
    this.#rows = rows;
  }

  /** Closes up to `limit` ended recipients and `limit` events from before `before`; then drops closed days that ended by `dropBefore`. */
  rollOver(before: number, dropBefore: number, limit: number): { moved: number; more: boolean } {
    const recipients = this.#endedBefore(before);
    const events = this.#rows.events.filter(({ event, archived }) => !archived && event.at < before);
    for (const row of recipients.slice(0, limit)) this.#closeRecipient(row);
    for (const row of events.slice(0, limit)) this.#closeEvent(row);
    this.#drop(dropBefore);
    const moved = Math.min(recipients.length, limit) + Math.min(events.length, limit);
    return { moved, more: recipients.length > limit || events.length > limit };
  }

  /** Both sides counted again, beside the live books. */
  recount(live: readonly Books[]): Recount[] {
    const lines = new Map<TenantId, Line>();
    const add = (tenant: TenantId, column: keyof Line, amount: number): void => {
      if (tenant !== PROBE_TENANT) lines.getOrInsertComputed(tenant, emptyLine)[column] += amount;
    };
    for (const { event, archived } of this.#rows.events)
      if (!archived && event.kind === 'accepted') add(event.tenant, event.detail as 'received' | 'generated', 1);
    for (const { recipients } of this.#rows.mails.values())
      for (const { mail, progress, archived } of recipients)
        if (!archived) add(mail.tenant, RECIPIENT_STATES[progress.state], 1);
    for (const [tenant, line] of this.#closing) for (const column of BOOK_COLUMNS) add(tenant, column, line[column]);
    return [...lines]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([tenant, line]) => compared(booksOf(tenant, line), live));
  }

  #endedBefore(before: number): MemoryRecipient[] {
    return [...this.#rows.mails.values()]
      .flatMap(({ recipients }) => recipients)
      .filter(({ progress, archived }) => !archived && progress.endedAt !== null && progress.endedAt < before)
      .sort((a, b) => (a.progress.endedAt ?? 0) - (b.progress.endedAt ?? 0));
  }

  #closeRecipient(row: MemoryRecipient): void {
    row.archived = true;
    this.#line(row.mail.tenant)[RECIPIENT_STATES[row.progress.state]] += 1;
  }

  #closeEvent(row: MemoryEvent): void {
    row.archived = true;
    if (row.event.kind === 'accepted') this.#line(row.event.tenant)[row.event.detail as 'received' | 'generated'] += 1;
  }

  #line(tenant: TenantId): Line {
    return this.#closing.getOrInsertComputed(tenant, emptyLine);
  }

  #drop(dropBefore: number): void {
    const gone = (at: number): boolean => (Math.floor(at / DAY_MS) + 1) * DAY_MS <= dropBefore;
    this.#rows.events = this.#rows.events.filter(({ event, archived }) => !archived || !gone(event.at));
    for (const [id, mail] of this.#rows.mails) {
      const kept = mail.recipients.filter((row) => !row.archived || !gone(row.progress.endedAt ?? 0));
      mail.recipients.splice(0, mail.recipients.length, ...kept);
      if (kept.length === 0) this.#rows.mails.delete(id);
    }
  }
}

function compared(books: Books, live: readonly Books[]): Recount {
  const mine = live.find((each) => each.tenant === books.tenant) ?? booksOf(books.tenant, emptyLine());
  const agree = BOOK_COLUMNS.every((column) => books[column] === mine[column]);
  return { books, live: mine, balanced: agree && balances(books) };
}
