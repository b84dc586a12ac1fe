/**
 * The writing half of custody: one group of requests is one transaction and one flush; requests share it and never the fate of
 * one that fails. A COMMIT that fails for anything but room is never tried again (design 1, Disk).
 */
import type { DatabaseSync } from 'node:sqlite';
import { Fault } from '#/model/index.ts';
import { Tally } from '../custody/index.ts';
import { accept } from './accept.ts';
import { act } from './act.ts';
import { Claimer } from './claim.ts';
import { openWriter } from './connections.ts';
import { Forgetter } from './forget.ts';
import { LookUpFiller } from './look-up.ts';
import type {
  FromWriter,
  WriterAnswer,
  WriterCall,
  WriterCalls,
  WriterCost,
  WriterGroup,
  WriterRequest,
  WriterSetup,
} from './protocol.ts';
import { settle } from './settle.ts';
import { Statement, sqliteTrouble, statementsExecuted } from './statement.ts';
import { Sweeper } from './sweep.ts';
import { Tables } from './tables.ts';

type Handlers = { readonly [Name in WriterCall]: (input: WriterCalls[Name]['input']) => WriterCalls[Name]['output'] };

/** The store can't be trusted any more: the process has to end and to recover from what the disk has. */
export class StoreBroken extends Error {}

export class Writer {
  readonly #db: DatabaseSync;
  readonly #tables: Tables;
  readonly #handlers: Handlers;
  #cost: WriterCost = {};
  readonly #steps: Readonly<Record<'begin' | 'commit' | 'rollback' | 'save' | 'release' | 'undo', Statement>>;

  constructor(setup: WriterSetup) {
    this.#db = openWriter(setup.dir);
    this.#tables = new Tables(this.#db, setup);
    this.#handlers = handlersOf(this.#db, this.#tables);
    const step = (sql: string): Statement => new Statement(this.#db, sql);
    this.#steps = {
      begin: step('BEGIN IMMEDIATE'),
      commit: step('COMMIT'),
      rollback: step('ROLLBACK'),
      save: step('SAVEPOINT request'),
      release: step('RELEASE request'),
      undo: step('ROLLBACK TO request'),
    };
  }

  /** Live recipients, probes included; one pass over the index of live rows at the start. */
  live(): number {
    const sql = `SELECT (SELECT count(*) FROM recipient INDEXED BY recipient_attention WHERE phase < 2 AND claim_by IS NULL)
      + (SELECT count(*) FROM recipient INDEXED BY recipient_claimed WHERE claim_by IS NOT NULL) AS live`;
    return new Statement<{ live: number }>(this.#db, sql).get()?.live ?? 0;
  }

  /** One transaction; the answers are true when this returns. Throws `StoreBroken`. */
  group(group: WriterGroup): Extract<FromWriter, { kind: 'answers' }> {
    const requests = JSON.parse(group.requests) as WriterRequest[];
    const bytes = new Uint8Array(group.bytes);
    this.#tables.now = group.now;
    this.#cost = {};
    const before = statementsExecuted();
    const { answers, output, tally } = this.#commit(requests, bytes);
    const ofCalls = Object.values(this.#cost).reduce((sum, each) => sum + each, 0);
    const cost = { ...this.#cost, group: statementsExecuted() - before - ofCalls };
    const buffer = output.length === 0 ? null : joined(output);
    return { kind: 'answers', answers: JSON.stringify(answers), bytes: buffer, live: tally.live, cost };
  }

  /** Lets the WAL start over when nothing of it is left to copy. Gives up at once when a reader still needs it. */
  restartWal(): void {
    this.#db.exec('PRAGMA busy_timeout = 0');
    this.#checkpoint('RESTART');
    this.#db.exec('PRAGMA busy_timeout = 2000');
  }

  /** Leaves one tidy file. */
  close(): void {
    if (this.#db.isTransaction) this.#steps.rollback.run();
    this.#checkpoint('TRUNCATE');
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

  // Together first, since nearly every group is without a mistake, and a savepoint copies each page that its request touches. Where
  // one request fails, all is undone and done again, each in its own savepoint.
  #commit(requests: readonly WriterRequest[], bytes: Uint8Array): Outputs {
    try {
      return this.#transact((outputs) => {
        for (const request of requests) this.#run(request, bytes, outputs);
      });
    } catch (error) {
      const trouble = sqliteTrouble(error instanceof RequestFailed ? error.cause : error);
      if (trouble === 'full') return this.#refuseAll(requests);
      if (trouble === 'broken' || !(error instanceof RequestFailed)) throw brokenBy(error);
    }
    try {
      return this.#transact((outputs) => {
        for (const request of requests) this.#runApart(request, bytes, outputs);
      });
    } catch (error) {
      if (sqliteTrouble(error) === 'full') return this.#refuseAll(requests);
      throw brokenBy(error);
    }
  }

