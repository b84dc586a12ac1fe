/**
 * Workers of one role, as many as the work asks for (H10): more where the oldest work waits too long or all are busy, fewer when they have had
 * little to do for a while. Whoever is one too many drains before it ends.
 *
 * A worker is judged by what it answers, not by being alive: asked for a verdict that we know, it must say it, in time. Whoever does not is
 * given up, and as after any death another one follows. By time that we really watched: when the steward slept, nobody was late.
 *
 * What must never happen: a worker that is stopped in the middle of its work; a pool that grows without a bound, shrinks below its least, or
 * swings; a worker that is given up because the machine is loaded, or while it starts.
 */
import type { Clock, Log } from '#/ports/index.ts';

export interface PoolSettings {
  /** Workers at least and at most. */
  readonly min: number;
  readonly max: number;
  /** Between looks. */
  readonly lookMs: number;
  /** Work that has been due so long asks for one worker more. */
  readonly growAgeMs: number;
  /** The part of their places that is taken, from 0 to 1, above which one more is started, and below which one less would do. */
  readonly growLoad: number;
  readonly shrinkLoad: number;
  /** From one step to the next: a new worker needs so long to show what it changes. */
  readonly settleMs: number;
  /** It must have been calm for so long before one is stopped. */
  readonly calmMs: number;
  /** A worker has so long for an answer, of watched time. */
  readonly answerMs: number;
}

export const POOL_DEFAULTS: Omit<PoolSettings, 'min' | 'max'> = {
  lookMs: 1_000,
  growAgeMs: 2_000,
  growLoad: 0.8,
  shrinkLoad: 0.3,
  settleMs: 3_000,
  calmMs: 60_000,
  answerMs: 15_000,
};

/** What a worker says of itself and of the work. */
export interface WorkerLook {
  /** What is wrong with its verdict on a probe; null where it is right. */
  readonly fault: string | null;
  /** Part of its places that is taken, from 0 to 1. */
  readonly load: number;
  /** Age of the oldest work that is due and that nobody has taken, ms; 0 where none is, null where it is not known. */
  readonly oldestMs: number | null;
}

/** One worker process, restarted when it dies (`Child`). */
export interface PoolMember {
  /** 0 while none runs. */
  readonly pid: number;
  readonly state: string;
  look(withinMs: number): Promise<WorkerLook>;
  /** Ends it, alive as it is; another one follows. */
  giveUp(pid: number, why: string): void;
  /** Lets it drain; resolves when it has ended. It is not started again. */
  stop(): Promise<void>;
}

export interface PoolParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Starts a worker; numbers count from 1, and one that was stopped is given out again. */
  readonly start: (number: number) => PoolMember;
}

/** How many workers there should be: at most one step from how many there are. Pure. */
export function workersWanted(
  running: number,
  looks: readonly WorkerLook[],
  times: { readonly sinceStepMs: number; readonly calmMs: number },
  settings: PoolSettings,
): number {
  const { min, max, growAgeMs, growLoad, settleMs } = settings;
  if (running < min) return running + 1;
  if (running > max) return running - 1;
  if (times.sinceStepMs < settleMs) return running;
  const oldestMs = oldestOf(looks);
  // Those that do not answer are busy, or are replaced: no more are started for them.
  const wantsMore = looks.length > 0 && (oldestMs >= growAgeMs || loadOf(looks) >= growLoad);
  if (wantsMore) return Math.min(max, running + 1);
  return times.calmMs >= settings.calmMs ? Math.max(min, running - 1) : running;
}

/** Whether one worker less would do. */
export function isCalm(running: number, looks: readonly WorkerLook[], settings: PoolSettings): boolean {
  if (running <= settings.min || looks.length < running) return false;
  const fits = (loadOf(looks) * running) / Math.max(1, running - 1) <= settings.shrinkLoad;
  return fits && looks.every(({ oldestMs }) => oldestMs !== null && oldestMs < settings.growAgeMs / 4);
}

function loadOf(looks: readonly WorkerLook[]): number {
  return looks.length === 0 ? 0 : looks.reduce((sum, { load }) => sum + load, 0) / looks.length;
}

/** What nobody knows asks for no worker more. */
function oldestOf(looks: readonly WorkerLook[]): number {
  return Math.max(0, ...looks.map(({ oldestMs }) => oldestMs ?? 0));
}

