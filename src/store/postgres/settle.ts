/** Outcomes of a claim, with the mails born of them, in one transaction (H4). */
import type { BornMail, Call, IncarnationId, MailId, RecipientNumber, Settled, Settlement } from '#/model/index.ts';
import { isLive } from '#/model/index.ts';
import { bornOnce, bornWith, hasOnce, hasReport, isTold, settled, untold } from '../custody/index.ts';
import type { Fields, Step } from './batch.ts';
import { int4Array, int8Array, textArray } from './binary-arrays.ts';
import type { Changes } from './changes.ts';
import type { Context } from './context.ts';
import type { Lane } from './lane.ts';
import type { Actor } from './names.ts';
import type { Request } from './requests.ts';
import type { CustodyRow } from './rows.ts';
import { ROW_LIST, rowOf } from './rows.ts';
import { LOCK_BODIES, WRITE_SOMETHING } from './statements.ts';

const LOCK_ROWS = {
  name: 'lock-rows',
  text: `SELECT ${ROW_LIST} FROM recipient r WHERE r.message = $1 AND r.n = ANY ($2::int4[]) ORDER BY r.n FOR UPDATE`,
};
// By source too: another process may have given the same number to an event of its own.
const FIND_EVENTS = {
  name: 'find-events',
  text: 'SELECT 1 FROM journal WHERE message = ANY ($1::text[]) AND seq = ANY ($2::int8[]) AND source = $3 LIMIT 1',
};

// The row is locked by then: whoever else bears something of this message waits for us.
const FIND_BORN = {
  name: 'find-born',
  text: 'SELECT born FROM body WHERE message = $1',
};

type Rows = ReadonlyMap<RecipientNumber, CustodyRow>;

/**
 * One answer per outcome. A `delivered` is recorded whoever brings it; other outcomes only by the holder of the claim. Mails are born
 * only where every outcome that they may tell of stands.
 */
export class SettleRequest implements Request {
  readonly call: Call;
  readonly bytes: number;
  readonly actors: readonly Actor[];
  readonly ids: readonly MailId[];
  readonly #context: Context;
  readonly #settlement: Settlement;
  readonly #worker: IncarnationId;
  readonly #message: MailId;
  readonly #tokens: ReadonlyMap<RecipientNumber, number>;
  #answers: readonly Settled[] = [];
  /** Names under which mails were born once of this message before. */
  #before: ReadonlySet<string> = new Set();
  #seqs: readonly number[] = [];

  constructor(context: Context, settlement: Settlement, worker: IncarnationId, call: Call) {
    const { claim, born, component = 'deliver' } = settlement;
    this.call = call;
    this.#context = context;
    this.#settlement = settlement;
    this.#worker = worker;
    this.#message = claim.mail.id;
    this.#tokens = new Map(claim.recipients.map(({ n, token }) => [n, token]));
    this.bytes = born.reduce((sum, { body }) => sum + (body.kind === 'memory' ? body.size : 0), 0);
    this.actors = [{ component, worker }];
    this.ids = born.map(({ id }) => id);
  }

  // What this process holds needs no look: every outcome stands, or the statement undoes the group.
  join(changes: Changes): boolean {
    const holding = this.#context.holdings.find(this.#message);
    const { outcomes } = this.#settlement;
    if (hasOnce(this.#settlement.born)) return false;
    if (holding === undefined || new Set(outcomes.map(({ n }) => n)).size < outcomes.length) return false;
    if (!outcomes.every(({ n }) => this.#stands(holding.rows, n))) return false;
    this.#decide(changes, holding.rows, outcomes.length >= holding.recipients);
    return true;
  }

  answer(): readonly Settled[] {
    this.#context.holdings.release(
      this.#message,
      this.#settlement.outcomes.map(({ n }) => n),
    );
    return this.#answers;
  }

  async alone(lane: Lane, doubtful: boolean): Promise<readonly Settled[]> {
    const numbers = [...new Set(this.#settlement.outcomes.map(({ n }) => n))];
    const first: Step[] = [
      { statement: LOCK_BODIES, values: [textArray([this.#message])] },
      { statement: LOCK_ROWS, values: [this.#message, int4Array(numbers)] },
    ];
    const looksBack = hasOnce(this.#settlement.born);
    if (looksBack) first.push({ statement: FIND_BORN, values: [this.#message] });
    if (doubtful && this.#seqs.length > 0) {
      const { source } = this.#context.source(this.actors[0] as Actor);
      const ids = textArray([this.#message, ...this.ids]);
      first.push({ statement: FIND_EVENTS, values: [ids, int8Array(this.#seqs), source] });
    }
    const changes = this.#context.changes();
    const { value, rows } = await lane.transact(first, ([, locked = [], ...more]) => {
      const born = looksBack ? (more.shift() ?? []) : [];
      const [found = []] = more;
      this.#before = namesOf(born);
      // The events of a former try are there: it came to be, as it was answered then.
      if (found.length === 0) this.#decide(changes, rowsOf(locked), false);
      const steps = changes.isEmpty ? [{ statement: WRITE_SOMETHING, values: [] }] : changes.steps();
      return { steps, value: steps };
    });
    this.#context.committed(changes, value, rows);
    return this.answer();
  }

  late(): void {}

  unheard(): void {}

  #decide(changes: Changes, rows: Rows, alone: boolean): void {
    const { outcomes, born, elapsedMs, peer } = this.#settlement;
    const by = this.#context.source(this.actors[0] as Actor, elapsedMs, peer);
    const whole = !hasReport(born) || outcomes.every(({ n, outcome }) => !isTold(outcome) || this.#stands(rows, n));
    const before = changes.seqs.length;
    const moved = new Set<RecipientNumber>();
    this.#answers = outcomes.map(({ n, outcome: asked }) => {
      const row = rows.get(n);
      if (row === undefined || !isLive(row.progress.state) || moved.has(n)) return 'already';
      if (!this.#stands(rows, n) && asked.kind !== 'delivered') return 'lapsed';
      const outcome = whole ? asked : untold(asked, changes.now);
      changes.move(row, settled(row.progress, outcome, this.#settlement, changes.now, changes.settings), by, alone);
      moved.add(n);
      return outcome === asked ? 'settled' : 'lapsed';
    });
    const fresh = bornOnce(bornWith(born, outcomes, this.#answers, whole), this.#before);
    if (fresh.names.size > this.#before.size) changes.bear(this.#message, fresh.names);
    this.#bear(changes, fresh.born);
    this.#seqs = changes.seqs.slice(before);
  }

  #bear(changes: Changes, born: readonly BornMail[]): void {
    const { sealing } = this.#context;
    const by = this.#context.source(this.actors[0] as Actor);
    for (const mail of born) changes.arrive(mail, sealing.seal(mail), null, by);
  }

  #stands(rows: Rows, n: RecipientNumber): boolean {
    const row = rows.get(n);
    const holder = this.#context.names.worker(this.#worker)?.key;
    return row !== undefined && holder !== undefined && row.claimBy === holder && row.token === this.#tokens.get(n);
  }
}

function namesOf([row]: readonly Fields[]): ReadonlySet<string> {
  const names = row?.[0] ?? null;
  return new Set<string>(names === null ? [] : JSON.parse(names));
}

function rowsOf(locked: readonly Fields[]): Rows {
  return new Map(locked.map((fields) => rowOf(fields)).map((row) => [row.n, row]));
}
