/**
 * The writing half of custody. A group of requests goes into the log, whose flush begins at once, and is carried out on the tables
 * meanwhile; its answers are true when the flush has landed. The tables are committed every few groups, without a flush: after a
 * crash they are brought up to the log. Requests share a group and never the fate of one that fails. A flush or COMMIT that fails for
 * anything but room is never tried again (design 1, Disk).
 */
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';
import { Tally } from '../custody/index.ts';
import { Carrier } from './carry.ts';
import { openWriter } from './connections.ts';
import { brokenBy, messageOf, RequestFailed } from './failures.ts';
import { append, type Batch, batchesSince, isLogged } from './group-log.ts';
import { type Handlers, handlersOf } from './handlers.ts';
import { type Damage, Log, type Place, placeAt, Segments, segmentOf } from './log/index.ts';
import { LogNotes } from './log-notes.ts';
import { joined, type Outputs, refuseAll } from './outputs.ts';
import type {
  FromWriter,
  Recovery,
  WriterCall,
  WriterCost,
  WriterGroup,
  WriterRequest,
  WriterSetup,
} from './protocol.ts';
import { isFull, Statement, sqliteTrouble, statementsExecuted } from './statement.ts';
import { Tables } from './tables.ts';

type Answers = Extract<FromWriter, { kind: 'answers' }>;

/** Requests that the tables take before they are committed: a mail that ends among them is written once. */
const COMMIT_REQUESTS = 512;
const COMMIT_BYTES = 16 * 1024 * 1024;

/** What these ask for needs no row in a table. */
const WITHOUT_ROWS: ReadonlySet<WriterCall> = new Set(['accept', 'settle', 'beat', 'enlist', 'remember']);

export class Writer {
  readonly #db: DatabaseSync;
  readonly #tables: Tables;
  readonly #segments: Segments;
  readonly #notes: LogNotes;
  readonly #log: Log;
  readonly #handlers: Handlers;
  readonly #carrier: Carrier;
  readonly #isSealing: boolean;
  #cost: WriterCost = {};
  /** What the log holds and no commit of the tables does. */
  #ahead: Batch[] = [];
  #aheadRequests = 0;
  #aheadBytes = 0;
  /** The tables had no room for what is ahead. */
  #owing = false;
  #tally = new Tally();
  #damage: Recovery['damage'] = [];
  readonly #refused: Recovery['refused'][number][] = [];
  readonly #steps: Readonly<Record<'begin' | 'commit' | 'rollback' | 'save' | 'release' | 'undo', Statement>>;
  readonly #reached: Statement;
  readonly #dirty: Statement;

