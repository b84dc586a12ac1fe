/**
 * What waits to be written into the history. The store may be away, which is when there is most to write: it is kept, up to a bound, and written when the
 * store is back.
 */
import { within } from '#/model/index.ts';
import type { Clock, Log, StatusHistory, StatusRecords } from '#/ports/index.ts';
import { denseMs, thinEveryMs, unwrittenChangesMax, unwrittenMinutesMax } from './limits.ts';

const WRITE_MS = 5_000;
const THIN_MS = 30_000;
/** Rows in one call: a bound for its statements. */
const ROWS_MAX = 500;

export class Recorder {
  readonly #parts: {
    readonly history: StatusHistory;
    readonly clock: Clock;
    readonly log: Log;
    readonly keepMs: number;
  };
  readonly #waiting: {
    minutes: StatusRecords['minutes'][number][];
    figures: StatusRecords['figures'][number][];
    changes: StatusRecords['changes'][number][];
  } = { minutes: [], figures: [], changes: [] };
  #isWriting = false;
  #isAway = false;
  #thinnedAt = Number.NEGATIVE_INFINITY;

  constructor(parts: {
    readonly history: StatusHistory;
    readonly clock: Clock;
    readonly log: Log;
    readonly keepMs: number;
  }) {
    this.#parts = parts;
  }

  add({ minutes = [], figures = [], changes = [] }: Partial<StatusRecords>): void {
    const waiting = this.#waiting;
    waiting.minutes = [...waiting.minutes, ...minutes].slice(-unwrittenMinutesMax * COMPONENTS);
    waiting.figures = [...waiting.figures, ...figures].slice(-unwrittenMinutesMax * COMPONENTS);
    waiting.changes = [...waiting.changes, ...changes].slice(-unwrittenChangesMax);
  }

  /** Begins to write what waits, and goes on at the next call where it failed. Never rejects, never waits. */
  write(): void {
    if (this.#isWriting) return;
    this.#isWriting = true;
    void this.#write().finally(() => {
      this.#isWriting = false;
    });
  }

  async #write(): Promise<void> {
    const { history, log } = this.#parts;
    try {
      for (let batch = this.#batch(); batch !== null; batch = this.#batch()) {
        await history.keep(batch, within(WRITE_MS));
        this.#written(batch);
      }
      if (this.#isAway) log.info('status.history-back');
      this.#isAway = false;
      await this.#thin();
    } catch (error) {
      if (!this.#isAway)
        log.warn('status.history-away', { why: error instanceof Error ? error.message : String(error) });
      this.#isAway = true;
    }
  }

  #batch(): StatusRecords | null {
    const { minutes, figures, changes } = this.#waiting;
    if (minutes.length + figures.length + changes.length === 0) return null;
    return {
      minutes: minutes.slice(0, ROWS_MAX),
      figures: figures.slice(0, ROWS_MAX),
      changes: changes.slice(0, ROWS_MAX),
    };
  }

  // What came meanwhile stands behind it; where the bound has cut its begin off, what was written again is replaced by itself.
  #written({ minutes, figures, changes }: StatusRecords): void {
    const done = new Set<object>([...minutes, ...figures, ...changes]);
    const waiting = this.#waiting;
    waiting.minutes = waiting.minutes.filter((one) => !done.has(one));
    waiting.figures = waiting.figures.filter((one) => !done.has(one));
    waiting.changes = waiting.changes.filter((one) => !done.has(one));
  }

  async #thin(): Promise<void> {
    const { history, clock, keepMs } = this.#parts;
    if (clock.monotonic() - this.#thinnedAt < thinEveryMs) return;
    const now = clock.now();
    await history.thin(now - denseMs, now - keepMs, within(THIN_MS));
    this.#thinnedAt = clock.monotonic();
  }
}

/** A bound for the components and stages of one minute. */
const COMPONENTS = 16;
