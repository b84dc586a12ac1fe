/**
 * One connection that commits. It runs one piece of work at a time; a COMMIT is followed to its end and never cancelled.
 *
 * What must never happen: a commit that no standby has, told as done. The server says so with a warning only.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from 'pg';
import type { Call } from '#/model/index.ts';
import { Fault, NotBegun, within } from '#/model/index.ts';
import type { Fields, Prepared, Step } from './batch.ts';
import { runBatch } from './batch.ts';
import type { Connector } from './connections.ts';
import { cutOff } from './connections.ts';
import { BEGIN, COMMIT } from './statements.ts';

const ROLLBACK: Prepared = { name: 'rollback', text: 'ROLLBACK' };

/** The connection ended with its work on the way: nobody knows whether it was committed. */
export class ConnectionLost extends Error {}

/** It is committed here, and no standby is known to have it: a failure that may yet come to be. */
export class NotReplicated extends Fault {
  constructor() {
    super('store.unavailable', 'A standby did not get it in time.');
  }
}

/** Waiting for a standby was given up, by a person or by a shutdown: both come as warnings. */
const NOT_REPLICATED = ['01000', '57P01'];
const CONNECT_MS = 10_000;
/** No new attempt to connect so soon after one that failed. */
const REST_MS = 200;
/** Who hears nothing for so long asks on another connection whether the first one is still alive. */
const SILENCE_MS = 5_000;
const PROBE_MS = 4_000;
const CLOSE_MS = 2_000;

export class Lane {
  readonly #connector: Connector;
  readonly #prepared = new Set<string>();
  #client: Client | null = null;
  #backend: readonly [pid: number, since: string] = [0, ''];
  #isReplicated = true;
  #failedAt = Number.NEGATIVE_INFINITY;
  #failure: Fault | null = null;
  #busySince: number | null = null;
  #probedAt = Number.NEGATIVE_INFINITY;

  constructor(connector: Connector) {
    this.#connector = connector;
  }

  /** Makes sure of the connection; true where it is a new one. Faults `store.unavailable` (`NotBegun`), at once where it has just failed; `store.foreign`. */
  async open(call: Call = within(CONNECT_MS)): Promise<boolean> {
    if (this.#client !== null) return false;
    if (this.#failure !== null && performance.now() - this.#failedAt < REST_MS) throw this.#failure;
    try {
      this.#client = await this.#connect(call);
      this.#failure = null;
      return true;
    } catch (error) {
      this.#failedAt = performance.now();
      this.#failure = unavailable(error);
      throw this.#failure;
    }
  }

  /** One transaction of these steps; rows by step. Rejects with the server's errors, and with `ConnectionLost`. */
  async run(steps: readonly Step[]): Promise<readonly Fields[][]> {
    const client = this.#client;
    if (client === null) throw new Fault('store.unavailable');
    this.#isReplicated = true;
    this.#busySince = performance.now();
    try {
      const rows = await runBatch(client, steps, this.#prepared);
      if (!this.#isReplicated) throw new NotReplicated();
      return rows;
    } catch (error) {
      throw isSpoken(error) ? error : new ConnectionLost(String(error), { cause: error });
    } finally {
      this.#busySince = null;
    }
  }

  /** One transaction in two parts: what the first one reads decides what the second one writes. */
  async transact<T>(
    first: readonly Step[],
    decide: (rows: readonly Fields[][]) => { readonly steps: readonly Step[]; readonly value: T },
  ): Promise<{ readonly value: T; readonly rows: readonly Fields[][] }> {
    try {
      const [, ...read] = await this.run([{ statement: BEGIN, values: [] }, ...first]);
      const { steps, value } = decide(read);
      const rows = await this.run([...steps, { statement: COMMIT, values: [] }]);
      return { value, rows };
    } catch (error) {
      await this.#undo();
      throw error;
    }
  }

  /** Waits until it may be tried to connect again. */
  async rest(): Promise<void> {
    await sleep(REST_MS);
  }

  /** Ends the connection where it stands. */
  cut(): void {
    if (this.#client === null) return;
    cutOff(this.#client);
    this.#lose(this.#client);
  }

  /** A server that has gone without a word says nothing for ever: another connection tells whether ours is still known. */
  async look(): Promise<void> {
    const [since, now] = [this.#busySince, performance.now()];
    if (since === null || now - Math.max(since, this.#probedAt) < SILENCE_MS) return;
    this.#probedAt = now;
    try {
      const isKnown = await this.#isKnown();
      if (!isKnown && this.#busySince === since) this.cut();
    } catch {
      // Nobody answers: there is nothing better to wait for.
    }
  }

  async close(): Promise<void> {
    const client = this.#client;
    if (client === null) return;
    const cut = setTimeout(() => cutOff(client), CLOSE_MS);
    await client.end().catch(() => {});
    clearTimeout(cut);
    this.#lose(client);
  }

  async #connect(call: Call): Promise<Client> {
    const client = await this.#connector.connect('writer', call);
    this.#prepared.clear();
    this.#backend = await backendOf(client);
    client.on('notice', ({ code }) => {
      if (code !== undefined && NOT_REPLICATED.includes(code)) this.#isReplicated = false;
    });
    client.on('error', () => this.#lose(client));
    client.on('end', () => this.#lose(client));
    return client;
  }

  async #isKnown(): Promise<boolean> {
    const client = await this.#connector.connect('reader', within(PROBE_MS));
    try {
      const text = 'SELECT 1 FROM pg_stat_activity WHERE pid = $1 AND backend_start::text = $2';
      return ((await client.query(text, [...this.#backend])).rowCount ?? 0) > 0;
    } finally {
      await client.end().catch(() => {});
    }
  }

  // Where even this fails the connection is of no use.
  async #undo(): Promise<void> {
    if (this.#client === null) return;
    try {
      await this.run([{ statement: ROLLBACK, values: [] }]);
    } catch {
      this.cut();
    }
  }

  #lose(client: Client): void {
    if (this.#client === client) this.#client = null;
  }
}

// It is asked before anyone watches the lane, so it has a time of its own.
async function backendOf(client: Client): Promise<readonly [pid: number, since: string]> {
  const cut = setTimeout(() => cutOff(client), PROBE_MS);
  try {
    const { rows } = await client.query<{ pid: number; since: string }>(
      'SELECT pid, backend_start::text AS since FROM pg_stat_activity WHERE pid = pg_backend_pid()',
    );
    return [rows[0]?.pid ?? 0, rows[0]?.since ?? ''];
  } catch (error) {
    cutOff(client);
    throw error;
  } finally {
    clearTimeout(cut);
  }
}

// The lane's own time to connect is no caller's deadline.
function unavailable(error: unknown): Fault {
  if (error instanceof Fault && error.retry === 'never') return error;
  return new NotBegun('store.unavailable', error instanceof Error ? error.message : String(error), error);
}

// What the server says has a severity; all else is the connection's end.
function isSpoken(error: unknown): boolean {
  return error instanceof Fault || (error !== null && typeof error === 'object' && 'severity' in error);
}
