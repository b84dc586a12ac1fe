/** The lines that one commit adds to the live books: how much each column of each tenant changes (H5). */
import type { BookColumn, Books, Origin, RecipientState, TenantId } from '#/model/index.ts';
import { BOOK_COLUMNS, PROBE_TENANT, RECIPIENT_STATES } from '#/model/index.ts';

export type Line = Record<BookColumn, number>;

export class Tally {
  readonly #lines = new Map<TenantId, Line>();
  #live = 0;

  /** A recipient has come in by a door. */
  arrived(tenant: TenantId, origin: Origin, state: RecipientState): void {
    this.#live += 1;
    if (tenant === PROBE_TENANT) return;
    const line = this.#line(tenant);
    line[origin] += 1;
    line[RECIPIENT_STATES[state]] += 1;
  }

  /** A recipient's state has changed. */
  moved(tenant: TenantId, from: RecipientState, to: RecipientState): void {
    this.#live += liveCount(to) - liveCount(from);
    if (tenant === PROBE_TENANT || RECIPIENT_STATES[from] === RECIPIENT_STATES[to]) return;
    const line = this.#line(tenant);
    line[RECIPIENT_STATES[from]] -= 1;
    line[RECIPIENT_STATES[to]] += 1;
  }

  /** Takes over what another one says. */
  add(other: Tally): void {
    this.#live += other.#live;
    for (const [tenant, line] of other.#lines) {
      const mine = this.#line(tenant);
      for (const column of BOOK_COLUMNS) mine[column] += line[column];
    }
  }

  /** By how many the live recipients have become more, probes included. */
  get live(): number {
    return this.#live;
  }

  lines(): ReadonlyMap<TenantId, Readonly<Line>> {
    return this.#lines;
  }

  #line(tenant: TenantId): Line {
    return this.#lines.getOrInsertComputed(tenant, emptyLine);
  }
}

export function emptyLine(): Line {
  return { received: 0, generated: 0, delivered: 0, bounced: 0, discarded: 0, expired: 0, held: 0, queued: 0 };
}

/** A tenant's books from its columns. */
export function booksOf(tenant: TenantId, line: Readonly<Line>): Books {
  return { tenant, accepted: line.received + line.generated, ...line };
}

/** Whether accepted = delivered + bounced + discarded + expired + held + queued. */
export function balances(books: Books): boolean {
  const { delivered, bounced, discarded, expired, held, queued } = books;
  return books.accepted === delivered + bounced + discarded + expired + held + queued;
}

function liveCount(state: RecipientState): number {
  const column = RECIPIENT_STATES[state];
  return column === 'queued' || column === 'held' ? 1 : 0;
}
