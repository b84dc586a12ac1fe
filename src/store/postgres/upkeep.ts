/** What every process does now and then for all of them, and may be done twice: folding lines of the books, making tomorrow and its key. */
import type { Books, Call } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Log } from '#/ports/index.ts';
import { foldBooks, readBooks } from './book-lines.ts';
import type { Context } from './context.ts';
import type { Days } from './days.ts';
import { DAY_MS, dayAt } from './days.ts';
import type { Sql } from './sql.ts';

const EVERY_MS = 5_000;
const CALL_MS = 30_000;

export class Upkeep {
  readonly #context: Context;
  readonly #days: Days;
  readonly #sql: Sql;
  readonly #log: Log | null;
  readonly #timer: NodeJS.Timeout;
  #running: Promise<void> | null = null;
  #foldedAt = 0;
  #stopped = false;

  constructor(context: Context, days: Days, sql: Sql) {
    this.#context = context;
    this.#days = days;
    this.#sql = sql;
    this.#log = context.log;
    this.#timer = setInterval(() => void this.#run(), EVERY_MS).unref();
  }

  /** Makes today and tomorrow, and looks how much is live. */
  async begin(): Promise<void> {
    await this.#makeDays();
    await this.books(within(CALL_MS));
  }

  /** The live books; what they say is live puts right what this process has counted. */
  async books(call: Call): Promise<readonly Books[]> {
    const books = await readBooks(this.#sql, call);
    this.#context.live = books.reduce((sum, { held, queued }) => sum + held + queued, 0);
    return books;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  #run(): Promise<void> {
    this.#running ??= this.#once().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #once(): Promise<void> {
    try {
      await this.#makeDays();
      const { commits } = this.#context.costs;
      if (commits === this.#foldedAt) return;
      this.#foldedAt = commits;
      while (!this.#stopped && (await foldBooks(this.#sql, within(CALL_MS))));
      if (!this.#stopped) await this.books(within(CALL_MS));
    } catch (error) {
      this.#log?.warn('store.upkeep.failed', { detail: error instanceof Error ? error.message : String(error) });
    }
  }

  async #makeDays(): Promise<void> {
    const now = this.#context.clock.now();
    await this.#days.ensure([dayAt(now), dayAt(now + DAY_MS)], within(CALL_MS));
    await this.#context.sealing.makeAhead(now + DAY_MS);
  }
}