interface Kept {
  readonly number: number;
  readonly member: PoolMember;
  /** Its process when it was last asked, the watched time since, and its last answer. */
  pid: number;
  silentMs: number;
  asking: boolean;
  look: WorkerLook | null;
}

export class Pool implements AsyncDisposable {
  readonly #settings: PoolSettings;
  readonly #parts: PoolParts;
  readonly #stop = new AbortController();
  readonly #leaving = new Set<Promise<void>>();
  #kept: Kept[] = [];
  #calmMs = 0;
  #sinceStepMs = Number.POSITIVE_INFINITY;
  readonly #running: Promise<void>;

  /** Starts the least number of workers at once. */
  constructor(settings: PoolSettings, parts: PoolParts) {
    this.#settings = settings;
    this.#parts = parts;
    for (let i = 0; i < settings.min; i++) this.#add();
    this.#running = this.#run();
  }

  /** Those that are to work, in order of their numbers. */
  get members(): readonly PoolMember[] {
    return this.#kept.map(({ member }) => member);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    await Promise.all([...this.#kept.map(({ member }) => member.stop()), ...this.#leaving]);
  }

  async #run(): Promise<void> {
    const { clock } = this.#parts;
    let last = clock.monotonic();
    while (!this.#stop.signal.aborted) {
      await clock.sleep(this.#settings.lookMs, this.#stop.signal);
      const now = clock.monotonic();
      if (!this.#stop.signal.aborted) this.#look(Math.min(now - last, 2 * this.#settings.lookMs));
      last = now;
    }
  }

  #look(watchedMs: number): void {
    for (const kept of this.#kept) this.#watch(kept, watchedMs);
    const looks = this.#kept.flatMap(({ look }) => (look === null ? [] : [look]));
    this.#calmMs = isCalm(this.#kept.length, looks, this.#settings) ? this.#calmMs + watchedMs : 0;
    this.#sinceStepMs += watchedMs;
    const times = { sinceStepMs: this.#sinceStepMs, calmMs: this.#calmMs };
    const wanted = workersWanted(this.#kept.length, looks, times, this.#settings);
    if (wanted > this.#kept.length) this.#grow(looks);
    else if (wanted < this.#kept.length) this.#shrink();
  }

  #watch(kept: Kept, watchedMs: number): void {
    const { pid, state } = kept.member;
    if (pid !== kept.pid || state !== 'running') {
      Object.assign(kept, { pid, silentMs: 0, look: null });
      if (state !== 'running') return;
    }
    kept.silentMs += watchedMs;
    if (kept.silentMs >= this.#settings.answerMs && kept.look !== null)
      this.#giveUp(kept, 'it does not answer a probe');
    else if (!kept.asking) void this.#ask(kept, pid);
  }

  async #ask(kept: Kept, pid: number): Promise<void> {
    kept.asking = true;
    try {
      const look = await kept.member.look(this.#settings.answerMs);
      if (kept.pid !== pid) return;
      kept.look = look;
      kept.silentMs = 0;
      if (look.fault !== null) this.#giveUp(kept, look.fault);
    } catch {
      // No answer: the time that passes counts.
    } finally {
      kept.asking = false;
    }
  }

  #giveUp(kept: Kept, why: string): void {
    this.#parts.log.error('steward.worker-unfit', { incident: true, worker: kept.number, pid: kept.pid, why });
    kept.member.giveUp(kept.pid, why);
    Object.assign(kept, { look: null, silentMs: 0 });
  }

  #grow(looks: readonly WorkerLook[]): void {
    const kept = this.#add();
    const oldestMs = Math.round(oldestOf(looks));
    this.#parts.log.info('steward.pool-grown', { workers: this.#kept.length, worker: kept.number, oldestMs });
    this.#stepped();
  }

  #shrink(): void {
    const kept = this.#kept.pop();
    if (kept === undefined) return;
    this.#parts.log.info('steward.pool-shrunk', { workers: this.#kept.length, worker: kept.number });
    const leaving = kept.member.stop().finally(() => this.#leaving.delete(leaving));
    this.#leaving.add(leaving);
    this.#stepped();
  }

  #stepped(): void {
    this.#sinceStepMs = 0;
    this.#calmMs = 0;
  }

  #add(): Kept {
    const number = this.#kept.length + 1;
    const kept = { number, member: this.#parts.start(number), pid: 0, silentMs: 0, asking: false, look: null };
    this.#kept.push(kept);
    return kept;
  }
}