  /** Brings the tables up to the log first. `onFailed`: a flush has failed. */
  constructor(setup: WriterSetup, onFailed: (error: Error) => void) {
    this.#db = openWriter(setup.dir);
    this.#notes = new LogNotes(this.#db);
    this.#segments = new Segments(setup.dir, this.#notes.seed, setup.segmentBytes);
    this.#tables = new Tables(this.#db, setup, this.#segments);
    this.#handlers = handlersOf(this.#db, this.#tables);
    this.#carrier = new Carrier(this.#db, this.#tables, this.#segments);
    this.#isSealing = setup.encryptBodies;
    const step = (sql: string): Statement => new Statement(this.#db, sql);
    this.#steps = {
      begin: step('BEGIN IMMEDIATE'),
      commit: step('COMMIT'),
      rollback: step('ROLLBACK'),
      save: step('SAVEPOINT request'),
      release: step('RELEASE request'),
      undo: step('ROLLBACK TO request'),
    };
    this.#reached = step(
      `INSERT INTO fact (name, value) VALUES ('store.log', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
    );
    this.#dirty = step(
      `INSERT INTO fact (name, value) VALUES ('store.flushes', 1) ON CONFLICT (name) DO UPDATE SET value = value + 1`,
    );
    this.#log = this.#recover(onFailed);
  }

  /** What the start found in the log. */
  get recovery(): Recovery {
    return { damage: this.#damage, refused: this.#refused };
  }

  /** Live recipients, probes included; one pass over the index of live rows at the start. */
  live(): number {
    this.#tables.writeYoung();
    const sql = `SELECT (SELECT count(*) FROM recipient INDEXED BY recipient_attention WHERE phase < 2 AND claim_by IS NULL)
      + (SELECT count(*) FROM recipient INDEXED BY recipient_claimed WHERE claim_by IS NOT NULL) AS live`;
    return new Statement<{ live: number }>(this.#db, sql).get()?.live ?? 0;
  }

  /** Carries a group out; the answers are true once `whenFlushed` has called back. Whoever asks commits when it `isLong`. Throws `StoreBroken`. */
  group(group: WriterGroup): Answers {
    const requests = JSON.parse(group.requests) as WriterRequest[];
    this.#cost = {};
    const before = statementsExecuted();
    const { answers, output, tally } = this.#take(group, requests);
    const ofCalls = Object.values(this.#cost).reduce((sum, each) => sum + each, 0);
    const cost = { ...this.#cost, group: statementsExecuted() - before - ofCalls };
    const buffer = output.length === 0 ? null : joined(output);
    const ahead = this.#db.isTransaction;
    return { kind: 'answers', answers: JSON.stringify(answers), bytes: buffer, ahead, live: tally.live, cost };
  }

  /** Calls back when all groups so far are durable; in order. */
  whenFlushed(then: () => void): void {
    this.#log.whenFlushed(this.#log.end, then);
  }

  /** Whether so much is ahead of the tables that they should be committed. */
  get isLong(): boolean {
    return this.#aheadRequests >= COMMIT_REQUESTS || this.#aheadBytes >= COMMIT_BYTES;
  }

  /** The long part of a commit, which flushes of the log under way need not be waited for. */
  prepareCommit(): void {
    try {
      this.#tables.writeYoung();
    } catch (error) {
      this.#hadNoRoom(error);
    }
  }

  /** Makes the tables readable up to now. Not durable by itself: the log is, and is so first, since nobody knows when a page of theirs reaches the disk. */
  commit(): void {
    if (!this.#db.isTransaction) return;
    try {
      this.#tables.writeYoung();
      this.#tables.books.write(this.#tally);
      this.#log.flushNow();
      this.#reached.run(String(this.#log.end));
      this.#steps.commit.run();
      this.#committed();
    } catch (error) {
      this.#hadNoRoom(error);
    }
  }

  /** Lets the WAL start over when nothing of it is left to copy. Gives up at once when a reader still needs it. */
  restartWal(): void {
    this.commit();
    this.#db.exec('PRAGMA busy_timeout = 0');
    this.#checkpoint('RESTART');
    this.#db.exec('PRAGMA busy_timeout = 2000');
  }

  /** Removes what the log holds for nobody, all of it being durable up to `durable`; carries a little of what keeps old segments. */
  tidy(durable: Place): void {
    this.#trim(durable);
    const segment = this.#owing ? null : this.#carrier.next();
    if (segment !== null) this.#carry(segment);
  }

  /** Leaves one tidy file, and a log that says nothing more than it. */
  close(): void {
    this.commit();
    this.#log.close();
    if (!this.#owing) {
      this.#durably(() => this.#reached.run(String(this.#log.end)));
      this.#trim(this.#log.end + 1);
    }
    this.#checkpoint('TRUNCATE');
    this.#tables.blocks.close();
    this.#db.close();
  }

  /** Lets go of everything as a crash would: for tests of recovery. */
  abandon(): void {
    if (this.#db.isTransaction) this.#steps.rollback.run();
    this.#log.close();
    this.#tables.blocks.close();
    this.#db.close();
  }

  // Without room in the file the pages stay in the WAL, where they are as durable: no reason to stop.
  #checkpoint(mode: 'RESTART' | 'TRUNCATE'): void {
    try {
      this.#db.exec(`PRAGMA wal_checkpoint(${mode})`);
    } catch (error) {
      if (sqliteTrouble(error) !== 'full') throw error;
    }
  }

  #take(group: WriterGroup, requests: readonly WriterRequest[]): Outputs {
    if (this.#owing && !this.#payBack()) return refuseAll(requests);
    const bytes = new Uint8Array(group.bytes);
    const batch = this.#write(group, requests, bytes);
    if (batch === null) return refuseAll(requests);
    return this.#carryOut(batch, requests.some(isLogged));
  }

  // Null where the disk has no room for it.
  #write(group: WriterGroup, requests: readonly WriterRequest[], bytes: Uint8Array): Batch | null {
    const place = this.#log.end;
    if (!requests.some(isLogged)) {
      const { now } = group;
      return { now, requests, bytes, at: place, place, isSealed: this.#isSealing };
    }
    try {
      if (bytes.length > 0 && this.#isSealing) this.#ensureKey(group.now);
      // Making a key commits, and the tables may not have had room: nothing new before they have what is ahead.
      if (this.#owing) return null;
      const keys = this.#isSealing ? this.#tables.keys : null;
      return append(this.#log, { now: group.now, requests, words: group.requests }, bytes, keys);
    } catch (error) {
      if (!isFull(error)) throw brokenBy(error);
      return null;
    }
  }

  // Together first, since nearly every group is without a mistake, and a savepoint copies each page that its request touches. Where
  // one request fails, all since the last commit is undone and done again, each request in its own savepoint.
  #carryOut(batch: Batch, logged: boolean): Outputs {
    try {
      const outputs = this.#runAll(batch);
      this.#keep(batch, logged, outputs);
      return outputs;
    } catch (error) {
      const trouble = sqliteTrouble(error instanceof RequestFailed ? error.cause : error);
      if (trouble === 'broken' || !(trouble === 'full' || error instanceof RequestFailed)) throw brokenBy(error);
      this.#undo();
      return this.#again(batch, logged);
    }
  }

  #again(batch: Batch, logged: boolean): Outputs {
    try {
      for (const each of this.#ahead) this.#tally.add(this.#runApart(each).tally);
      const outputs = this.#runApart(batch);
      this.#keep(batch, logged, outputs);
      return outputs;
    } catch (error) {
      if (sqliteTrouble(error) !== 'full') throw brokenBy(error);
      this.#undo();
      this.#owing = this.#ahead.length > 0;
      // Nobody has been told of this one: it never was.
      if (logged) this.#log.takeBack(batch.place);
      return refuseAll(batch.requests);
    }
  }

  // What was answered stands in the log; room for it in the tables is asked for before anything new is taken.
  #payBack(): boolean {
    try {
      for (const each of this.#ahead) this.#tally.add(this.#runApart(each).tally);
      this.#owing = false;
      this.commit();
      return !this.#owing;
    } catch (error) {
      if (sqliteTrouble(error) !== 'full') throw brokenBy(error);
      this.#undo();
      this.#owing = true;
      return false;
    }
  }

  #keep(batch: Batch, logged: boolean, { tally }: Outputs): void {
    this.#tally.add(tally);
    if (logged) {
      this.#ahead.push(batch);
      this.#aheadRequests += batch.requests.length;
      this.#aheadBytes += batch.bytes.length;
    }
    if (batch.requests.some(({ name }) => name === 'publish')) this.commit();
  }

  #committed(): void {
    this.#ahead = [];
    this.#aheadRequests = 0;
    this.#aheadBytes = 0;
    this.#tally = new Tally();
  }

  #runAll(batch: Batch): Outputs {
    const outputs = this.#begin(batch, true);
    for (const request of batch.requests) this.#run(request, batch, outputs);
    return outputs;
  }

  #runApart(batch: Batch): Outputs {
    const outputs = this.#begin(batch, false);
    for (const request of batch.requests) this.#runOneApart(request, batch, outputs);
    return outputs;
  }

  #begin(batch: Batch, mayWait: boolean): Outputs {
    if (!this.#db.isTransaction) this.#steps.begin.run();
    this.#tables.now = batch.now;
    this.#tables.mayWait = mayWait;
    return { answers: [], output: [], outputBytes: 0, tally: new Tally() };
  }

  #run(request: WriterRequest, batch: Batch, outputs: Outputs): void {
    this.#tables.begin(batch.bytes.subarray(request.base), batch.at + request.base, batch.isSealed);
    const handle = this.#handlers[request.name] as (input: unknown) => unknown;
    const before = statementsExecuted();
    let result: unknown;
    try {
      if (!WITHOUT_ROWS.has(request.name)) this.#tables.writeYoung();
      result = handle(request.input);
      this.#tables.releaseEnded();
    } catch (cause) {
      throw new RequestFailed('a request failed', { cause });
    }
    this.#cost[request.name] = (this.#cost[request.name] ?? 0) + statementsExecuted() - before;
    outputs.answers.push({ ok: true, output: result, base: outputs.outputBytes, condemned: this.#tables.condemned });
    for (const content of this.#tables.output) {
      outputs.output.push(content);
      outputs.outputBytes += content.length;
    }
    outputs.tally.add(this.#tables.recipients.tally);
  }

  #runOneApart(request: WriterRequest, batch: Batch, outputs: Outputs): void {
    this.#tables.writeYoung();
    this.#steps.save.run();
    try {
      this.#run(request, batch, outputs);
      this.#steps.release.run();
    } catch (error) {
      const cause = error instanceof RequestFailed ? error.cause : error;
      // What hurts the whole store, or has already undone the transaction, is not this request's alone.
      if (sqliteTrouble(cause) !== 'statement' || !this.#db.isTransaction) throw cause;
      this.#steps.undo.run();
      this.#steps.release.run();
      this.#tables.forget();
      outputs.answers.push({ ok: false, fault: cause instanceof Fault ? cause.code : null, detail: messageOf(cause) });
    }
  }

  // What is ahead stands in the log, and comes into the tables when they have room.
  #hadNoRoom(error: unknown): void {
    if (sqliteTrouble(error) !== 'full') throw brokenBy(error);
    this.#undo();
    this.#owing = true;
  }

  #undo(): void {
    if (this.#db.isTransaction) this.#steps.rollback.run();
    this.#tables.forget();
    this.#tables.books.recount();
    this.#tally = new Tally();
  }

  // A key has to outlive everything that it seals: the only commit, beside the first and the last, which waits for its own flush.
  #ensureKey(now: number): void {
    if (this.#tables.keys.sealing(now) !== null) return;
    this.#durably(() => this.#tables.keys.make(now));
  }

  // A folder may need room to change a name: then again next time.
  #trim(durable: Place): void {
    try {
      this.#tables.keeper.trim(durable, this.#log.end);
      this.#segments.removeOldSpares(Date.now());
    } catch (error) {
      if (!isFull(error)) throw brokenBy(error);
    }
  }

  // A commit that changes no page flushes none: something has to change, or the commits before it are as volatile as they were.
  #durably(work: () => void): void {
    this.commit();
    this.#db.exec('PRAGMA synchronous = FULL');
    try {
      this.#steps.begin.run();
      work();
      this.#dirty.run();
      this.#steps.commit.run();
    } finally {
      if (this.#db.isTransaction) this.#undo();
      this.#db.exec('PRAGMA synchronous = NORMAL');
    }
  }

  #carry(segment: number): void {
    this.commit();
    try {
      this.#steps.begin.run();
      this.#carrier.step(segment);
      this.#steps.commit.run();
    } catch (error) {
      if (sqliteTrouble(error) !== 'full') throw brokenBy(error);
      this.#undo();
    }
  }

  // A new segment behind all others: what stands there half written is never written on. One transaction carries the log out and says
  // where it goes on, durably: a start that ends before has done nothing. What it found was perhaps never flushed by whom it was killed
  // under, and is before the tables say it.
  #recover(onFailed: (error: Error) => void): Log {
    const reached = new Statement<{ value: string }>(this.#db, "SELECT value FROM fact WHERE name = 'store.log'").get();
    const from = Number(reached?.value ?? placeAt(1, 0));
    this.#db.exec('PRAGMA synchronous = FULL');
    this.#steps.begin.run();
    const found: Damage[] = [];
    const onDamage = this.#notes.isCopy ? null : (part: Damage): unknown => found.push(part);
    for (const batch of batchesSince(this.#segments, from, this.#tables.keys, onDamage)) {
      const { answers, tally } = this.#runApart(batch);
      this.#tally.add(tally);
      for (const [i, answer] of answers.entries())
        if (!answer.ok) this.#refused.push({ name: batch.requests[i]?.name ?? 'publish', detail: answer.detail });
    }
    this.#segments.flushFrom(segmentOf(from));
    const log = new Log(this.#segments, this.#firstUnused(from), onFailed);
    this.#tables.books.write(this.#tally);
    this.#tally = new Tally();
    this.#reached.run(String(log.end));
    this.#damage = this.#notes.keep(found, Date.now());
    this.#steps.commit.run();
    this.#db.exec('PRAGMA synchronous = NORMAL');
    return log;
  }

  // Rows may name a segment whose file is lost: another one of that number would give them foreign content.
  #firstUnused(reached: Place): number {
    const last = this.#segments.list().at(-1) ?? 0;
    return Math.max(last, reached === placeAt(1, 0) ? 0 : segmentOf(reached)) + 1;
  }
}
