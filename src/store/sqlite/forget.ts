/** The hot half of closing days: what an archive holds durably goes out of the hot tables, and its totals come in, in one transaction. */
import type { DatabaseSync } from 'node:sqlite';
import type { JournalKind, RecipientState, TenantId } from '#/model/index.ts';
import { PROBE_TENANT, RECIPIENT_STATES } from '#/model/index.ts';
import type { WriterCalls } from './protocol.ts';
import { Statement } from './statement.ts';

/** Stale look-up rows that one step removes. */
const LOOK_UP_STEP = 2000;

type Gone = { tenant: TenantId; at: number };

export class Forgetter {
  readonly #recipient: Statement<Gone & { state: RecipientState }>;
  readonly #event: Statement<Gone & { kind: JournalKind; detail: string }>;
  readonly #message: Statement;
  readonly #total: Statement;
  readonly #oldestLot: Statement<{ lot: number }>;
  readonly #lookUps: Statement;
  readonly #closedSeq: Statement;
  readonly #steps: Statement;

  constructor(db: DatabaseSync) {
    this.#recipient = new Statement(
      db,
      `DELETE FROM recipient WHERE message = ? AND n = ? AND phase = 2 RETURNING tenant, state, ended_at AS at`,
    );
    this.#event = new Statement(db, 'DELETE FROM journal WHERE seq = ? RETURNING tenant, kind, detail, at');
    this.#message = new Statement(
      db,
      'DELETE FROM message WHERE id = ? AND NOT EXISTS (SELECT 1 FROM recipient WHERE message = message.id)',
    );
    this.#total = new Statement(
      db,
      `INSERT INTO closing (day, tenant, line, amount) VALUES (?, ?, ?, 1)
       ON CONFLICT (day, tenant, line) DO UPDATE SET amount = amount + 1`,
    );
    this.#oldestLot = new Statement(db, 'SELECT lot FROM message ORDER BY id LIMIT 1');
    this.#lookUps = new Statement(
      db,
      `DELETE FROM look_up WHERE (lot, hash, message) IN (SELECT lot, hash, message FROM look_up WHERE lot < ? LIMIT ${LOOK_UP_STEP})`,
    );
    this.#closedSeq = new Statement(
      db,
      `INSERT INTO fact (name, value) VALUES ('store.journal.closed', ?)
       ON CONFLICT (name) DO UPDATE SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))`,
    );
    // The last one before what is left is where that begins.
    this.#steps = new Statement(
      db,
      `DELETE FROM journal_step WHERE seq < (SELECT max(seq) FROM journal_step WHERE seq <= (SELECT min(seq) FROM journal))`,
    );
  }

  /** Deletes what is still there and counts exactly that, so that a step may be repeated. Returns how many rows went. */
  forget({ recipients, events }: WriterCalls['forget']['input']): number {
    let gone = 0;
    for (const [message, n] of recipients) {
      const row = this.#recipient.get(message, n);
      if (row === undefined) continue;
      gone += 1;
      this.#close(row, RECIPIENT_STATES[row.state]);
    }
    for (const [message] of recipients) this.#message.run(message);
    for (const seq of events) {
      const row = this.#event.get(seq);
      if (row === undefined) continue;
      gone += 1;
      if (row.kind === 'accepted') this.#close(row, row.detail);
    }
    if (events.length > 0) {
      this.#closedSeq.run(String(Math.max(...events)));
      this.#steps.run();
    }
    // The newest messages of a lot may come from ids made a little earlier: one lot of slack.
    this.#lookUps.run((this.#oldestLot.get()?.lot ?? 0) - 1);
    return gone;
  }

  #close({ tenant, at }: Gone, line: string): void {
    if (tenant !== PROBE_TENANT) this.#total.run(dayOf(at), tenant, line);
  }
}

/** The day in UTC that a closed row belongs to. */
export function dayOf(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}
