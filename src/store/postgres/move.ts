/** Rows that are moved by what is read of them: acts of people, claims that lapse, faults that are mended. */
import type { Call } from '#/model/index.ts';
import type { Change } from '../custody/index.ts';
import type { Prepared, Step } from './batch.ts';
import { int4Array, textArray } from './binary-arrays.ts';
import type { Changes } from './changes.ts';
import type { Context } from './context.ts';
import type { Lane } from './lane.ts';
import type { RecipientKey } from './live-rows.ts';
import type { Actor } from './names.ts';
import type { Request } from './requests.ts';
import type { WholeRow } from './rows.ts';
import { ROW_LIST, rowOf } from './rows.ts';
import { LOCK_BODIES, WRITE_SOMETHING } from './statements.ts';

const LOCK_KEYS: Prepared = {
  name: 'lock-keys',
  text: `SELECT ${ROW_LIST} FROM recipient r, unnest($1::text[], $2::int4[]) AS i (message, n)
    WHERE r.message = i.message AND r.n = i.n ORDER BY r.message, r.n FOR UPDATE OF r`,
};

/** Where a row leads; null leaves it as it is. Called anew where the transaction was undone for the sake of others. */
export type Decide = (row: WholeRow, changes: Changes) => Change | null;

/** The rows that were moved, as they were before. Those that are gone or that `decide` leaves alone are not among them. */
export class MoveRows implements Request {
  readonly call: Call;
  readonly bytes = 0;
  readonly ids = [];
  readonly join = null;
  readonly actors: readonly Actor[];
  readonly #context: Context;
  readonly #keys: readonly RecipientKey[];
  readonly #decide: Decide;
  #moved: readonly WholeRow[] = [];

  constructor(context: Context, keys: readonly RecipientKey[], actor: Actor, decide: Decide, call: Call) {
    this.call = call;
    this.actors = [actor];
    this.#context = context;
    this.#keys = keys.toSorted(([a, m], [b, n]) => (a === b ? m - n : a < b ? -1 : 1));
    this.#decide = decide;
  }

  answer(): readonly WholeRow[] {
    return this.#moved;
  }

  // In doubt it is decided anew: what a former try has moved is not moved twice, and not told twice.
  async alone(lane: Lane): Promise<readonly WholeRow[]> {
    const [actor] = this.actors;
    if (actor === undefined || this.#keys.length === 0) return [];
    const messages = this.#keys.map(([message]) => message);
    const first: Step[] = [
      { statement: LOCK_BODIES, values: [textArray([...new Set(messages)])] },
      { statement: LOCK_KEYS, values: [textArray(messages), int4Array(this.#keys.map(([, n]) => n))] },
    ];
    const changes = this.#context.changes();
    const by = this.#context.source(actor);
    const { value, rows } = await lane.transact(first, ([, locked = []]) => {
      this.#moved = locked.map(rowOf).filter((row) => {
        const change = this.#decide(row, changes);
        if (change !== null) changes.move(row, change, by, false);
        return change !== null;
      });
      const steps = changes.isEmpty ? [{ statement: WRITE_SOMETHING, values: [] }] : changes.steps();
      return { steps, value: steps };
    });
    this.#context.committed(changes, value, rows);
    return this.#moved;
  }

  late(): void {}

  unheard(): void {}
}
