/**
 * Whether a person has stopped the purge. It is written down with custody's small facts, so that it outlives a restart and holds for every
 * host that shares them.
 *
 *   not known ── read ──▶ goes on ◀── a person ──▶ paused      (not known: nothing is purged)
 */
import { type Call, within } from '#/model/index.ts';
import type { Clock, Custody } from '#/ports/index.ts';

/** Name in custody's small facts. */
const NOTE = 'mailboxes.purge';
const CALL_MS = 10_000;
/** Another host may have written meanwhile. */
const LOOK_AGAIN_MS = 10_000;

export class PurgePause {
  readonly #notes: Pick<Custody, 'remember' | 'recall'>;
  readonly #clock: Pick<Clock, 'monotonic'>;
  #paused: boolean | null = null;
  #knownAt = Number.NEGATIVE_INFINITY;

  constructor(notes: Pick<Custody, 'remember' | 'recall'>, clock: Pick<Clock, 'monotonic'>) {
    this.#notes = notes;
    this.#clock = clock;
  }

  /** As it was known last. */
  get paused(): boolean {
    return this.#paused ?? false;
  }

  /** Whether the purge must stand still. Never rejects: while nothing is known it stands. */
  async look(signal: AbortSignal): Promise<boolean> {
    if (this.#clock.monotonic() - this.#knownAt >= LOOK_AGAIN_MS) {
      try {
        this.#know((await this.#notes.recall(NOTE, within(CALL_MS, signal))) === 'paused');
      } catch {
        // Custody is away for a moment: what was known holds.
      }
    }
    return this.#paused ?? true;
  }

  /** Durable when it resolves. */
  async set(paused: boolean, call: Call): Promise<void> {
    await this.#notes.remember(NOTE, paused ? 'paused' : 'goes on', call);
    this.#know(paused);
  }

  #know(paused: boolean): void {
    this.#paused = paused;
    this.#knownAt = this.#clock.monotonic();
  }
}
