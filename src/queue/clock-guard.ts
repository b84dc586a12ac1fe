/**
 * Whether time can be trusted with what can't be undone: expiry, auto-release, purge (design 1, Clocks).
 * ```
 *   steady ──clocks part by > 5 min, or an implausible time since the last run──▶ suspended
 *      ▲                                                                              │
 *      └──────────────── steady for 10 min, or an operator confirms ──────────────────┘
 * ```
 * `ClockJudge` is the pure rule; `ClockGuard` feeds it and keeps the time of the last run and the operator's word in custody, so that
 * all processes see the same.
 */
import { within } from '#/model/index.ts';
import type { Clock, Custody, Log } from '#/ports/index.ts';
import { reasonOf } from './settler.ts';

/** Wall and monotonic clock may part by so much before nothing is done. */
const PARTED_MS = 5 * 60_000;
/** A restart after a longer absence than this waits until time has been steady: a clock that is a day ahead looks the same. */
const ABSENT_MS = 24 * 3_600_000;
/** Steady so long ends the suspension. */
const STEADY_MS = 10 * 60_000;
/** Parting by more than this within the suspension begins it anew. */
const UNSTEADY_MS = 5_000;

export class ClockJudge {
  #offset: number;
  #steadySince: number | null = null;
  #why = '';

  /** `lastRun` is the wall-clock ms of the last run of any process, null on a new installation. */
  constructor(wallMs: number, monotonicMs: number, lastRun: number | null) {
    this.#offset = wallMs - monotonicMs;
    if (lastRun === null) return;
    if (wallMs < lastRun - PARTED_MS)
      this.#suspend(monotonicMs, 'the clock is before the last run of this installation');
    if (wallMs > lastRun + ABSENT_MS) this.#suspend(monotonicMs, 'more than a day has passed since the last run');
  }

  /** Why nothing may run; empty while time is steady. */
  get why(): string {
    return this.#steadySince === null ? '' : this.#why;
  }

  /** Compares the clocks; returns whether time is steady. */
  look(wallMs: number, monotonicMs: number): boolean {
    const parted = Math.abs(wallMs - monotonicMs - this.#offset);
    if (parted > (this.#steadySince === null ? PARTED_MS : UNSTEADY_MS)) {
      this.#offset = wallMs - monotonicMs;
      this.#suspend(monotonicMs, `the clock jumped by ${Math.round(parted / 1_000)} s`);
    }
    if (this.#steadySince !== null && monotonicMs - this.#steadySince >= STEADY_MS) this.#steadySince = null;
    return this.#steadySince === null;
  }

  /** An operator says that the time is right. */
  confirm(): void {
    this.#steadySince = null;
  }

  #suspend(monotonicMs: number, why: string): void {
    this.#steadySince = monotonicMs;
    this.#why = why;
  }
}

/** Names in custody's small facts. */
export const LAST_RUN = 'janitor.lastRun';
export const CONFIRMED = 'clock.confirmed';

const CALL_MS = 10_000;
/** How often the time of the last run is written down. */
const NOTE_MS = 60_000;

export interface ClockGuardParts {
  readonly custody: Pick<Custody, 'remember' | 'recall'>;
  readonly clock: Clock;
  readonly log: Log;
}

export class ClockGuard {
  readonly #parts: ClockGuardParts;
  readonly #judge: ClockJudge;
  #confirmed: string | null;
  #notedAt = Number.NEGATIVE_INFINITY;
  #told = '';

  private constructor(parts: ClockGuardParts, judge: ClockJudge, confirmed: string | null) {
    this.#parts = parts;
    this.#judge = judge;
    this.#confirmed = confirmed;
  }

  static async open(parts: ClockGuardParts): Promise<ClockGuard> {
    const lastRun = await parts.custody.recall(LAST_RUN, within(CALL_MS));
    const confirmed = await parts.custody.recall(CONFIRMED, within(CALL_MS));
    const { clock } = parts;
    const judge = new ClockJudge(clock.now(), clock.monotonic(), lastRun === null ? null : Number(lastRun));
    return new ClockGuard(parts, judge, confirmed);
  }

  /** Why expiry, auto-release and purge stand still; empty while they may run. */
  get why(): string {
    return this.#judge.why;
  }

  /** Looks at the clocks, notes the run; true when expiry, auto-release and purge may run now. */
  async look(): Promise<boolean> {
    const { clock } = this.#parts;
    let steady = this.#judge.look(clock.now(), clock.monotonic());
    try {
      if (!steady && (await this.#confirmedAnew())) this.#judge.confirm();
      steady = this.#judge.why === '';
      if (steady) await this.#note();
    } catch (cause) {
      this.#parts.log.warn('clock.not_noted', { why: reasonOf(cause) });
    }
    this.#tell();
    return steady;
  }

  async #confirmedAnew(): Promise<boolean> {
    const confirmed = await this.#parts.custody.recall(CONFIRMED, within(CALL_MS));
    const anew = confirmed !== this.#confirmed;
    this.#confirmed = confirmed;
    return anew;
  }

  // Not while suspended: a restart must not take a wrong time for the last run and believe it.
  async #note(): Promise<void> {
    const { clock, custody } = this.#parts;
    if (clock.monotonic() - this.#notedAt < NOTE_MS) return;
    this.#notedAt = clock.monotonic();
    await custody.remember(LAST_RUN, String(clock.now()), within(CALL_MS));
  }

  #tell(): void {
    if (this.#told === this.why) return;
    this.#told = this.why;
    if (this.why === '') this.#parts.log.info('clock.steady');
    else this.#parts.log.error('clock.suspended', { incident: true, why: this.why });
  }
}
