/**
 * A few connections for reading and for the registry, apart from those that write custody: a long look never stands in the way of a 250.
 *
 * What must never happen: a connection that is given out while a former piece of work still uses it; a wait without an end.
 */
import type { Client } from 'pg';
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { BatchStatement, SqlRow } from '../sql/index.ts';
import { cutOff } from './connections.ts';
import { inTime } from './in-time.ts';
import type { Sql, Views } from './sql.ts';
import { faultOf } from './sql.ts';

/** Opens a connection to the server that takes writes; faults as `Sql.rows`. */
export type Connect = (call: Call) => Promise<Client>;

/** Pieces of work that may wait for a connection. */
const WAITING_MAX = 1_000;
/** How long behind its deadline a statement may still hold its connection: the server ends it by itself, or the network has gone. */
const GRACE_MS = 2_000;
/** When a server's host has gone without a word, all connections to it are silent: one that has not answered for so long puts the idle ones in doubt. */
const SILENCE_MS = 4_000;

export class ReadingPool implements Views, AsyncDisposable {
  readonly #connect: Connect;
  readonly #max: number;
  readonly #idle: Client[] = [];
  readonly #waiting: (() => void)[] = [];
  readonly #broken = new WeakSet<Client>();
  readonly #usedAt = new WeakMap<Client, number>();
  readonly #working = new Set<Promise<unknown>>();
  #open = 0;
  #closed = false;

  /** At most `max` connections, opened when they are needed. */
  constructor(connect: Connect, max: number) {
    this.#connect = connect;
    this.#max = max;
  }

  rows<Row>(text: string, values: readonly unknown[], call: Call): Promise<Row[]> {
    return this.#run(async (client) => (await client.query({ text, values: [...values] })).rows as Row[], call);
  }

  view<T>(work: (sql: Sql) => Promise<T>, call: Call): Promise<T> {
    return this.#run(async (client) => {
      const leftMs = Math.max(1, Math.ceil(call.deadlineAt - performance.now()));
      await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY; SET LOCAL statement_timeout = ${leftMs}`);
      const rows = async <Row>(text: string, values: readonly unknown[]): Promise<Row[]> => {
        if (performance.now() > call.deadlineAt || call.signal?.aborted) throw new Fault('call.late');
        return (await client.query({ text, values: [...values] })).rows as Row[];
      };
      try {
        return await work({ rows });
      } finally {
        await client.query('ROLLBACK');
      }
    }, call);
  }

  /** The rows of each statement, in order: one transaction, which a lost connection may have ended either way. */
  batch(statements: readonly BatchStatement[], call: Call): Promise<readonly (readonly SqlRow[])[]> {
    return this.#run(async (client) => {
      const leftMs = Math.max(1, Math.ceil(call.deadlineAt - performance.now()));
      await client.query(`BEGIN; SET LOCAL statement_timeout = ${leftMs}`);
      try {
        const answers: SqlRow[][] = [];
        for (const { text, values } of statements)
          answers.push((await client.query({ text, values: [...values] })).rows as SqlRow[]);
        await client.query('COMMIT');
        return answers;
      } catch (error) {
        await client.query('ROLLBACK').catch(() => {});
        throw error;
      }
    }, call);
  }

  /** Ends idle connections at once and busy ones behind their work. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const wake of this.#waiting.splice(0)) wake();
    await Promise.allSettled([...this.#working, ...this.#idle.splice(0).map((client) => this.#end(client))]);
  }

  // The work is followed to its end even when its caller has gone: only then is the connection free.
  #run<T>(work: (client: Client) => Promise<T>, call: Call): Promise<T> {
    const running = this.#lease(work, call);
    this.#working.add(running);
    const forget = (): void => void this.#working.delete(running);
    running.then(forget, forget);
    return inTime(running, call);
  }

  async #lease<T>(work: (client: Client) => Promise<T>, call: Call): Promise<T> {
    if (performance.now() >= call.deadlineAt || call.signal?.aborted) throw new Fault('call.late');
    const client = await this.#take(call);
    const cut = setTimeout(() => cutOff(client), Math.min(call.deadlineAt - performance.now() + GRACE_MS, 2 ** 31 - 1));
    const doubt = setTimeout(() => this.#doubtIdle(), SILENCE_MS);
    try {
      if (performance.now() >= call.deadlineAt) throw new Fault('call.late');
      return await work(client);
    } catch (error) {
      const fault = faultOf(error);
      if (fault.code === 'store.unavailable') this.#broken.add(client);
      throw fault;
    } finally {
      clearTimeout(cut);
      clearTimeout(doubt);
      this.#giveBack(client);
    }
  }

  async #take(call: Call): Promise<Client> {
    for (;;) {
      if (this.#closed) throw new Fault('store.unavailable', 'It is closed.');
      const client = this.#idle.pop();
      if (client !== undefined) return client;
      if (this.#open < this.#max) return await this.#openOne(call);
      if (this.#waiting.length >= WAITING_MAX) throw new Fault('store.busy');
      const turn = Promise.withResolvers<void>();
      this.#waiting.push(turn.resolve);
      try {
        await inTime(turn.promise, call);
      } catch (error) {
        const at = this.#waiting.indexOf(turn.resolve);
        // A turn that came too late goes to the next in line.
        if (at < 0) this.#waiting.shift()?.();
        else this.#waiting.splice(at, 1);
        throw error;
      }
    }
  }

  async #openOne(call: Call): Promise<Client> {
    this.#open += 1;
    try {
      const client = await this.#connect(call);
      client.on('error', () => this.#lost(client));
      client.on('end', () => this.#lost(client));
      return client;
    } catch (error) {
      this.#open -= 1;
      this.#waiting.shift()?.();
      throw faultOf(error);
    }
  }

  #giveBack(client: Client): void {
    if (this.#broken.has(client) || this.#closed) {
      this.#open -= 1;
      void this.#end(client);
    } else {
      this.#usedAt.set(client, performance.now());
      this.#idle.push(client);
    }
    this.#waiting.shift()?.();
  }

  // A new connection costs milliseconds; each silent one that is given out costs a caller its whole time.
  #doubtIdle(): void {
    const before = performance.now() - SILENCE_MS;
    for (const client of this.#idle.filter((each) => (this.#usedAt.get(each) ?? 0) < before)) {
      this.#lost(client);
      cutOff(client);
    }
  }

  // An idle one that the server has closed is never given out again; a busy one is dropped when its work gives it back.
  #lost(client: Client): void {
    this.#broken.add(client);
    const at = this.#idle.indexOf(client);
    if (at < 0) return;
    this.#idle.splice(at, 1);
    this.#open -= 1;
  }

  async #end(client: Client): Promise<void> {
    const cut = setTimeout(() => cutOff(client), GRACE_MS);
    await client.end().catch(() => {});
    clearTimeout(cut);
  }
}
