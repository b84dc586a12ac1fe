/**
 * Whether a process that is alive is also at work (B7, H10). It is asked all the time; what counts is answers, not their speed:
 *
 * | seen | given up after |
 * |---|---|
 * | no answer: a busy or blocked event loop, a stopped process | `silentMs` |
 * | answers, but its heartbeat stands still in a store that answers others, or is its own | `stillMs`, and `confirmMs` more |
 * | either, while the machine is to blame: it gets no processor, or waits for the disk | `excusedMs` |
 * | no answer yet after its start | `startMs` |
 *
 * All by time that we really watched: when the steward itself slept, it has seen nothing. What must never happen: a process killed
 * because the machine is loaded, or because *we* were stopped.
 */
import type { Clock, Log } from '#/ports/index.ts';
import { excuses, lookAt, type ProcessLook } from './process-look.ts';
import type { Pulse } from './pulse.ts';

export interface WatchSettings {
  /** Between looks. A look counts for twice this at most. */
  readonly lookMs: number;
  readonly silentMs: number;
  readonly stillMs: number;
  readonly excusedMs: number;
  readonly startMs: number;
  /** A heartbeat must stand still over so much watched time: one late beat after a pause is none. */
  readonly confirmMs: number;
  /** An event loop that is held up so long is slow, and is told of; it is steady again below half of it for `steadyMs`. */
  readonly slowLoopMs: number;
  readonly steadyMs: number;
}

/** Together with the pause of one look, all but the excused are noticed within 10 s. */
export const WATCH_DEFAULTS: WatchSettings = {
  lookMs: 500,
  silentMs: 7_000,
  stillMs: 6_500,
  excusedMs: 60_000,
  startMs: 60_000,
  confirmMs: 1_500,
  slowLoopMs: 1_000,
  steadyMs: 10_000,
};

/** Why a process is given up. */
export type Trouble = 'it does not answer' | 'its heartbeat stands still' | 'it never answered';

/** The rule, for one process: fed with time watched and answers heard. */
export class Judge {
  readonly #settings: WatchSettings;
  #answered = false;
  #silentMs = 0;
  #stillMs = 0;

  constructor(settings: WatchSettings) {
    this.#settings = settings;
  }

  /** Time watched without an answer. */
  pass(ms: number): void {
    this.#silentMs += ms;
    if (this.#stillMs > 0) this.#stillMs += ms;
  }

  hear(pulse: Pulse): void {
    this.#answered = true;
    this.#silentMs = 0;
    // Begins to count, and goes on with the time that passes.
    this.#stillMs = pulse.stillMs < this.#settings.stillMs ? 0 : Math.max(this.#stillMs, 1);
  }

  /** What is wrong so far; null while all is well. */
  suspicion(): Trouble | null {
    if (this.#stillMs > 0) return 'its heartbeat stands still';
    if (this.#silentMs < 2 * this.#settings.lookMs) return null;
    return this.#answered ? 'it does not answer' : 'it never answered';
  }

  /** What it is given up for; null while it is not. `excused` where the machine is to blame. */
  verdict(excused: boolean): Trouble | null {
    const { silentMs, startMs, confirmMs, excusedMs } = this.#settings;
    const silence = this.#answered ? silentMs : startMs;
    if (this.#silentMs >= (excused ? Math.max(silence, excusedMs) : silence))
      return this.#answered ? 'it does not answer' : 'it never answered';
    return this.#stillMs > (excused ? excusedMs : confirmMs) ? 'its heartbeat stands still' : null;
  }
}

/** What is watched: a role's process of the moment. */
export interface Watched {
  readonly role: string;
  /** 0 while none runs. */
  readonly pid: number;
  readonly state: string;
  ask(withinMs: number): Promise<Pulse>;
  giveUp(pid: number, why: string): void;
}

export interface WatchParts {
  readonly clock: Clock;
  readonly log: Log;
  /** What the system says of a process. */
  readonly lookAt?: (pid: number) => Promise<ProcessLook | null>;
}

/** Watches until disposed. */
export function watch(watched: Watched, parts: WatchParts, settings: WatchSettings = WATCH_DEFAULTS): AsyncDisposable {
  const stop = new AbortController();
  const watching = new Watcher(watched, parts, settings).run(stop.signal);
  return {
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watching;
    },
  };
}

class Watcher {
  readonly #watched: Watched;
  readonly #parts: WatchParts;
  readonly #settings: WatchSettings;
  readonly #lookAt: (pid: number) => Promise<ProcessLook | null>;
  #pid = 0;
  #judge: Judge;
  #asking = false;
  #before: ProcessLook | null = null;
  #slowFor = 0;
  #steadyFor = 0;

  constructor(watched: Watched, parts: WatchParts, settings: WatchSettings) {
    this.#watched = watched;
    this.#parts = parts;
    this.#settings = settings;
    this.#lookAt = parts.lookAt ?? lookAt;
    this.#judge = new Judge(settings);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    let last = clock.monotonic();
    while (!signal.aborted) {
      await clock.sleep(this.#settings.lookMs, signal);
      const now = clock.monotonic();
      await this.#look(Math.min(now - last, 2 * this.#settings.lookMs));
      last = now;
    }
  }

  async #look(watchedMs: number): Promise<void> {
    const { pid, state } = this.#watched;
    if (pid !== this.#pid) this.#begin(pid);
    if (pid === 0 || state !== 'running') return;
    this.#judge.pass(watchedMs);
    if (!this.#asking) void this.#ask(pid);
    if (this.#judge.suspicion() === null) {
      this.#before = null;
      return;
    }
    this.#before ??= await this.#lookAt(pid);
    if (this.#judge.verdict(false) === null) return;
    const trouble = this.#judge.verdict(excuses(this.#before, await this.#lookAt(pid)));
    if (trouble === null) return;
    this.#watched.giveUp(pid, trouble);
    this.#begin(pid);
  }

  #begin(pid: number): void {
    this.#pid = pid;
    this.#judge = new Judge(this.#settings);
    this.#before = null;
  }

  /** One question at a time; a late answer is an answer. */
  async #ask(pid: number): Promise<void> {
    this.#asking = true;
    const judge = this.#judge;
    try {
      const pulse = await this.#watched.ask(this.#settings.excusedMs);
      if (pulse.pid !== pid) return;
      judge.hear(pulse);
      this.#tell(pulse);
    } catch {
      // No answer: the time that passes counts.
    } finally {
      this.#asking = false;
    }
  }

  #tell({ pid, loopDelayMs }: Pulse): void {
    const { lookMs, slowLoopMs, steadyMs } = this.#settings;
    const { role } = this.#watched;
    if (loopDelayMs >= slowLoopMs) {
      if (this.#slowFor++ === 0) this.#parts.log.warn('steward.child-slow', { role, pid, loopDelayMs });
      this.#steadyFor = 0;
    } else if (this.#slowFor > 0 && loopDelayMs < slowLoopMs / 2) {
      this.#steadyFor += lookMs;
      if (this.#steadyFor < steadyMs) return;
      this.#slowFor = 0;
      this.#parts.log.info('steward.child-steady', { role, pid });
    }
  }
}
