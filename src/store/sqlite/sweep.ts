/** Rows that nothing would move, found by indexes that are empty unless something is wrong, and put right at once (H5). */
import type { DatabaseSync } from 'node:sqlite';
import type { IncarnationId, MailId, Orphan, OrphanFault, RecipientNumber } from '#/model/index.ts';
import { type LostWorker, lapsed, mended } from '../custody/index.ts';
import type { CustodyRow } from './recipients.ts';
import { Statement } from './statement.ts';
import type { Tables } from './tables.ts';

type Key = { message: MailId; n: RecipientNumber };

export class Sweeper {
  readonly #tables: Tables;
  readonly #claimed: Statement<Key>;
  readonly #nextHolder: Statement<{ key: number; alive: number; role: string | null }>;
  readonly #noDue: Statement<Key>;
  readonly #noDeadline: Statement<Key>;

  constructor(db: DatabaseSync, tables: Tables) {
    this.#tables = tables;
    this.#claimed = new Statement(db, 'SELECT message, n FROM recipient WHERE claim_by = ? LIMIT ?');
    this.#nextHolder = new Statement(
      db,
      `SELECT claim_by AS key, EXISTS (SELECT 1 FROM incarnation WHERE id = claim_by AND retired = 0) AS alive,
         (SELECT role FROM incarnation WHERE id = claim_by) AS role
       FROM recipient WHERE claim_by IS NOT NULL AND claim_by > ? ORDER BY claim_by LIMIT 1`,
    );
    this.#noDue = new Statement(
      db,
      `SELECT message, n FROM recipient INDEXED BY recipient_no_due
       WHERE phase = 0 AND claim_by IS NULL AND due IS NULL LIMIT ?`,
    );
    this.#noDeadline = new Statement(
      db,
      `SELECT message, n FROM recipient INDEXED BY recipient_no_deadline
       WHERE phase = 1 AND claim_by IS NULL AND attention_at IS NULL LIMIT ?`,
    );
  }

  /** Declares a worker dead and frees up to `limit` of its claims; fewer means that none is left. */
  retire(worker: IncarnationId, clean: boolean, limit: number): number {
    const retired = this.#tables.workers.retire(worker);
    if (retired === null) return 0;
    const { id: key, role } = retired;
    const freed = this.#free(key, { role, clean }, limit);
    if (freed.length < limit) this.#tables.workers.remove(key);
    return freed.length;
  }

  /** Mends up to `limit` rows and names them. */
  sweep(limit: number): Orphan[] {
    const lost = this.#deadHolders().flatMap(({ key, role }) => this.#free(key, { role, clean: false }, limit));
    const bare = [...this.#noDue.all(limit), ...this.#noDeadline.all(limit)].flatMap((key) => this.#rowOf(key));
    for (const row of bare) {
      const change = mended(row.progress, this.#tables.now, this.#tables.settings);
      this.#tables.recipients.move(row, change, this.#tables.workers.source('janitor', null), this.#tables.now);
    }
    const isHeld = (row: CustodyRow): boolean => row.progress.state === 'held' || row.progress.state === 'approval';
    return [
      ...lost.map((row) => orphanOf(row, 'claimed by a dead worker')),
      ...bare.map((row) => orphanOf(row, isHeld(row) ? 'held without a deadline' : 'no due time')),
    ];
  }

  #free(key: number, worker: LostWorker, limit: number): CustodyRow[] {
    const rows = this.#claimed.all(key, limit).flatMap((each) => this.#rowOf(each));
    for (const row of rows) {
      const change = lapsed(row.progress, worker, this.#tables.now, this.#tables.settings);
      this.#tables.recipients.move(row, change, this.#tables.workers.source('janitor', null), this.#tables.now);
    }
    return rows;
  }

  #deadHolders(): { readonly key: number; readonly role: string | null }[] {
    const dead: { key: number; role: string | null }[] = [];
    for (let next = this.#nextHolder.get(-1); next !== undefined; next = this.#nextHolder.get(next.key)) {
      if (next.alive === 0) dead.push(next);
    }
    return dead;
  }

  #rowOf({ message, n }: Key): CustodyRow[] {
    const row = this.#tables.recipients.find(message, n);
    return row === undefined ? [] : [row];
  }
}

function orphanOf({ message, n, tenant }: CustodyRow, fault: OrphanFault): Orphan {
  return { message, recipient: n, tenant, fault, mended: true };
}
