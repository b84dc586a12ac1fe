/**
 * Claiming rows that wait. They are chosen and locked first, and claimed in a second step: so their keys are known before the commit, and
 * a claim whose commit was lost on the way can be looked up. Claims that nobody heard of would stay with a worker that lives.
 */
import type { Call, IncarnationId } from '#/model/index.ts';
import type { ClaimRequest } from '#/ports/index.ts';
import type { Prepared, Step } from './batch.ts';
import { int4Array, textArray } from './binary-arrays.ts';
import { chooseAll, chooseKeys, chooseKnown, chooseOverdue, triedOf } from './choices.ts';
import type { Context } from './context.ts';
import type { Lane } from './lane.ts';
import type { RecipientKey } from './live-rows.ts';
import type { LaneFrom } from './marks.ts';
import type { Actor } from './names.ts';
import type { Request } from './requests.ts';
import type { WholeRow } from './rows.ts';
import { ROW_LIST, rowOf } from './rows.ts';
import { WRITE_SOMETHING } from './statements.ts';
import { mayBeDone } from './trouble.ts';

/** Rows to claim by index, or by name. */
export type Wanted = Exclude<ClaimRequest, { kind: 'named' }> | { kind: 'keys'; keys: readonly RecipientKey[] };

/** Frees those of these claims that came to be; resolves when it is done. */
export type GiveBack = (rows: readonly WholeRow[]) => Promise<void>;

/** Recipients of one call. */
const CLAIM_MAX = 500;
const EVER = Number.MAX_SAFE_INTEGER;

const IS_LIVING: Prepared = {
  name: 'is-living',
  text: 'SELECT 1 FROM incarnation WHERE id = $1 AND retired_at IS NULL',
};
const TAKE_ROWS: Prepared = {
  name: 'take-rows',
  text: `UPDATE recipient r SET claim_by = $1, token = r.token + 1 FROM unnest($2::text[], $3::int4[]) AS i (message, n)
    WHERE r.message = i.message AND r.n = i.n`,
};
// Behind the locks of the former try, should it be under way still: so what is not found will not come to be.
const FIND_TAKEN: Prepared = {
  name: 'find-taken',
  text: `SELECT ${ROW_LIST} FROM recipient r, unnest($2::text[], $3::int4[], $4::int4[]) AS i (message, n, token)
    WHERE r.message = i.message AND r.n = i.n AND r.token = i.token AND r.claim_by = $1
    ORDER BY r.message, r.n FOR UPDATE OF r`,
};

/** The rows that were claimed for a worker, in order of urgency. */
export class ClaimRows implements Request {
  readonly call: Call;
  readonly bytes = 0;
  readonly ids = [];
  readonly join = null;
  readonly actors: readonly Actor[];
  readonly #context: Context;
  readonly #wanted: Wanted;
  readonly #worker: IncarnationId;
  readonly #giveBack: GiveBack;
  #chosen: readonly WholeRow[] = [];

  constructor(context: Context, wanted: Wanted, worker: IncarnationId, giveBack: GiveBack, call: Call) {
    this.call = call;
    this.actors = [{ component: 'deliver', worker }];
    this.#context = context;
    this.#wanted = wanted;
    this.#worker = worker;
    this.#giveBack = giveBack;
  }

  answer(): readonly WholeRow[] {
    return this.#chosen;
  }

  async alone(lane: Lane, doubtful: boolean): Promise<readonly WholeRow[]> {
    const key = this.#context.names.worker(this.#worker)?.key;
    if (key === undefined) return [];
    if (doubtful && this.#chosen.length > 0) {
      const taken = await this.#findTaken(lane, key);
      this.#decided();
      if (taken.length > 0) return taken;
    }
    await this.#take(lane, key);
    return this.#chosen;
  }

  late(answer: unknown): void {
    void this.#giveBack(answer as readonly WholeRow[]);
  }

  // Until they are given back no other claim of ours takes these rows: it would look the same.
  unheard(): void {
    if (this.#chosen.length > 0) void this.#giveBack(this.#chosen).finally(() => this.#decided());
  }

  get #limit(): number {
    return this.#wanted.kind === 'keys' ? CLAIM_MAX : Math.min(this.#wanted.limit, CLAIM_MAX);
  }

