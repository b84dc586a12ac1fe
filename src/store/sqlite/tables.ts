/** What one request of the writer works with: the tables, the clock of its group, and where content comes and goes. */
import type { DatabaseSync } from 'node:sqlite';
import type { CustodySettings } from '../custody/index.ts';
import { Tally } from '../custody/index.ts';
import { BodyReader, sha256Of } from './bodies.ts';
import { BookWriter } from './books.ts';
import { JournalTable } from './journal-table.ts';
import { BodyKeys } from './keys.ts';
import { BlockReader, type Place, SegmentKeeper, type Segments } from './log/index.ts';
import { MessageTable, type NewContent } from './messages.ts';
import type { Condemned, WireBody, WriterSetup } from './protocol.ts';
import { RecipientTable } from './recipients.ts';
import { WorkerTable } from './workers.ts';
import type { YoungMails } from './young.ts';

export class Tables {
  readonly db: DatabaseSync;
  readonly settings: CustodySettings;
  readonly bodies: BodyReader;
  readonly books: BookWriter;
  readonly journal: JournalTable;
  readonly messages: MessageTable;
  readonly recipients: RecipientTable;
  readonly workers: WorkerTable;
  readonly keeper: SegmentKeeper;
  readonly blocks: BlockReader;
  readonly keys: BodyKeys;
  readonly #young: YoungMails = new Map();
  /** Whether new rows may wait in memory for the next commit; else each stands in its table at once. */
  mayWait = true;
  /** Wall clock of the group. */
  now = 0;
  /** Blobs that the running request leaves without a row. */
  condemned: Condemned[] = [];
  /** Content that the running request gives out. */
  output: Uint8Array[] = [];
  #input: Uint8Array = new Uint8Array();
  #inputAt: Place = 0;
  #isSealed = true;

  constructor(db: DatabaseSync, setup: WriterSetup, segments: Segments) {
    this.db = db;
    this.settings = setup.settings;
    this.keys = new BodyKeys(db, setup.keyFile);
    this.keeper = new SegmentKeeper(db, segments);
    this.blocks = new BlockReader(segments);
    this.bodies = new BodyReader(db, this.blocks, () => this.keys);
    this.books = new BookWriter(db);
    this.journal = new JournalTable(db);
    this.messages = new MessageTable(db, this.#young, this.keeper);
    this.recipients = new RecipientTable(db, this.#young, this.journal);
    this.workers = new WorkerTable(db, setup.settings);
  }

  /** Before each request: nothing is left of the one before. Its content begins at `at` of the log, and is `input` where it is not sealed there. */
  begin(input: Uint8Array, at: Place, isSealed: boolean): void {
    this.#isSealed = isSealed;
    this.#input = input;
    this.#inputAt = at;
    this.condemned = [];
    this.output = [];
    this.recipients.tally = new Tally();
    this.recipients.ended.clear();
  }

  /** Where a new mail's content stands, and its hash unless it is sealed. */
  content({ at, size }: WireBody & { kind: 'bytes' }): NewContent {
    const sha256 = this.#isSealed ? '' : sha256Of(this.#input.subarray(at, at + size));
    return { logAt: this.#inputAt + at, sha256 };
  }

  /** Writes what waits in memory into the tables; before anything that looks for rows, and before each commit. */
  writeYoung(): void {
    for (const young of this.#young.values()) {
      this.messages.write(young);
      for (const recipient of young.recipients.values()) this.recipients.write(young.mail, recipient);
    }
    this.#young.clear();
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
    this.#young.clear();
    this.keys.forget();
    this.keeper.recount();
    this.journal.forget();
    this.workers.forget();
  }
}
