/** One file of what happened, the hot one or a closed day: messages, recipients and events by id, and ways to find ids. */
import type { DatabaseSync } from 'node:sqlite';
import type { JournalEvent, MailId } from '#/model/index.ts';
import { LookUpReader } from './look-up.ts';
import type { EventRow, MessageRow, RecipientRow } from './rows.ts';
import { eventOf } from './rows.ts';
import { Statement } from './statement.ts';

export class History {
  readonly lookUp: LookUpReader;
  readonly #message: Statement<MessageRow>;
  readonly #recipients: Statement<RecipientRow>;
  readonly #recipient: Statement<RecipientRow>;
  readonly #events: Statement<EventRow>;
  readonly #newest: Statement<{ id: MailId }>;

  constructor(db: DatabaseSync) {
    this.lookUp = new LookUpReader(db);
    this.#message = new Statement(db, 'SELECT * FROM message WHERE id = ?');
    this.#recipients = new Statement(db, 'SELECT * FROM recipient WHERE message = ? ORDER BY n');
    this.#recipient = new Statement(db, 'SELECT * FROM recipient WHERE message = ? AND n = ?');
    this.#events = new Statement(
      db,
      `SELECT seq, at, tenant, message, recipient, kind, stage, component, worker, host, release, rule, rule_version,
         destination, provider, attempt, elapsed_ms, attribution, detail
       FROM journal JOIN source ON source.id = journal.source WHERE message = ? ORDER BY seq`,
    );
    this.#newest = new Statement(db, 'SELECT id FROM message WHERE id <= ? ORDER BY id DESC');
  }

  message(id: MailId): MessageRow | undefined {
    return this.#message.get(id);
  }

  recipients(id: MailId): RecipientRow[] {
    return this.#recipients.all(id);
  }

  recipient(id: MailId, n: number): RecipientRow | undefined {
    return this.#recipient.get(id, n);
  }

  events(id: MailId): { readonly seq: number; readonly event: JournalEvent }[] {
    return this.#events.all(id).map((row) => ({ seq: row.seq, event: eventOf(row) }));
  }

  /** Ids up to `last`, newest first. */
  *newestFirst(last: string): Generator<MailId> {
    for (const { id } of this.#newest.iterate(last)) yield id;
  }
}
