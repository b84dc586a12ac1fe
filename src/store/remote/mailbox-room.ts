/**
 * Room in mailboxes at a door whose process does not own them: a copy that is asked for every second over the local socket.
 *
 *   nothing known ── an answer ──▶ known ── none for `oldMs` ──▶ nothing known
 *
 * What must never happen: a recipient who waits for it, or is refused by what is no longer known.
 */
import { type AccountKey, addressKey, within } from '#/model/index.ts';
import type { Clock, MailboxRoom } from '#/ports/index.ts';
import { checked } from './arguments.ts';
import type { RemoteCaller, RemoteMethod } from './custody.ts';

const METHOD = 'mailboxes.full';
const ASK_EVERY_MS = 1_000;
const ASK_MS = 2_000;
/** Older knowledge is none: whoever owns the mailboxes is away, and mail may as well wait here. */
const OLD_MS = 10_000;

interface Snapshot {
  readonly version: string;
  readonly accounts: readonly (readonly [string, string, number])[];
}

/** What is served to the doors of this host. */
export function mailboxRoomMethods(full: {
  snapshot(known: string | null): Snapshot | null;
}): Map<string, RemoteMethod> {
  return new Map([[METHOD, async (args) => full.snapshot(checked(args, 1)[0] as string | null)]]);
}

/** Asks until it is disposed. */
export function remoteMailboxRoom(client: RemoteCaller, clock: Clock): MailboxRoom & AsyncDisposable {
  return new RemoteRoom(client, clock);
}

class RemoteRoom implements MailboxRoom, AsyncDisposable {
  readonly #client: RemoteCaller;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  readonly #asking: Promise<void>;
  #version: string | null = null;
  #left: ReadonlyMap<string, number> = new Map();
  #heardAt = Number.NEGATIVE_INFINITY;

  constructor(client: RemoteCaller, clock: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.#asking = this.#ask();
  }

  left({ tenant, address }: AccountKey): number | null {
    if (this.#left.size === 0 || this.#clock.monotonic() - this.#heardAt > OLD_MS) return null;
    return this.#left.get(`${tenant} ${addressKey(address)}`) ?? null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#asking;
  }

  async #ask(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      try {
        const heard = (await this.#client.call(METHOD, [this.#version], within(ASK_MS, signal))) as Snapshot | null;
        if (heard !== null) this.#take(heard);
        this.#heardAt = this.#clock.monotonic();
      } catch {
        // Away: then nothing is known soon, and mail is accepted and waits.
      }
      await this.#clock.sleep(ASK_EVERY_MS, signal);
    }
  }

  #take({ version, accounts }: Snapshot): void {
    this.#version = version;
    this.#left = new Map(accounts.map(([tenant, address, left]) => [`${tenant} ${addressKey(address)}`, left]));
  }
}
