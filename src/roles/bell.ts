/** The doorbell of another process: "look now". Losing a ring costs a second. */
import { join } from 'node:path';
import { within } from '#/model/index.ts';
import { connectLocal, type LocalClient } from '#/net/index.ts';
import type { Clock } from '#/ports/index.ts';
import { healthSocket } from './places.ts';

const CALL_MS = 1_000;
/**
 * Behind a ring, the next one waits: what comes alone rings at once, and where more comes in each pause they grow, so that many rings make one.
 * Whoever is rung for looks again by itself while it finds something.
 */
const PAUSE_MS = { first: 2, most: 20 } as const;
/** Where nobody answered, nobody is asked for so long. */
const AWAY_MS = 1_000;

export interface Bell extends AsyncDisposable {
  ring(): void;
}

/** Nobody to ring for in another process. */
export const NO_BELL: Bell = { ring: () => {}, [Symbol.asyncDispose]: async () => {} };

/** Rings at the processes of these names. */
export function bellOf(data: string, processes: readonly string[], clock: Clock): Bell {
  const doors = processes.flatMap((name) =>
    [0, 1].map((slot) => new Door(join(data, healthSocket(name, slot)), clock)),
  );
  return {
    ring: () => {
      for (const door of doors) door.ring();
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all(doors.map((door) => door[Symbol.asyncDispose]()));
    },
  };
}

/** One process: whoever does not answer keeps no other from hearing. */
class Door implements AsyncDisposable {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #closed = new AbortController();
  #client: LocalClient | null = null;
  #awayUntil = 0;
  #rung = false;
  #ringing: Promise<void> | null = null;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  ring(): void {
    if (this.#closed.signal.aborted) return;
    this.#rung = true;
    this.#ringing ??= this.#ringOut();
  }

  async #ringOut(): Promise<void> {
    let pauseMs: number = PAUSE_MS.first;
    while (this.#rung) {
      this.#rung = false;
      await this.#call();
      await this.#clock.sleep(pauseMs, this.#closed.signal);
      pauseMs = Math.min(2 * pauseMs, PAUSE_MS.most);
    }
    this.#ringing = null;
  }

  async #call(): Promise<void> {
    if (performance.now() < this.#awayUntil) return;
    try {
      this.#client ??= await connectLocal(this.#path);
      await this.#client.call('doorbell', {}, within(CALL_MS));
    } catch {
      // They look by themselves.
      this.#awayUntil = performance.now() + AWAY_MS;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#rung = false;
    await this.#ringing;
    await this.#client?.[Symbol.asyncDispose]();
  }
}
