/**
 * Custody and journal in a PostgreSQL database that any number of processes on any hosts write (design 4, Cluster). Nothing but rows, their
 * locks and unique keys stands between them: whoever has a connection to the server that takes writes may do any of this at any time.
 *
 * Writing goes in groups over a few connections of its own; work that nobody shares has a pool, and what people ask has another one.
 */
import type {
  ArrivedMail,
  Body,
  Books,
  Call,
  Claim,
  Incarnation,
  IncarnationId,
  MailId,
  Orphan,
  Settled,
  Settlement,
} from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import type {
  ActResult,
  AffectedCount,
  AffectedPage,
  AffectedQuery,
  Blobs,
  ClaimRequest,
  Clock,
  Custody,
  Depth,
  Heartbeat,
  Journal,
  Log,
  QueueAct,
  QueueFilter,
  RecipientPlace,
  Recount,
  Trace,
  TraceQuery,
} from '#/ports/index.ts';
import type { CustodySettings } from '../custody/index.ts';
import { acted, givenBack, lapsed, settled } from '../custody/index.ts';
import type { KeyRing } from '../keys/index.ts';
import { AcceptRequest } from './accept.ts';
import { affectedCounts, affectedPage } from './affected.ts';
import { readBooks } from './book-lines.ts';
import type { Wanted } from './claim.ts';
import { ClaimRows } from './claim.ts';
import { loadBody, withMails } from './claimed-mail.ts';
import type { Connector } from './connections.ts';
import type { Condemned } from './context.ts';
import { Context } from './context.ts';
import { Days, dayAt } from './days.ts';
import { DepthReader } from './depth.ts';
import { firstAttempts } from './first-attempts.ts';
import { Holdings } from './holdings.ts';
import { Incarnations } from './incarnations.ts';
import { Lane } from './lane.ts';
import type { RecipientKey } from './live-rows.ts';
import { chooseRows, listQueue } from './live-rows.ts';
import { Marks } from './marks.ts';
import type { Decide } from './move.ts';
import { MoveRows } from './move.ts';
import type { Actor } from './names.ts';
import { Names } from './names.ts';
import type { ReadingPool } from './reading-pool.ts';
import { recount } from './recount.ts';
import { rollOver } from './roll-over.ts';
import type { WholeRow } from './rows.ts';
import { phaseOf } from './rows.ts';
import { scrub } from './scrub.ts';
import { Sealing } from './sealing.ts';
import { SettleRequest } from './settle.ts';
import { claimsOf, findSuspects, freed, timed } from './sweep.ts';
import { trace } from './trace.ts';
import { Upkeep } from './upkeep.ts';
import { Writer } from './writer.ts';

/** What the outcomes of one live recipient may need on the disk of the database. */
const RESERVE_BYTES_PER_RECIPIENT = 4096;
/** Rows of one transaction, where a call may name more. */
const STEP_ROWS = 500;
/** Rows that one act touches at most; `more` brings the rest. */
const ACT_ROWS_MAX = 10_000;
/** Groups on their way at once, each on its connection. */
const LANES = 2;
const BACKGROUND_MS = 30_000;
const CLOSE_MS = 10_000;
/** Before a claim that could not be given back is given back again. */
const GIVE_BACK_AGAIN_MS = 1_000;

const BLOBS_IN_USE = 'SELECT DISTINCT blob FROM body WHERE blob = ANY ($1::text[])';
const REMEMBER = `INSERT INTO fact (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`;
const RECALL = 'SELECT value FROM fact WHERE name = $1';

const JANITOR: Actor = { component: 'janitor', worker: null };

export interface PostgresCustodyParts {
  readonly clock: Clock;
  readonly log?: Log;
  /** Where large content lies; null where none is ever kept apart. */
  readonly blobs: Blobs | null;
}

export interface PostgresCustody extends Custody, Journal {
  /** Resolves when the store has failed in a way that must not be retried. A database that is away is not among these: calls fault until it is back. */
  readonly failed: Promise<Fault>;
  /** Which of these blobs a message still names: the second look before a purge. */
  blobsInUse(keys: readonly string[], call: Call): Promise<ReadonlySet<string>>;
  /** What was committed since the start: transactions of groups, and how often each statement ran (M3). */
  readonly costs: { readonly commits: number; readonly statements: ReadonlyMap<string, number> };
  /** Cuts all connections where they stand, as a crash of the process would; for tests of recovery. */
  kill(): Promise<void>;
}