  async #take(lane: Lane, key: number): Promise<void> {
    const begin = performance.now();
    let tookMs = 0;
    const living: Step = { statement: IS_LIVING, values: [key] };
    try {
      await lane.transact([living, this.#choice()], ([alive = [], rows = []]) => {
        tookMs = performance.now() - begin;
        this.#choose(alive.length === 0 ? [] : rows.map(rowOf), key);
        return { steps: this.#chosen.length === 0 ? [] : [take(key, this.#chosen)], value: null };
      });
    } catch (error) {
      if (!mayBeDone(error)) this.#decided();
      throw error;
    }
    for (const row of this.#chosen) this.#context.undecided.delete(nameOf(row));
    this.#remember(tookMs);
  }

  #choose(rows: readonly WholeRow[], key: number): void {
    const { undecided } = this.#context;
    const free = rows.filter((row) => !undecided.has(nameOf(row))).sort(this.#inOrder());
    this.#chosen = free.map((row) => ({ ...row, claimBy: key, token: row.token + 1 }));
    for (const row of free) undecided.add(nameOf(row));
  }

  // It is known what became of the last try.
  #decided(): void {
    for (const row of this.#chosen) this.#context.undecided.delete(nameOf(row));
    this.#chosen = [];
  }

  #choice(): Step {
    const wanted = this.#wanted;
    if (wanted.kind === 'keys') return chooseKeys(wanted.keys.slice(0, CLAIM_MAX));
    if (wanted.kind !== 'due') return chooseOverdue(wanted.kind === 'held' ? 1 : 0, wanted.now, this.#limit);
    const until = wanted.ignoreDue ? EVER : wanted.now;
    const lanes = this.#lanes(wanted);
    return lanes === null
      ? chooseAll(wanted, until, this.#limit)
      : chooseKnown(wanted.destination, lanes, until, this.#limit);
  }

  #lanes(request: ClaimRequest & { kind: 'due' }): readonly LaneFrom[] | null {
    const { destination, tenant } = request;
    const meant = triedOf(request);
    const marks = this.#context.marks.lanes(destination);
    const known = marks?.filter((lane) => (tenant === null || lane.tenant === tenant) && meant.includes(lane.tried));
    if (known !== undefined && (tenant === null || known.length > 0)) return known;
    if (tenant === null) return null;
    return meant.map((tried) => ({ tenant, tried, due: -1 }));
  }

  // Where fewer came than were asked for, nothing that is due is left; else each lane is empty up to what came last of it.
  #remember(tookMs: number): void {
    const wanted = this.#wanted;
    if (wanted.kind !== 'due') return;
    const { marks } = this.#context;
    const before = marks.lanes(wanted.destination);
    const lanes = new Map<string, LaneFrom>();
    for (const { tenant, progress } of this.#chosen) {
      const tried = progress.attempts > 0 ? 1 : 0;
      lanes.set(`${tried} ${tenant}`, { tenant, tried, due: Math.min(progress.due ?? 0, wanted.now) });
    }
    marks.looked(wanted.destination, [...lanes.values()], before === null ? tookMs : null);
  }

  #inOrder(): (a: WholeRow, b: WholeRow) => number {
    const byKey = (a: WholeRow, b: WholeRow): number => {
      return a.message === b.message ? a.n - b.n : a.message < b.message ? -1 : 1;
    };
    const { kind } = this.#wanted;
    if (kind === 'keys') return byKey;
    const at = ({ progress: { due, attentionAt } }: WholeRow): number => (kind === 'due' ? due : attentionAt) ?? EVER;
    return (a, b) => at(a) - at(b) || byKey(a, b);
  }

  async #findTaken(lane: Lane, key: number): Promise<readonly WholeRow[]> {
    const { values } = take(key, this.#chosen);
    const tokens = int4Array(this.#chosen.map(({ token }) => token));
    const find: Step = { statement: FIND_TAKEN, values: [...values, tokens] };
    const [found = []] = await lane.run([find, { statement: WRITE_SOMETHING, values: [] }]);
    return found.map(rowOf).sort(this.#inOrder());
  }
}

function nameOf({ message, n }: WholeRow): string {
  return `${message} ${n}`;
}

function take(key: number, rows: readonly WholeRow[]): Step {
  const messages = textArray(rows.map(({ message }) => message));
  return { statement: TAKE_ROWS, values: [key, messages, int4Array(rows.map(({ n }) => n))] };
}
