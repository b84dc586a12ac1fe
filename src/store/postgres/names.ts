/** Incarnations, and who did what, by the small numbers that rows carry. A number never changes, so a process asks for each once. */
import type { Call, IncarnationId } from '#/model/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import type { Sql } from './sql.ts';

/** An incarnation as rows know it. It was alive when it was looked up. */
export interface KnownWorker {
  readonly key: number;
  readonly host: string;
  readonly release: string;
}

/** A part of ours, in the process of `worker`. */
export interface Actor {
  readonly component: string;
  readonly worker: IncarnationId | null;
}

const NAMES_MAX = 1_000;

const FIND_WORKER = 'SELECT id AS key, host, release FROM incarnation WHERE name = $1 AND retired_at IS NULL';
const ADD_SOURCE = `INSERT INTO source (component, worker, host, release) VALUES ($1, $2, $3, $4)
  ON CONFLICT (component, worker, host, release) DO NOTHING`;
const FIND_SOURCE = 'SELECT id FROM source WHERE component = $1 AND worker = $2 AND host = $3 AND release = $4';

export class Names {
  readonly #sql: Sql;
  readonly #settings: CustodySettings;
  readonly #workers = new Map<IncarnationId, KnownWorker>();
  readonly #sources = new Map<string, number>();

  constructor(sql: Sql, settings: CustodySettings) {
    this.#sql = sql;
    this.#settings = settings;
  }

  /** A living incarnation, as far as this process knows; null for one that does not live. Whoever leans on it lets the server look once more. */
  worker(name: IncarnationId | null): KnownWorker | null {
    return name === null ? null : (this.#workers.get(name) ?? null);
  }

  /** The key of an actor that `learn` has seen. */
  source(actor: Actor): number | null {
    return this.#sources.get(this.#text(actor).join('\n')) ?? null;
  }

  /** Whether all of them need no asking. */
  knows(actors: readonly Actor[]): boolean {
    return actors.every((actor) => {
      return (actor.worker === null || this.#workers.has(actor.worker)) && this.source(actor) !== null;
    });
  }

  /** Asks for what is not known. */
  async learn(actors: readonly Actor[], call: Call): Promise<void> {
    for (const actor of actors) {
      if (actor.worker !== null && !this.#workers.has(actor.worker)) await this.#findWorker(actor.worker, call);
      if (this.source(actor) === null) await this.#addSource(this.#text(actor), call);
    }
  }

  /** It may have been retired. */
  forget(worker: IncarnationId): void {
    this.#workers.delete(worker);
  }

  async #findWorker(name: IncarnationId, call: Call): Promise<void> {
    const [row] = await this.#sql.rows<KnownWorker>(FIND_WORKER, [name], call);
    if (row === undefined) return;
    if (this.#workers.size >= NAMES_MAX) this.#workers.clear();
    this.#workers.set(name, row);
  }

  async #addSource(values: readonly string[], call: Call): Promise<void> {
    let [row] = await this.#sql.rows<{ id: number }>(FIND_SOURCE, values, call);
    if (row === undefined) {
      await this.#sql.rows(ADD_SOURCE, values, call);
      [row] = await this.#sql.rows<{ id: number }>(FIND_SOURCE, values, call);
    }
    if (row === undefined) return;
    if (this.#sources.size >= NAMES_MAX) this.#sources.clear();
    this.#sources.set(values.join('\n'), row.id);
  }

  #text({ component, worker }: Actor): [string, string, string, string] {
    const { host, release } = this.worker(worker) ?? this.#settings;
    return [component, worker ?? '', host, release];
  }
}
