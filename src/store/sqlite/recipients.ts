/** The recipient rows as the writer moves them: every change of state goes through `move`, with its event and its line in the books. */
import type { DatabaseSync } from 'node:sqlite';
import type { ArrivedRecipient, MailId, RecipientNumber, TenantId } from '#/model/index.ts';
import { isLive } from '#/model/index.ts';
import type { Change, Progress } from '../custody/index.ts';
import { Tally } from '../custody/index.ts';
import type { EventSource, JournalTable } from './journal-table.ts';
import { hasLiveRecipient } from './messages.ts';
import type { ProgressRow } from './rows.ts';
import { notifyBits, PROGRESS_COLUMNS, progressOf, progressValues } from './rows.ts';
import { Statement } from './statement.ts';
import type { YoungMail, YoungMails, YoungRecipient } from './young.ts';

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
  readonly #young: YoungMails;
  readonly #journal: JournalTable;
  readonly #insert: Statement;
  readonly #find: Statement<ProgressRow & { tenant: TenantId; claim_by: number | null; token: number }>;
  readonly #update: Statement;
  readonly #anyLive: Statement;
  /** What the running request changes in the books. */
  tally = new Tally();
  /** Messages whose last recipient may have ended in the running request. */
  readonly ended = new Set<MailId>();

  constructor(db: DatabaseSync, young: YoungMails, journal: JournalTable) {
    this.#young = young;
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

  /** A recipient of a new mail, claimed where `claimBy` names a worker. */
  insert(of: YoungMail, facts: ArrivedRecipient, progress: Progress, claimBy: number | null): void {
    const fresh = { facts, claimBy, token: claimBy === null ? 0 : 1, progress };
    if (this.#young.has(of.mail.id)) of.recipients.set(facts.n, fresh);
    else this.write(of.mail, fresh);
  }

  /** The row of a recipient. */
  write(
    mail: { readonly id: MailId; readonly tenant: TenantId },
    { facts: r, claimBy, token, progress }: YoungRecipient,
  ): void {
    const orcpt = r.orcpt === null ? null : JSON.stringify(r.orcpt);
    const facts = [mail.id, r.n, mail.tenant, r.direction, r.address, r.original, orcpt, notifyBits(r.notify)];
    this.#insert.run(...facts, claimBy, token, ...progressValues(progress));
  }

  find(message: MailId, n: RecipientNumber): CustodyRow | undefined {
    const young = this.#young.get(message);
    if (young !== undefined) return rowOf(young, n);
    const row = this.#find.get(message, n);
    if (row === undefined) return undefined;
    return { message, n, tenant: row.tenant, claimBy: row.claim_by, token: row.token, progress: progressOf(row) };
  }

  /** Stores where something led, frees the claim, tells the journal and the books. */
  move(row: CustodyRow, change: Change, by: EventSource, at: number): void {
    const { message, n: recipient, tenant } = row;
    const young = this.#young.get(message)?.recipients.get(recipient);
    if (young === undefined) this.#update.run(...progressValues(change.progress), message, recipient);
    else Object.assign(young, { claimBy: null, progress: change.progress });
    for (const event of change.events) this.#journal.append({ at, tenant, message, recipient }, event, by);
    this.tally.moved(tenant, row.progress.state, change.progress.state);
    if (!isLive(change.progress.state)) this.ended.add(message);
  }

  hasLive(message: MailId): boolean {
    const young = this.#young.get(message);
    return young === undefined ? this.#anyLive.get(message) !== undefined : hasLiveRecipient(young);
  }
}

function rowOf({ mail, recipients }: YoungMail, n: RecipientNumber): CustodyRow | undefined {
  const found = recipients.get(n);
  if (found === undefined) return undefined;
  return { message: mail.id, n, tenant: mail.tenant, ...found };
}
