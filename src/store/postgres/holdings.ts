/**
 * What this process holds claims on, as it last saw it. A row under a living claim is changed by nobody else, so its outcome can be written
 * without reading it again; the statement still checks holder and token, and where they differ the row is read.
 * A memory only: whatever is missing here is in the tables.
 */
import type { MailId, RecipientNumber } from '#/model/index.ts';
import type { CustodyRow } from './rows.ts';

/** Messages remembered; the oldest is forgotten first. */
const MESSAGES_MAX = 20_000;

/** Held recipients of one message, which had `recipients` of them when it came. */
export interface Holding {
  readonly recipients: number;
  readonly rows: Map<RecipientNumber, CustodyRow>;
}

export class Holdings {
  readonly #messages = new Map<MailId, Holding>();

  /** Rows of one message that have been claimed here. */
  hold(message: MailId, recipients: number, rows: readonly CustodyRow[]): void {
    const known = this.#messages.get(message);
    const holding = known ?? { recipients, rows: new Map<RecipientNumber, CustodyRow>() };
    for (const row of rows) holding.rows.set(row.n, row);
    if (known !== undefined || rows.length === 0) return;
    this.#messages.set(message, holding);
    if (this.#messages.size <= MESSAGES_MAX) return;
    const [oldest] = this.#messages.keys();
    if (oldest !== undefined) this.#messages.delete(oldest);
  }

  find(message: MailId): Holding | undefined {
    return this.#messages.get(message);
  }

  /** Their claims have ended. */
  release(message: MailId, recipients: Iterable<RecipientNumber>): void {
    const holding = this.#messages.get(message);
    if (holding === undefined) return;
    for (const n of recipients) holding.rows.delete(n);
    if (holding.rows.size === 0) this.#messages.delete(message);
  }
}
