/**
 * The way from a command to an operation: over the local socket of the running server, or, where none runs, in this process on the
 * store itself (read-only for what only reads). States: not yet open; open to a server; open to the store; closed.
 *
 * What must never happen: two processes that write one store (its lock sees to it; we then wait for the server that holds it); a
 * wait without an end.
 */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Settings } from '#/config/index.ts';
import { type Call, isFault, within } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import { CUSTODY_SOCKET } from '#/roles/places.ts';
import { EXIT } from './exit-codes.ts';

/** What verbs see of it. */
export interface Operations extends AsyncDisposable {
  /** Calls an operation; rejects with its refusal, or with a fault. `T` is the operation's output. */
  call<T>(name: string, input: object, options?: CallOptions): Promise<T>;
}

export interface CallOptions {
  /** Ms; 30 s where not given. */
  readonly deadlineMs?: number;
  readonly onProgress?: (value: unknown) => void;
  /** Whether it may be asked again when the connection is lost half-way; what only reads may. */
  readonly repeatable?: boolean;
}

/** Where an installation can be asked. `stopped` is what a verb may do where no server runs. */
export interface ReachOptions {
  readonly settings: Settings;
  /** Who acts, for journal and audit. */
  readonly by: string;
  readonly stopped: 'reads' | 'changes' | 'creates' | 'refuses';
  readonly signal: AbortSignal;
  /** Of another process than the one that has the mail. */
  readonly socket?: string;
}

const CALL_MS = 30_000;
/** A server that is just being started or restarted holds the lock for a moment before it answers. */
const STARTING_MS = 10_000;
const LOOK_AGAIN_MS = 250;

/** What one call needs; the answer comes from a server or from the store. */
interface Channel extends AsyncDisposable {
  call(name: string, input: object, by: string, call: Call, onProgress?: (value: unknown) => void): Promise<unknown>;
}

/** Opens nothing before the first call. */
export function reach(options: ReachOptions): Operations {
  return new Reach(options);
}

class Reach implements Operations {
  readonly #options: ReachOptions;
  #channel: Promise<Channel> | null = null;

  constructor(options: ReachOptions) {
    this.#options = options;
  }

  async call<T>(name: string, input: object, options: CallOptions = {}): Promise<T> {
    const repeatable = options.repeatable ?? this.#options.stopped === 'reads';
    try {
      return (await this.#callOnce(name, input, options)) as T;
    } catch (error) {
      if (!repeatable || !isFault(error, 'server.unreachable')) throw error;
      await this[Symbol.asyncDispose]();
      this.#channel = null;
      return (await this.#callOnce(name, input, options)) as T;
    }
  }

  async #callOnce(name: string, input: object, { deadlineMs = CALL_MS, onProgress }: CallOptions): Promise<unknown> {
    this.#channel ??= open(this.#options);
    const channel = await this.#channel;
    const { by, signal } = this.#options;
    return channel.call(name, input, by, within(deadlineMs, signal), onProgress);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const channel = await this.#channel?.catch(() => null);
    await channel?.[Symbol.asyncDispose]();
  }
}

async function open(options: ReachOptions): Promise<Channel> {
  const until = performance.now() + STARTING_MS;
  for (;;) {
    const server = await openServer(options);
    if (server !== null) return server;
    const store = await openStore(options);
    if (store !== null) return store;
    if (performance.now() > until) throw notAnswering(options.settings.data);
    await pause(LOOK_AGAIN_MS, undefined, { signal: options.signal });
  }
}

async function openServer({ settings, socket = CUSTODY_SOCKET }: ReachOptions): Promise<Channel | null> {
  const { connectLocal } = await import('#/net/index.ts');
  try {
    const client = await connectLocal(join(settings.data, socket));
    return {
      call: (name, input, by, call, onProgress) => client.call('operation', { name, input, by }, call, onProgress),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  } catch (error) {
    if (isFault(error, 'server.unreachable')) return null;
    throw error;
  }
}

// Null where another process holds the store: then a server is about to answer.
async function openStore({ settings, stopped }: ReachOptions): Promise<Channel | null> {
  if (stopped === 'refuses') throw notRunning();
  if (stopped !== 'creates') await mustExist(settings.data);
  const [{ openOffline }, { runOperation }] = await Promise.all([
    import('#/roles/offline.ts'),
    import('#/roles/local-methods.ts'),
  ]);
  try {
    const offline = await openOffline(settings, { write: stopped !== 'reads' });
    return {
      call: async (name, input, by, call) => {
        const found = offline.operations.get(name);
        if (found === undefined) throw notRunning(`'${name}' needs a running server.`);
        return runOperation(found, input, { by, call }, offline.trail);
      },
      [Symbol.asyncDispose]: () => offline[Symbol.asyncDispose](),
    };
  } catch (error) {
    if (isFault(error, 'store.locked')) return null;
    throw error;
  }
}

async function mustExist(data: string): Promise<void> {
  const exists = await access(data).then(
    () => true,
    () => false,
  );
  if (exists) return;
  throw new Refusal(
    EXIT.usage,
    `There is no installation here: ${data} does not exist. Name yours with --config FILE or --data DIR, or start one with "holdfast serve".`,
  );
}

/** No server answers, and this needs one. */
export class Unreachable extends Error {
  override name = 'Unreachable';
}

function notRunning(before = 'This needs a running server.'): Unreachable {
  return new Unreachable(`${before} Start it with "holdfast serve", or name another installation with --data.`);
}

function notAnswering(data: string): Unreachable {
  return new Unreachable(
    `A server holds ${data} but did not answer within ${STARTING_MS / 1000} s. Try again; if it stays so, look at its log.`,
  );
}
