/** What one request of the writer works with: the tables, the clock of its group, and where content comes and goes. */
import type { DatabaseSync } from 'node:sqlite';
import type { CustodySettings } from '../custody/index.ts';
import { Tally } from '../custody/index.ts';
import { BodyReader, BodyWriter } from './bodies.ts';
import { BookWriter } from './books.ts';
import { JournalTable } from './journal-table.ts';
import { BodyKeys } from './keys.ts';
import { MessageTable } from './messages.ts';
import type { Condemned, WriterSetup } from './protocol.ts';
import { RecipientTable } from './recipients.ts';
import { WorkerTable } from './workers.ts';

export class Tables {
  readonly db: DatabaseSync;
  readonly settings: CustodySettings;
  readonly bodies: BodyReader;
  readonly books: BookWriter;
  readonly journal: JournalTable;
  readonly messages: MessageTable;
  readonly recipients: RecipientTable;
  readonly workers: WorkerTable;
  readonly #keys: BodyKeys;
  /** Wall clock of the group. */
  now = 0;
  /** Blobs that the running request leaves without a row. */
  condemned: Condemned[] = [];
  /** Content that the running request gives out. */
  output: Uint8Array[] = [];
  #input: Uint8Array = new Uint8Array();

  constructor(db: DatabaseSync, setup: WriterSetup) {
    this.db = db;
    this.settings = setup.settings;
    this.#keys = new BodyKeys(db, setup.keyFile);
    this.bodies = new BodyReader(db, () => this.#keys);
    this.books = new BookWriter(db);
    this.journal = new JournalTable(db);
    this.messages = new MessageTable(db, new BodyWriter(db, this.#keys, setup.encryptBodies));
    this.recipients = new RecipientTable(db, this.journal);
    this.workers = new WorkerTable(db, setup.settings);
  }

  /** Before each request: nothing is left of the one before. */
  begin(input: Uint8Array): void {
    this.#input = input;
    this.condemned = [];
    this.output = [];
    this.recipients.tally = new Tally();
    this.recipients.ended.clear();
  }

  /** The request's content from `at` on. */
  content(at: number, size: number): Uint8Array {
    return this.#input.subarray(at, at + size);
  }

  /** At the end of each request: content of messages whose last recipient has ended goes. */
  releaseEnded(): void {
    for (const message of this.recipients.ended) {
      if (this.recipients.hasLive(message)) continue;
      const condemned = this.messages.releaseContent(message);
      if (condemned !== null) this.condemned.push(condemned);
    }
  }

  /** After a rollback: nothing that was remembered from it is true. */
  forget(): void {
    this.#keys.forget();
    this.journal.forget();
    this.workers.forget();
  }
}
