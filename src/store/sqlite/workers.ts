/** Incarnations: who may claim, and whose claims have to be freed. */
import type { DatabaseSync } from 'node:sqlite';
import type { Incarnation, IncarnationId } from '#/model/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import type { EventSource } from './journal-table.ts';
import type { LivingWorker } from './rows.ts';
import { Statement } from './statement.ts';

type WorkerRow = { id: number; name: IncarnationId; host: string; role: string; release: string };

export class WorkerTable {
  readonly #settings: CustodySettings;
  readonly #insert: Statement;
  readonly #find: Statement<WorkerRow>;
  readonly #beat: Statement;
  readonly #retire: Statement;
  readonly #remove: Statement;
  readonly #retired: Statement<{ id: number; role: string }>;
  readonly #living = new Map<IncarnationId, LivingWorker>();

  constructor(db: DatabaseSync, settings: CustodySettings) {
    this.#settings = settings;
    this.#insert = new Statement(
      db,
      `INSERT OR IGNORE INTO incarnation (name, host, role, release, pid, started_at, beat, retired)
       VALUES (?, ?, ?, ?, ?, ?, 0, 0)`,
    );
    this.#find = new Statement(
      db,
      'SELECT id, name, host, role, release FROM incarnation WHERE name = ? AND retired = 0',
    );
    this.#beat = new Statement(db, 'UPDATE incarnation SET beat = beat + 1 WHERE name = ? AND retired = 0');
    this.#retire = new Statement(db, 'UPDATE incarnation SET retired = 1 WHERE name = ?');
    this.#remove = new Statement(db, 'DELETE FROM incarnation WHERE id = ?');
    this.#retired = new Statement(db, 'SELECT id, role FROM incarnation WHERE name = ? AND retired = 1');
  }

  enlist(incarnation: Incarnation): void {
    const { id, host, role, release, pid, startedAt } = incarnation;
    this.#insert.run(id, host, role, release, pid, startedAt);
  }

  beat(worker: IncarnationId): boolean {
    return this.#beat.run(worker) > 0;
  }

  /** From now on it may claim nothing. Gives its key and its role, for the claims that are to be freed. */
  retire(worker: IncarnationId): { readonly id: number; readonly role: string } | null {
    this.#living.delete(worker);
    this.#retire.run(worker);
    return this.#retired.get(worker) ?? null;
  }

  /** When none of its claims is left. */
  remove(key: number): void {
    this.#remove.run(key);
  }

  /** The living incarnation of this name. */
  living(worker: IncarnationId | null): LivingWorker | null {
    if (worker === null) return null;
    const known = this.#living.get(worker);
    if (known !== undefined) return known;
    const row = this.#find.get(worker);
    if (row === undefined) return null;
    const { id: key, ...rest } = row;
    this.#living.set(worker, { key, ...rest });
    return { key, ...rest };
  }

  /** What the journal says of an act by `worker`, or of one without a worker. */
  source(component: string, worker: IncarnationId | null, elapsedMs = 0, peer: string | null = null): EventSource {
    const living = this.living(worker);
    const { host, release } = living ?? this.#settings;
    return { component, worker: worker ?? '', host, release, elapsedMs, peer };
  }

  /** After a rollback. */
  forget(): void {
    this.#living.clear();
  }
}