  #transact(work: (outputs: Outputs) => void): Outputs {
    const outputs: Outputs = { answers: [], output: [], outputBytes: 0, tally: new Tally() };
    try {
      this.#steps.begin.run();
      work(outputs);
      this.#tables.books.write(outputs.tally);
      this.#steps.commit.run();
      return outputs;
    } catch (error) {
      // A commit that failed on its way to the disk is left as it is: what is true now only a new process can tell.
      if (sqliteTrouble(error) !== 'broken') this.#undo();
      throw error;
    }
  }

  #run(request: WriterRequest, bytes: Uint8Array, outputs: Outputs): void {
    this.#tables.begin(bytes.subarray(request.base));
    const handle = this.#handlers[request.name] as (input: unknown) => unknown;
    const before = statementsExecuted();
    let result: unknown;
    try {
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

  #runApart(request: WriterRequest, bytes: Uint8Array, outputs: Outputs): void {
    this.#steps.save.run();
    try {
      this.#run(request, bytes, outputs);
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

  #refuseAll(requests: readonly WriterRequest[]): Outputs {
    const answers = requests.map((): WriterAnswer => ({ ok: false, fault: 'disk.full', detail: '' }));
    return { answers, output: [], outputBytes: 0, tally: new Tally() };
  }

  #undo(): void {
    if (this.#db.isTransaction) this.#steps.rollback.run();
    this.#tables.forget();
    this.#tables.books.recount();
  }
}

/** What a group comes to. */
interface Outputs {
  readonly answers: WriterAnswer[];
  readonly output: Uint8Array[];
  outputBytes: number;
  readonly tally: Tally;
}

/** One request failed; its cause is what happened. */
class RequestFailed extends Error {}

function brokenBy(error: unknown): StoreBroken {
  return new StoreBroken(messageOf(error), { cause: error });
}

function handlersOf(db: DatabaseSync, tables: Tables): Handlers {
  const claimer = new Claimer(db, tables);
  const sweeper = new Sweeper(db, tables);
  const filler = new LookUpFiller(db);
  const forgetter = new Forgetter(db);
  const remember = new Statement(
    db,
    'INSERT INTO fact (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    accept: (input) => accept(tables, input),
    claim: (input) => claimer.claim(input),
    settle: (input) => settle(tables, input),
    act: (input) => act(tables, input),
    enlist: ({ incarnation }) => {
      tables.workers.enlist(incarnation);
      return null;
    },
    beat: ({ worker }) => tables.workers.beat(worker),
    retire: ({ worker, clean, limit }) => sweeper.retire(worker, clean, limit),
    sweep: ({ limit }) => sweeper.sweep(limit),
    fillIndex: ({ budgetMs }) => filler.fill(budgetMs, tables.journal.lastSeq),
    forget: (input) => forgetter.forget(input),
    remember: ({ name, value }) => {
      remember.run(name, value);
      return null;
    },
  };
}

function joined(chunks: readonly Uint8Array[]): ArrayBuffer {
  const buffer = new ArrayBuffer(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  const bytes = new Uint8Array(buffer);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return buffer;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
