/**
 * One process from its start to its end. It writes to the log itself and inherits its sockets; between it and us there is only a
 * pipe that nobody writes to: when the steward is gone, the process reads its end, drains and leaves, so that a new steward finds the way free.
 */
import { type ChildProcess, spawn } from 'node:child_process';

export interface LifeSettings {
  /** `gate+deliver`: process title, HOLDFAST_ROLE and log field. */
  readonly role: string;
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Descriptors of listening sockets, handed on as 3, 4, … in this order; the pipe follows them. */
  readonly sockets: readonly number[];
}

/** Two processes of one role may live at once, an old one and its successor: each has its own place to be asked at. */
export type LifeSlot = 0 | 1;

export class Life {
  readonly slot: LifeSlot;
  /** Resolves when the process runs, or could not be started. */
  readonly spawned: Promise<void>;
  /** Resolves with how it ended. */
  readonly ended: Promise<string>;
  readonly #process: ChildProcess;
  #over = false;
  #leaving = false;

  constructor({ role, command, env, sockets }: LifeSettings, slot: LifeSlot) {
    const [program = '', ...args] = command;
    const child = spawn(program, args, {
      env: {
        ...process.env,
        ...env,
        HOLDFAST_ROLE: role,
        HOLDFAST_SLOT: String(slot),
        HOLDFAST_STEWARD_FD: String(3 + sockets.length),
      },
      stdio: ['ignore', 'inherit', 'inherit', ...sockets, 'pipe'],
    });
    this.slot = slot;
    this.#process = child;
    const spawned = Promise.withResolvers<void>();
    const ended = Promise.withResolvers<string>();
    const end = (how: string): void => {
      this.#over = true;
      spawned.resolve();
      ended.resolve(how);
    };
    child.on('spawn', () => spawned.resolve());
    child.on('error', (error) => end(error.message));
    child.on('exit', (code, signal) => end(signal ?? `exit ${code}`));
    this.spawned = spawned.promise;
    this.ended = ended.promise;
  }

  /** 0 where it could not be started. */
  get pid(): number {
    return this.#over ? 0 : (this.#process.pid ?? 0);
  }

  get over(): boolean {
    return this.#over;
  }

  /** It was asked to end: its end is no death. */
  get leaving(): boolean {
    return this.#leaving;
  }

  /** Asks it to drain; `late` is called, and the process killed, when it has not ended after `drainMs`. Resolves when it has ended. */
  async leave(drainMs: number, late: () => void): Promise<void> {
    this.#leaving = true;
    this.#process.kill('SIGTERM');
    const timer = setTimeout(() => {
      late();
      this.#process.kill('SIGKILL');
    }, drainMs);
    await this.ended;
    clearTimeout(timer);
  }
}
