/**
 * One supervised role: a process that is started again when it dies, and replaced without a gap when it is to begin anew.
 * ```
 *   starting ─▶ running ──dies──▶ waiting ──pause──▶ starting …
 *                │    └──replace──▶ a successor starts beside it, stands ready, and takes over while the old one drains
 *                └──stop──▶ draining ─▶ ended
 * ```
 * A successor that does not come to stand is given up, and what runs goes on.
 */
import type { Clock, Log } from '#/ports/index.ts';
import { Life, type LifeSettings, type LifeSlot } from './life.ts';
import type { Pulse } from './pulse.ts';
import { countEarlyEnds, type RestartSettings, restartPauseMs } from './restart.ts';

export interface ChildSettings extends LifeSettings {
  /** From SIGTERM to SIGKILL, ms. */
  readonly drainMs: number;
  /** The same for one that is stuck: it can hardly drain. */
  readonly stuckDrainMs: number;
  /** How long a successor may take until it stands. */
  readonly successorMs: number;
  readonly restart: RestartSettings;
}

export interface ChildParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Asks a living process of this role how it is; rejects where it does not answer in time. */
  readonly ask: (slot: LifeSlot, withinMs: number) => Promise<Pulse>;
}

export type ChildState = 'starting' | 'running' | 'waiting' | 'draining' | 'ended';

const SUCCESSOR_LOOK_MS = 100;

export class Child {
  readonly #settings: ChildSettings;
  readonly #parts: ChildParts;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #run: Promise<void>;
  readonly #drains = new Set<Promise<void>>();
  #life: Life | null = null;
  #successor: Life | null = null;
  #replacing: Promise<boolean> | null = null;
  #state: ChildState = 'starting';
  #restarts = 0;
  #stuck = 0;

  /** Starts at once, and again whenever it dies, until `stop`. */
  constructor(settings: ChildSettings, parts: ChildParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#log = parts.log.child({ role: settings.role });
    this.#run = this.#keepRunning();
  }

  get role(): string {
    return this.#settings.role;
  }

  get state(): ChildState {
    return this.#state;
  }

  /** 0 while none runs. */
  get pid(): number {
    return this.#life?.pid ?? 0;
  }

  /** Where the one that serves is asked. */
  get slot(): LifeSlot {
    return this.#life?.slot ?? 0;
  }

  /** How often it was started again after a death. */
  get restarts(): number {
    return this.#restarts;
  }

  /** How often it was killed because it was stuck. */
  get stuck(): number {
    return this.#stuck;
  }

  /** How the one that serves is. */
  ask(withinMs: number): Promise<Pulse> {
    return this.#parts.ask(this.slot, withinMs);
  }

  /** Asks it to drain and resolves when it has ended, by SIGKILL after the drain deadline. It is not started again. */
  async stop(): Promise<void> {
    this.#state = 'draining';
    this.#stopped.abort();
    this.#drain(this.#life, this.#settings.drainMs);
    this.#drain(this.#successor, this.#settings.drainMs);
    await this.#run;
    await Promise.all(this.#drains);
    this.#state = 'ended';
  }

  /**
   * Begins anew with the settings of now: a successor is started first, and the old one drains when the successor stands. True when
   * it has taken over; one replacement at a time.
   */
  replace(): Promise<boolean> {
    this.#replacing ??= this.#replace().finally(() => {
      this.#replacing = null;
    });
    return this.#replacing;
  }

  /** Ends a process that is alive but stuck; as after any death, another one follows. */
  giveUp(pid: number, why: string): void {
    const life = this.#life;
    if (life === null || life.pid !== pid || life.leaving) return;
    this.#stuck += 1;
    this.#log.error('steward.child-stuck', { pid, why });
    this.#drain(life, this.#settings.stuckDrainMs);
  }

  async #replace(): Promise<boolean> {
    const old = this.#life;
    if (old === null || this.#state !== 'running') return false;
    const successor = this.#start(old.slot === 0 ? 1 : 0);
    this.#successor = successor;
    if (await this.#stands(successor)) {
      this.#drain(old, this.#settings.drainMs);
      return true;
    }
    // The old one may have died meanwhile: then this one serves already, and is restarted like any other.
    if (this.#successor === successor) {
      this.#successor = null;
      if (!this.#stopped.signal.aborted) this.#log.error('steward.successor-failed', { pid: successor.pid });
      this.#drain(successor, this.#settings.stuckDrainMs);
    }
    return false;
  }

  /** Whether it has come so far that it can take over. */
  async #stands(successor: Life): Promise<boolean> {
    const { clock, ask } = this.#parts;
    const until = clock.monotonic() + this.#settings.successorMs;
    while (!successor.over && !this.#stopped.signal.aborted && clock.monotonic() < until) {
      const pulse = await ask(successor.slot, this.#settings.successorMs).catch(() => null);
      if (pulse !== null && pulse.pid === successor.pid && pulse.phase !== 'starting') return true;
      await clock.sleep(SUCCESSOR_LOOK_MS, this.#stopped.signal);
    }
    return false;
  }

  async #keepRunning(): Promise<void> {
    let earlyEnds = 0;
    let life = this.#start(0);
    while (!this.#stopped.signal.aborted) {
      this.#life = life;
      const began = this.#parts.clock.monotonic();
      await life.spawned;
      if (this.#state === 'starting' || this.#state === 'waiting') this.#state = 'running';
      const end = await life.ended;
      if (this.#stopped.signal.aborted) break;
      const successor = this.#takeSuccessor();
      if (successor !== null) {
        life = successor;
        continue;
      }
      earlyEnds = countEarlyEnds(earlyEnds, this.#parts.clock.monotonic() - began, this.#settings.restart);
      await this.#pause(end, earlyEnds);
      if (this.#stopped.signal.aborted) break;
      this.#restarts++;
      life = this.#start(life.slot);
    }
    await life.ended;
    this.#life = null;
  }

  #takeSuccessor(): Life | null {
    const successor = this.#successor;
    this.#successor = null;
    return successor?.over === false ? successor : null;
  }

  async #pause(end: string, earlyEnds: number): Promise<void> {
    this.#life = null;
    this.#state = 'waiting';
    const pauseMs = restartPauseMs(earlyEnds, this.#settings.restart);
    this.#log.error('steward.child-died', { end, earlyEnds, pauseMs });
    await this.#parts.clock.sleep(pauseMs, this.#stopped.signal);
  }

  #start(slot: LifeSlot): Life {
    const life = new Life(this.#settings, slot);
    void life.spawned.then(() => {
      if (life.pid !== 0) this.#log.info('steward.child-started', { pid: life.pid, restarts: this.#restarts });
    });
    return life;
  }

  #drain(life: Life | null, drainMs: number): void {
    if (life === null || life.over) return;
    const { pid } = life;
    const drain = life
      .leave(drainMs, () => this.#log.warn('steward.child-killed', { pid, afterMs: drainMs }))
      .finally(() => this.#drains.delete(drain));
    this.#drains.add(drain);
  }
}
