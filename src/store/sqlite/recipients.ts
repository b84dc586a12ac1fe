/** The recipient rows as the writer moves them: every change of state goes through `move`, with its event and its line in the books. */
import type { DatabaseSync } from 'node:sqlite';
import type { ArrivedRecipient, MailId, RecipientNumber, TenantId } from '#/model/index.ts';
import { isLive } from '#/model/index.ts';
import type { Change, Progress } from '../custody/index.ts';
import { Tally } from '../custody/index.ts';
import type { EventSource, JournalTable } from './journal-table.ts';
import type { ProgressRow } from './rows.ts';
import { notifyBits, PROGRESS_COLUMNS, progressOf, progressValues } from './rows.ts';
import { Statement } from './statement.ts';

/** The moving part of a row. */
export interface CustodyRow {
  readonly message: MailId;
  readonly n: RecipientNumber;
  readonly tenant: TenantId;
  readonly claimBy: number | null;
  readonly token: number;
  readonly progress: Progress;
}

export class RecipientTable {
  readonly #journal: JournalTable;
  readonly #insert: Statement;
  readonly #find: Statement<ProgressRow & { tenant: TenantId; claim_by: number | null; token: number }>;
  readonly #update: Statement;
  readonly #anyLive: Statement;
  /** What the running request changes in the books. */
  tally = new Tally();
  /** Messages whose last recipient may have ended in the running request. */
  readonly ended = new Set<MailId>();

  constructor(db: DatabaseSync, journal: JournalTable) {
    this.#journal = journal;
    const progress = PROGRESS_COLUMNS.join(', ');
    this.#insert = new Statement(
      db,
      `INSERT INTO recipient (message, n, tenant, direction, address, original, orcpt, notify, claim_by, token, ${progress})
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ${PROGRESS_COLUMNS.map(() => '?').join(', ')})`,
    );
    this.#find = new Statement(
      db,
      `SELECT tenant, claim_by, token, ${progress} FROM recipient WHERE message = ? AND n = ?`,
    );
    this.#update = new Statement(
      db,
      `UPDATE recipient SET claim_by = NULL, ${PROGRESS_COLUMNS.map((c) => `${c} = ?`).join(', ')}
       WHERE message = ? AND n = ?`,
    );
    this.#anyLive = new Statement(db, 'SELECT 1 FROM recipient WHERE message = ? AND phase < 2 LIMIT 1');
  }

  insert(
    mail: { id: MailId; tenant: TenantId },
    r: ArrivedRecipient,
    progress: Progress,
    claimBy: number | null,
  ): void {
    const orcpt = r.orcpt === null ? null : JSON.stringify(r.orcpt);
    const facts = [mail.id, r.n, mail.tenant, r.direction, r.address, r.original, orcpt, notifyBits(r.notify)];
    this.#insert.run(...facts, claimBy, claimBy === null ? 0 : 1, ...progressValues(progress));
  }

  find(message: MailId, n: RecipientNumber): CustodyRow | undefined {
    const row = this.#find.get(message, n);
    if (row === undefined) return undefined;
    return { message, n, tenant: row.tenant, claimBy: row.claim_by, token: row.token, progress: progressOf(row) };
  }

  /** Stores where something led, frees the claim, tells the journal and the books. */
  move(row: CustodyRow, change: Change, by: EventSource, at: number): void {
    const { message, n: recipient, tenant } = row;
    this.#update.run(...progressValues(change.progress), message, recipient);
    if (change.event !== null) this.#journal.append({ at, tenant, message, recipient }, change.event, by);
    this.tally.moved(tenant, row.progress.state, change.progress.state);
    if (!isLive(change.progress.state)) this.ended.add(message);
  }

  hasLive(message: MailId): boolean {
    return this.#anyLive.get(message) !== undefined;
  }
}
