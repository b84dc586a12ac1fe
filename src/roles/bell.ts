/** The doorbell of another process: "look now". Losing a ring costs a second. */
import { join } from 'node:path';
import { within } from '#/model/index.ts';
import { connectLocal, type LocalClient } from '#/net/index.ts';
import type { Clock } from '#/ports/index.ts';
import { healthSocket } from './places.ts';

const CALL_MS = 1_000;
/** So many rings make one: whoever delivers looks no more often anyway. */
const PAUSE_MS = 20;
/** Where nobody answered, nobody is asked for so long. */
const AWAY_MS = 1_000;

export interface Bell extends AsyncDisposable {
  ring(): void;
}

/** Nobody to ring for in another process. */
export const NO_BELL: Bell = { ring: () => {}, [Symbol.asyncDispose]: async () => {} };

/** Rings at the processes of these names. */
export function bellOf(data: string, processes: readonly string[], clock: Clock): Bell {
  const doors = processes.flatMap((name) => [0, 1].map((slot) => new Door(join(data, healthSocket(name, slot)))));
  let rung = false;
  let ringing: Promise<void> | null = null;
  const ringOut = async (): Promise<void> => {
    while (rung) {
      rung = false;
      await Promise.all(doors.map((door) => door.ring()));
      await clock.sleep(PAUSE_MS);
    }
    ringing = null;
  };
  return {
    ring: () => {
      rung = true;
      ringing ??= ringOut();
    },
    [Symbol.asyncDispose]: async () => {
      rung = false;
      await ringing;
      for (const door of doors) await door[Symbol.asyncDispose]();
    },
  };
}

class Door {
  readonly #path: string;
  #client: LocalClient | null = null;
  #awayUntil = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async ring(): Promise<void> {
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
    await this.#client?.[Symbol.asyncDispose]();
  }
}
