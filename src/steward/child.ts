/**
 * One supervised process.
 * ```
 *   starting ─▶ running ──dies──▶ waiting ──pause──▶ starting …
 *                  └──stop──▶ draining ─▶ ended
 * ```
 * It writes to the log itself and inherits its sockets; between the two there is only a pipe that nobody writes to: when the steward
 * is gone, the child reads its end, drains and leaves, so that a new steward finds the way free.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock, Log } from '#/ports/index.ts';
import { countEarlyEnds, type RestartSettings, restartPauseMs } from './restart.ts';

export interface ChildSettings {
  /** `gate+deliver`: process title, HOLDFAST_ROLE and log field. */
  readonly role: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Descriptors of listening sockets, handed on as 3, 4, … in this order; the pipe follows them. */
  readonly sockets: readonly number[];
  /** From SIGTERM to SIGKILL, ms. */
  readonly drainMs: number;
  readonly restart: RestartSettings;
}

export type ChildState = 'starting' | 'running' | 'waiting' | 'draining' | 'ended';

export class Child {
  readonly #settings: ChildSettings;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stopped = new AbortController();
  readonly #run: Promise<void>;
  #process: ChildProcess | null = null;
  #state: ChildState = 'starting';
  #restarts = 0;
  #renewing = false;

  /** Starts at once, and again whenever it dies, until `stop`. */
  constructor(settings: ChildSettings, parts: { readonly clock: Clock; readonly log: Log }) {
    this.#settings = settings;
    this.#clock = parts.clock;
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
    return this.#process?.pid ?? 0;
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** Asks it to drain and resolves when it has ended, by SIGKILL after the drain deadline. It is not started again. */
  async stop(): Promise<void> {
    this.#state = 'draining';
    this.#stopped.abort();
    const child = this.#process;
    child?.kill('SIGTERM');
    const late = setTimeout(() => {
      this.#log.warn('steward.child-killed', { pid: child?.pid, afterMs: this.#settings.drainMs });
      child?.kill('SIGKILL');
    }, this.#settings.drainMs);
    await this.#run;
    clearTimeout(late);
    this.#state = 'ended';
  }

  /** Lets it drain and starts it again at once, with the settings of now. */
  renew(): void {
    if (this.#process === null || this.#state !== 'running') return;
    this.#renewing = true;
    this.#process.kill('SIGTERM');
  }

  async #keepRunning(): Promise<void> {
    let earlyEnds = 0;
    while (!this.#stopped.signal.aborted) {
      const began = this.#clock.monotonic();
      const end = await this.#runOnce();
      if (this.#stopped.signal.aborted) break;
      if (this.#renewing) {
        this.#renewing = false;
        continue;
      }
      earlyEnds = countEarlyEnds(earlyEnds, this.#clock.monotonic() - began, this.#settings.restart);
      const pauseMs = restartPauseMs(earlyEnds, this.#settings.restart);
      this.#state = 'waiting';
      this.#log.error('steward.child-died', { end, earlyEnds, pauseMs });
      await this.#clock.sleep(pauseMs, this.#stopped.signal);
      this.#restarts++;
    }
  }

  /** One life; resolves with how it ended. */
  #runOnce(): Promise<string> {
    const { command, env, role, sockets } = this.#settings;
    const [program = '', ...args] = command;
    this.#state = 'starting';
    const child = spawn(program, args, {
      env: { ...process.env, ...env, HOLDFAST_ROLE: role, HOLDFAST_STEWARD_FD: String(3 + sockets.length) },
      stdio: ['ignore', 'inherit', 'inherit', ...sockets, 'pipe'],
    });
    this.#process = child;
    const { promise, resolve } = Promise.withResolvers<string>();
    child.on('spawn', () => {
      this.#state = this.#state === 'starting' ? 'running' : this.#state;
      this.#log.info('steward.child-started', { pid: child.pid, restarts: this.#restarts });
    });
    child.on('error', (error) => resolve(error.message));
    child.on('exit', (code, signal) => resolve(signal ?? `exit ${code}`));
    return promise.finally(() => {
      this.#process = null;
    });
  }
}
