/**
 * Whether a store that others write too, or another process keeps, answers at all: asked every two seconds by a connection of its own,
 * beside all that this process works with. So a heartbeat that stands still can be told from a store that is away.
 */
import { join } from 'node:path';
import { isDatabase, type Settings } from '#/config/index.ts';
import { type Call, within } from '#/model/index.ts';
import { connectLocal, type LocalClient } from '#/net/index.ts';
import type { Clock } from '#/ports/index.ts';
import { Connector } from '#/store/postgres/index.ts';
import { CUSTODY_SOCKET } from './places.ts';

export interface StoreWatch extends AsyncDisposable {
  /** Monotonic ms since which it has answered every time; null while it does not. */
  answersSince(): number | null;
}

const ASK_MS = 2_000;
const ANSWER_MS = 1_500;

/** A store that is our own: its silence is our fault, at any time. */
export const OWN_STORE: StoreWatch = {
  answersSince: () => Number.NEGATIVE_INFINITY,
  [Symbol.asyncDispose]: async () => {},
};

/** Watches the database, or the process that keeps the embedded store, until disposed. */
export function watchStore({ store, data }: Settings, clock: Clock): StoreWatch {
  const question =
    store !== null && isDatabase(store) ? new DatabaseQuestion(store) : new SocketQuestion(join(data, CUSTODY_SOCKET));
  const stop = new AbortController();
  let since: number | null = null;
  const watching = (async () => {
    while (!stop.signal.aborted) {
      const answers = await answered(question);
      since = answers ? (since ?? clock.monotonic()) : null;
      await clock.sleep(ASK_MS, stop.signal);
    }
  })();
  return {
    answersSince: () => since,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await watching;
      await question.close();
    },
  };
}

interface Question {
  ask(call: Call): Promise<unknown>;
  close(): Promise<void>;
}

async function answered(question: Question): Promise<boolean> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error('late')), ANSWER_MS);
  try {
    await Promise.race([question.ask(within(ANSWER_MS)), late.promise]);
    return true;
  } catch {
    await question.close();
    return false;
  } finally {
    clearTimeout(timer);
  }
}

class DatabaseQuestion implements Question {
  readonly #connector: Connector;
  #client: Awaited<ReturnType<Connector['connect']>> | null = null;

  constructor(url: string) {
    this.#connector = new Connector({ url, applicationName: 'holdfast watch' });
  }

  async ask(call: Call): Promise<void> {
    this.#client ??= await this.#connector.connect('reader', call);
    await this.#client.query('SELECT 1');
  }

  async close(): Promise<void> {
    // Not waited for: a server that is away does not say goodbye.
    this.#client?.end().catch(() => {});
    this.#client = null;
  }
}

class SocketQuestion implements Question {
  readonly #path: string;
  #client: LocalClient | null = null;

  constructor(path: string) {
    this.#path = path;
  }

  async ask(call: Call): Promise<void> {
    this.#client ??= await connectLocal(this.#path);
    await this.#client.call('custody.recall', ['ready'], call);
  }

  async close(): Promise<void> {
    await this.#client?.[Symbol.asyncDispose]();
    this.#client = null;
  }
}