/** Ways to the database, and the keys of content. */
export interface Ways {
  readonly connector: Connector;
  readonly work: ReadingPool;
  readonly people: ReadingPool;
  /** For heartbeats alone: they are the lease of all claims, and wait behind nothing. */
  readonly pulse: ReadingPool;
  readonly ring: KeyRing;
  readonly encryptBodies: boolean;
}

/** Use `openPostgresCustody`. */
export class GroupedCustody implements PostgresCustody {
  readonly failed = new Promise<Fault>(() => {});
  readonly #ways: Ways;
  readonly #parts: PostgresCustodyParts;
  readonly #context: Context;
  readonly #writer: Writer;
  readonly #days: Days;
  readonly #incarnations: Incarnations;
  readonly #depth: DepthReader;
  readonly #upkeep: Upkeep;
  #closed: Promise<void> | null = null;

  private constructor(ways: Ways, settings: CustodySettings, parts: PostgresCustodyParts) {
    this.#ways = ways;
    this.#parts = parts;
    this.#days = new Days(ways.work);
    this.#incarnations = new Incarnations(ways.pulse);
    this.#depth = new DepthReader(ways.work);
    this.#context = new Context({
      settings,
      clock: parts.clock,
      log: parts.log ?? null,
      days: this.#days,
      names: new Names(ways.work, settings),
      sealing: new Sealing(ways.ring, ways.encryptBodies),
      holdings: new Holdings(),
      marks: new Marks(),
      onCondemned: (condemned) => condemn(condemned, parts),
    });
    this.#writer = new Writer(
      this.#context,
      Array.from({ length: LANES }, () => new Lane(ways.connector)),
    );
    this.#upkeep = new Upkeep(this.#context, this.#days, ways.work);
  }

  /** One that serves: today and tomorrow are there, and it knows how much is live. */
  static async begin(ways: Ways, settings: CustodySettings, parts: PostgresCustodyParts): Promise<GroupedCustody> {
    const custody = new GroupedCustody(ways, settings, parts);
    try {
      // A host with another key than the others must not get as far as a mail.
      await custody.#context.sealing.prepare(parts.clock.now());
      await custody.#upkeep.begin();
      return custody;
    } catch (error) {
      await custody.kill();
      throw error;
    }
  }

  get costs(): PostgresCustody['costs'] {
    return this.#context.costs;
  }

  async accept(mails: readonly ArrivedMail[], claimFor: IncarnationId | null, call: Call): Promise<void> {
    await this.#writer.ask(new AcceptRequest(this.#context, mails, claimFor, call));
  }

  async claim(request: ClaimRequest, worker: IncarnationId, call: Call): Promise<readonly Claim[]> {
    if (request.kind !== 'named') return this.#claim(request, worker, call);
    const limit = Math.min(request.limit, STEP_ROWS);
    const { keys } = await chooseRows(this.#ways.people, request.filter, limit, null, call);
    return this.#claim({ kind: 'keys', keys }, worker, call);
  }

  async settle(settlement: Settlement, worker: IncarnationId, call: Call): Promise<readonly Settled[]> {
    return (await this.#writer.ask(new SettleRequest(this.#context, settlement, worker, call))) as readonly Settled[];
  }

  async body(message: MailId, call: Call): Promise<Body> {
    const { tenant, body } = await loadBody(this.#context, this.#ways.work, message, call);
    if (body.kind === 'memory') return body;
    const { blobs } = this.#parts;
    if (blobs === null || !(await blobs.has(tenant, body.ref, call))) throw new Fault('body.missing');
    return body;
  }

  depth(call: Call): Promise<readonly Depth[]> {
    return this.#depth.read(call);
  }

  enlist(incarnation: Incarnation, call: Call): Promise<void> {
    return this.#incarnations.enlist(incarnation, call);
  }

  async beat(worker: IncarnationId, call: Call): Promise<boolean> {
    const lives = await this.#incarnations.beat(worker, call);
    if (!lives) this.#context.names.forget(worker);
    return lives;
  }

  beats(call: Call): Promise<readonly Heartbeat[]> {
    return this.#incarnations.beats(call);
  }

  async retire(worker: IncarnationId, clean: boolean, call: Call): Promise<number> {
    const retired = await this.#incarnations.retire(worker, this.#parts.clock.now(), call);
    this.#context.names.forget(worker);
    if (retired === null) return 0;
    const { id: key, role } = retired;
    let freedRows = 0;
    for (;;) {
      const keys = await claimsOf(this.#ways.work, key, STEP_ROWS, call);
      if (keys.length === 0) return freedRows;
      const decide: Decide = (row, { now, settings }) =>
        row.claimBy === key ? lapsed(row.progress, { role, clean }, now, settings) : null;
      freedRows += (await this.#move(keys, JANITOR, decide, call)).length;
    }
  }

  async act(act: QueueAct, filter: QueueFilter, by: string, limit: number, call: Call): Promise<ActResult> {
    const { settings, clock } = this.#context;
    const purpose = { act, by, now: clock.now(), settings };
    const rows = Math.min(limit, ACT_ROWS_MAX);
    const { keys, more } = await chooseRows(this.#ways.people, filter, rows, purpose, call);
    // A claimed one is in work and left alone: its outcome comes first.
    const decide: Decide = (row, { now }) =>
      row.claimBy === null ? acted(row.progress, act, by, now, settings) : null;
    const hit: WholeRow[] = [];
    for (let from = 0; from < keys.length; from += STEP_ROWS)
      hit.push(
        ...(await this.#move(keys.slice(from, from + STEP_ROWS), { component: 'cli', worker: null }, decide, call)),
      );
    return { recipients: hit.length, messages: [...new Set(hit.map(({ message }) => message))], more };
  }

  async sweep(call: Call): Promise<readonly Orphan[]> {
    const { settings, clock } = this.#context;
    const { lost, bare, dead } = await findSuspects(this.#ways.work, clock.now(), STEP_ROWS, call);
    const lapsedRows = await this.#move(lost, JANITOR, (row, { now }) => freed(row, dead, now, settings), call);
    const mendedRows = await this.#move(bare, JANITOR, (row, { now }) => timed(row, now, settings), call);
    return [
      ...lapsedRows.map((row) => orphanOf(row, 'claimed by a dead worker')),
      ...mendedRows.map((row) => orphanOf(row, isHeld(row) ? 'held without a deadline' : 'no due time')),
    ];
  }

  scrub(after: MailId | null, limit: number, call: Call): ReturnType<Custody['scrub']> {
    const { people: views, ring: keys } = this.#ways;
    return scrub({ views, keys, blobs: this.#parts.blobs }, after, limit, call);
  }

  books(call: Call): Promise<readonly Books[]> {
    return this.#upkeep.books(call);
  }

  recount(call: Call): Promise<readonly Recount[]> {
    return this.#ways.people.view(async (sql) => recount(sql, await readBooks(sql, call), call), call);
  }

  async rollOver(before: number, dropBefore: number, limit: number, call: Call): ReturnType<Custody['rollOver']> {
    const today = dayAt(this.#parts.clock.now());
    const rolled = await rollOver(this.#ways.people, { before, dropBefore, today }, limit, call);
    this.#days.forget();
    return rolled;
  }

  async remember(name: string, value: string, call: Call): Promise<void> {
    await this.#ways.work.rows(REMEMBER, [name, value], call);
  }

  async recall(name: string, call: Call): Promise<string | null> {
    const [row] = await this.#ways.work.rows<{ value: string }>(RECALL, [name], call);
    return row?.value ?? null;
  }

  reserveBytes(): number {
    return Math.max(0, this.#context.live) * RESERVE_BYTES_PER_RECIPIENT;
  }

  trace(query: TraceQuery, limit: number, call: Call): Promise<readonly Trace[]> {
    return this.#ways.people.view((sql) => trace(sql, query, limit, call), call);
  }

  queue(filter: QueueFilter, after: MailId | null, limit: number, call: Call): ReturnType<Journal['queue']> {
    return this.#ways.people.view((sql) => listQueue(sql, filter, after, limit, call), call);
  }

  firstAttempts(since: number, call: Call): ReturnType<Journal['firstAttempts']> {
    return firstAttempts(this.#ways.people, since, call);
  }

  affectedCounts(query: AffectedQuery, call: Call): Promise<readonly AffectedCount[]> {
    return this.#ways.people.view((sql) => affectedCounts(sql, query, call), call);
  }

  affected(query: AffectedQuery, after: RecipientPlace | null, limit: number, call: Call): Promise<AffectedPage> {
    return this.#ways.people.view((sql) => affectedPage(sql, query, after, limit, call), call);
  }

  async blobsInUse(keys: readonly string[], call: Call): Promise<ReadonlySet<string>> {
    const rows = await this.#ways.work.rows<{ blob: string }>(BLOBS_IN_USE, [keys], call);
    return new Set(rows.map(({ blob }) => blob));
  }

  kill(): Promise<void> {
    this.#closed ??= this.#end(() => this.#writer.kill());
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#end(() => this.#writer.close(CLOSE_MS));
    return this.#closed;
  }

  async #end(endWriter: () => Promise<void>): Promise<void> {
    await this.#upkeep.stop();
    await endWriter();
    const { work, people, pulse } = this.#ways;
    await Promise.all([work, people, pulse].map((pool) => pool[Symbol.asyncDispose]()));
  }

  async #claim(wanted: Wanted, worker: IncarnationId, call: Call): Promise<Claim[]> {
    const giveBack = (rows: readonly WholeRow[]): Promise<void> => this.#untilGivenBack(rows);
    const asked = this.#writer.ask(new ClaimRows(this.#context, wanted, worker, giveBack, call));
    const rows = (await asked) as readonly WholeRow[];
    try {
      return await withMails(this.#context, this.#ways.work, rows, call);
    } catch (error) {
      void giveBack(rows);
      throw error;
    }
  }

  // The caller has gone and knows nothing of these claims: they would stay with a worker that lives.
  async #untilGivenBack(rows: readonly WholeRow[]): Promise<void> {
    const held = new Map(rows.map((row) => [`${row.message} ${row.n}`, row]));
    const keys = rows.map((row): RecipientKey => [row.message, row.n]);
    const { settings } = this.#context;
    const decide: Decide = (row, { now }) => {
      const claimed = held.get(`${row.message} ${row.n}`);
      if (claimed === undefined || row.claimBy !== claimed.claimBy || row.token !== claimed.token) return null;
      return settled(row.progress, givenBack(row.progress.state, now), { elapsedMs: 0, peer: null }, now, settings);
    };
    while (this.#closed === null && keys.length > 0) {
      try {
        await this.#move(keys, { component: 'deliver', worker: null }, decide, within(BACKGROUND_MS));
        return;
      } catch (error) {
        this.#parts.log?.warn('store.claim.kept', { detail: error instanceof Error ? error.message : String(error) });
        if (error instanceof Fault && error.retry === 'never') return;
        await this.#parts.clock.sleep(GIVE_BACK_AGAIN_MS);
      }
    }
  }

  async #move(keys: readonly RecipientKey[], actor: Actor, decide: Decide, call: Call): Promise<readonly WholeRow[]> {
    if (keys.length === 0) return [];
    return (await this.#writer.ask(new MoveRows(this.#context, keys, actor, decide, call))) as readonly WholeRow[];
  }
}

function isHeld({ progress }: WholeRow): boolean {
  return phaseOf(progress.state) === 1;
}

function orphanOf({ message, n, tenant }: WholeRow, fault: Orphan['fault']): Orphan {
  return { message, recipient: n, tenant, fault, mended: true };
}

// A blob that is not condemned here is found by the purge, as one that no row names.
function condemn(condemned: readonly Condemned[], { blobs, log }: PostgresCustodyParts): void {
  for (const [tenant, group] of Map.groupBy(condemned, (each) => each.tenant)) {
    const keys = group.map((each) => each.key);
    blobs?.condemn(tenant, keys, within(BACKGROUND_MS)).catch((error: Error) => {
      log?.warn('store.condemn.failed', { detail: error.message });
    });
  }
}
