/**
 * Periodic work on custody that may run anywhere, twice, and beside everything else: rows that nothing will move (H5), content that
 * differs from acceptance, finished days, books that must balance. Paced, so that people do not feel it.
 *
 * What must never happen: a purge while the clock can't be trusted; a pass that keeps the store busy.
 */
import { isFault, type MailId, type Orphan, within } from '#/model/index.ts';
import type { Clock, Custody, Log, Meter } from '#/ports/index.ts';
import { ClockGuard } from './clock-guard.ts';
import { type JanitorMeters, janitorMeters } from './meters.ts';
import { reasonOf } from './settler.ts';

export interface JanitorSettings {
  /** Between sweeps for orphans: found within seconds. */
  readonly sweepMs: number;
  /** Between two steps of a scrub, and messages in a step: 25 messages a second are two million a day. */
  readonly scrubStepMs: number;
  readonly scrubBatch: number;
  /** Until a step is tried again whose content could not be read. */
  readonly scrubAwayMs: number;
  /** From the begin of one scrub of everything to the next. */
  readonly scrubMs: number;
  /** Between looks for finished days, and rows moved in one step. */
  readonly rollOverMs: number;
  readonly rollOverBatch: number;
  /** Pause between two such steps. */
  readonly restMs: number;
  /** Between recounts of the books. */
  readonly recountMs: number;
  /** `retention.journal`: days older than this are dropped whole. */
  readonly journalMs: number;
  /** Deadline of one call to the store. */
  readonly callMs: number;
}

export const JANITOR_DEFAULTS: JanitorSettings = {
  sweepMs: 3_000,
  scrubStepMs: 1_000,
  scrubBatch: 25,
  scrubAwayMs: 30_000,
  scrubMs: 24 * 3_600_000,
  rollOverMs: 3_600_000,
  rollOverBatch: 500,
  restMs: 50,
  recountMs: 600_000,
  journalMs: 400 * 24 * 3_600_000,
  callMs: 60_000,
};

export interface JanitorParts {
  readonly custody: Pick<Custody, 'sweep' | 'scrub' | 'rollOver' | 'recount' | 'remember' | 'recall'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Meter;
}

export interface JanitorWork extends AsyncDisposable {
  /** Monotonic ms of the last finished sweep, for readiness. */
  lastRunAt(): number;
}

/** Starts the periodic work; runs until it is disposed. */
export async function startJanitorWork(parts: JanitorParts, settings: JanitorSettings): Promise<JanitorWork> {
  return new Janitor(parts, settings, await ClockGuard.open(parts));
}

const DAY_MS = 24 * 3_600_000;

class Janitor implements JanitorWork {
  readonly #parts: JanitorParts;
  readonly #settings: JanitorSettings;
  readonly #guard: ClockGuard;
  readonly #meters: JanitorMeters;
  readonly #stop = new AbortController();
  readonly #loops: Promise<unknown>;
  #lastRunAt = Number.NEGATIVE_INFINITY;

  constructor(parts: JanitorParts, settings: JanitorSettings, guard: ClockGuard) {
    this.#parts = parts;
    this.#settings = settings;
    this.#guard = guard;
    this.#meters = janitorMeters(parts.meter);
    this.#loops = Promise.all([
      this.#every(settings.sweepMs, () => this.#sweep()),
      this.#every(settings.rollOverMs, () => this.#rollOver()),
      this.#every(settings.recountMs, () => this.#recount()),
      this.#every(0, () => this.#scrub()),
    ]);
  }

  lastRunAt(): number {
    return this.#lastRunAt;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#loops;
  }

  async #every(ms: number, work: () => Promise<void>): Promise<void> {
    const { clock, log } = this.#parts;
    while (!this.#stop.signal.aborted) {
      let waitMs = ms;
      try {
        await work();
      } catch (cause) {
        // The store is away: looked at again soon, but not at once.
        log.warn('janitor.failed', { why: reasonOf(cause) });
        waitMs = Math.max(1_000, Math.min(ms, 10_000));
      }
      await clock.sleep(waitMs, this.#stop.signal);
    }
  }

  async #sweep(): Promise<void> {
    await this.#guard.look();
    this.#raise(await this.#parts.custody.sweep(within(this.#settings.callMs)));
    this.#lastRunAt = this.#parts.clock.monotonic();
  }

  /** One pass over all content, then rest until a day after its begin. */
  async #scrub(): Promise<void> {
    const { clock } = this.#parts;
    const begun = clock.monotonic();
    let after: MailId | null = null;
    for (let more = true; more && !this.#stop.signal.aborted; ) {
      const step = await this.#scrubStep(after);
      if (step !== null) {
        this.#raise(step.orphans);
        after = step.next;
        more = after !== null;
      }
      await this.#rest(step === null ? this.#settings.scrubAwayMs : this.#settings.scrubStepMs);
    }
    this.#meters.scrubbed.add();
    await this.#rest(Math.max(0, this.#settings.scrubMs - (clock.monotonic() - begun)));
  }

  /** Null where the store of content is away: nothing can be said of what it holds, and the pass goes on from here when it is back. */
  async #scrubStep(after: MailId | null): Promise<Awaited<ReturnType<Custody['scrub']>> | null> {
    const { scrubBatch, callMs } = this.#settings;
    try {
      return await this.#parts.custody.scrub(after, scrubBatch, within(callMs));
    } catch (cause) {
      if (!isFault(cause, 'store.unavailable')) throw cause;
      this.#parts.log.warn('janitor.failed', { why: reasonOf(cause) });
      return null;
    }
  }

  async #rollOver(): Promise<void> {
    const now = this.#parts.clock.now();
    const today = now - (now % DAY_MS);
    // What is dropped can't be brought back: only while the clock is trusted (design 1, Clocks).
    const dropBefore = (await this.#guard.look()) ? now - this.#settings.journalMs : 0;
    for (let more = true; more && !this.#stop.signal.aborted; ) {
      const call = within(this.#settings.callMs);
      const step = await this.#parts.custody.rollOver(today, dropBefore, this.#settings.rollOverBatch, call);
      if (step.moved > 0) this.#meters.rolledOver.add(step.moved);
      more = step.more;
      if (more) await this.#rest(this.#settings.restMs);
    }
  }

  async #recount(): Promise<void> {
    const counts = await this.#parts.custody.recount(within(this.#settings.callMs));
    const unbalanced = counts.filter((count) => !count.balanced);
    this.#meters.balanced.set(unbalanced.length === 0 ? 1 : 0);
    for (const { books } of unbalanced)
      this.#parts.log.error('books.unbalanced', { incident: true, tenant: books.tenant });
  }

  #raise(orphans: readonly Orphan[]): void {
    for (const { message, recipient, tenant, fault, mended } of orphans) {
      this.#meters.orphans.add(1, { fault, mended: String(mended) });
      const fields = { message, recipient, tenant, fault, mended };
      if (mended) this.#parts.log.warn('queue.orphan', fields);
      else this.#parts.log.error('queue.orphan', fields);
    }
  }

  #rest(ms: number): Promise<void> {
    return this.#parts.clock.sleep(ms, this.#stop.signal);
  }
}
