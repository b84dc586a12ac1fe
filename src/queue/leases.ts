/**
 * Heartbeats (design 1, Claims). Our own is counted up every 2 s and is the lease of all our claims; others' are watched, and one that
 * stands still is declared dead, so that its claims lapse within seconds (H5, H10).
 *
 * All by monotonic time of this process: a wall clock that jumps neither kills nor keeps anyone. What must never happen: an
 * attempt by a process that others may already have declared dead; a living one declared dead because *we* slept.
 */
import { type Incarnation, type IncarnationId, within } from '#/model/index.ts';
import type { Clock, Custody, Log } from '#/ports/index.ts';
import { reasonOf } from './settler.ts';

export interface LeaseParts {
  readonly custody: Pick<Custody, 'enlist' | 'beat' | 'beats' | 'retire'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly incarnation: Incarnation;
  /** We were declared dead, or can't go on: the process must end. */
  readonly onFatal: (reason: string) => void;
  /** Claims of a dead worker were freed. */
  readonly onRows: () => void;
}

/** Between beats. */
const BEAT_MS = 2_000;
/** A watcher declares dead what it has seen stand still for so long. */
const DEAD_MS = 10_000;
/** Own attempts stop when the last stored beat is so old: 2 s before anyone may think us dead. */
const STALE_MS = 8_000;
const CALL_MS = 5_000;
/** Behind a failure: a store that is back is told soon that we live. */
const AGAIN_MS = 1_000;

interface Watched {
  beat: number;
  /** Time that we really watched it stand still, the store answering. */
  stillMs: number;
}

export class Leases {
  readonly #parts: LeaseParts;
  readonly #stop = new AbortController();
  readonly #watched = new Map<IncarnationId, Watched>();
  #storedAt = Number.NEGATIVE_INFINITY;
  /** The look before, where it had an answer. */
  #lookedAt: number | null = null;
  #loops: Promise<unknown> = Promise.resolve();

  private constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  /** Writes the incarnation down and begins to beat. */
  static async start(parts: LeaseParts): Promise<Leases> {
    const leases = new Leases(parts);
    const before = parts.clock.monotonic();
    await parts.custody.enlist(parts.incarnation, within(CALL_MS));
    leases.#storedAt = before;
    leases.#loops = Promise.all([leases.#every(() => leases.#beat()), leases.#every(() => leases.#watch())]);
    return leases;
  }

  /** Whether our stored beat is young enough that nobody can have taken our claims. */
  fresh(): boolean {
    return this.#parts.clock.monotonic() - this.#storedAt < STALE_MS;
  }

  /** Monotonic ms since the last stored beat. */
  ageMs(): number {
    return this.#parts.clock.monotonic() - this.#storedAt;
  }

  /** Ends beating and watching, and gives up the incarnation; `clean` when no attempt of ours can still be under way. */
  async end(clean: boolean): Promise<void> {
    this.#stop.abort();
    await this.#loops;
    this.#storedAt = Number.NEGATIVE_INFINITY;
    await this.#parts.custody.retire(this.#parts.incarnation.id, clean, within(CALL_MS));
  }

  async #every(work: () => Promise<void>): Promise<void> {
    while (!this.#stop.signal.aborted) {
      let pauseMs = BEAT_MS;
      try {
        await work();
      } catch (cause) {
        this.#parts.log.warn('queue.heartbeat_failed', { why: reasonOf(cause) });
        pauseMs = AGAIN_MS;
      }
      await this.#parts.clock.sleep(pauseMs, this.#stop.signal);
    }
  }

  async #beat(): Promise<void> {
    const { custody, clock, incarnation, onFatal } = this.#parts;
    // The time before the call: when the answer is slow, the beat is as old as the question.
    const before = clock.monotonic();
    const alive = await custody.beat(incarnation.id, within(CALL_MS));
    if (alive) this.#storedAt = before;
    else if (!this.#stop.signal.aborted) onFatal('this process was declared dead by another; its mail goes on there');
  }

  async #watch(): Promise<void> {
    const lookedAt = this.#lookedAt;
    // Where the store does not answer us it takes nobody's beat: that time is not watched.
    this.#lookedAt = null;
    const beats = await this.#parts.custody.beats(within(CALL_MS));
    const now = this.#parts.clock.monotonic();
    // A store that can be read and takes no beat, ours as little as theirs, waits for its standby: nor is that time watched.
    const takesBeats = this.ageMs() <= 2 * BEAT_MS;
    // After a sleep of our own we have watched for one interval, not for the length of the sleep.
    const watchedMs = takesBeats ? Math.min(now - (lookedAt ?? now), 2 * BEAT_MS) : 0;
    this.#lookedAt = now;
    const others = beats.filter(({ incarnation }) => incarnation.id !== this.#parts.incarnation.id);
    const ids = new Set(others.map(({ incarnation }) => incarnation.id));
    for (const id of this.#watched.keys()) if (!ids.has(id)) this.#watched.delete(id);
    for (const { incarnation, beat } of others) await this.#judge(incarnation.id, beat, watchedMs);
  }

  async #judge(id: IncarnationId, beat: number, watchedMs: number): Promise<void> {
    const known = this.#watched.get(id);
    if (known === undefined || known.beat !== beat) {
      this.#watched.set(id, { beat, stillMs: 0 });
      return;
    }
    known.stillMs += watchedMs;
    if (known.stillMs < DEAD_MS) return;
    const freed = await this.#parts.custody.retire(id, false, within(CALL_MS));
    this.#watched.delete(id);
    this.#parts.log.warn('queue.worker_declared_dead', { worker: id, recipients: freed });
    this.#parts.onRows();
  }
}
