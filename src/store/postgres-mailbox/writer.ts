/**
 * What changes mailboxes, in this process: one transaction at a time for an account, several accounts at once, each on a connection of its
 * own. Deliveries to an account that come while one is on its way share the next transaction; if that fails for the doing of one, each
 * is done alone. Other hosts do the same at the same time: the lock of the account's row stands between them.
 *
 * Where a connection is lost behind COMMIT nobody knows whether it was committed. The account's own row of this process tells
 * (`wasCommitted`), on the server that takes writes now; until then nothing more is done to this account here.
 *
 * What must never happen: a call answered before its commit is; a call done twice; a commit cancelled; a wait without an end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccountKey, Call } from '#/model/index.ts';
import { Fault, within } from '#/model/index.ts';
import type { Delivered, Delivery } from '#/ports/index.ts';
import type { Lane } from '../postgres/lane.ts';
import { ConnectionLost } from '../postgres/lane.ts';
import { faultOf } from '../postgres/sql.ts';
import { troubleOf } from '../postgres/trouble.ts';
import type { Wait } from '../sqlite/waits.ts';
import { Waits } from '../sqlite/waits.ts';
import type { Change } from './change.ts';
import { keyText } from './key-text.ts';
import type { Done } from './transact.ts';
import { InDoubt, transact, wasCommitted } from './transact.ts';

/** Deliveries of one transaction: what is held in memory twice while it is on its way. */
const GROUP_REQUESTS_MAX = 128;
const GROUP_BYTES_MAX = 8 * 1024 * 1024;
/** What may wait in all; octets come to us in memory. */
const WAITING_REQUESTS_MAX = 10_000;
const WAITING_BYTES_MAX = 128 * 1024 * 1024;
/** Of one account, so that it never takes the room of all others. */
const WAITING_OF_ACCOUNT_MAX = 1_000;
/** A transaction that was undone for the sake of others is tried so often. */
const TRIES_MAX = 6;
const TRY_PAUSE_MS = 10;
const LOOK_MS = 1_000;

/** A call on its way: a delivery, or work with an account to itself. It may be tried several times, and is answered once. */
export type Job = { readonly call: Call; readonly bytes: number } & (
  | { readonly delivery: Delivery }
  | { readonly work: (change: Change) => Promise<unknown> }
);

export interface WriterParts {
  readonly lanes: readonly Lane[];
  /** Names this process among all that write. */
  readonly name: string;
  readonly now: () => number;
  readonly deliver: (change: Change, deliveries: readonly Delivery[]) => Promise<readonly Delivered[]>;
  /** An account has a new version. */
  readonly onCommitted: (key: AccountKey, accountId: number, version: number, changed: boolean) => void;
}

interface Pending {
  readonly job: Job;
  readonly wait: Wait;
}

interface Queue {
  readonly key: AccountKey;
  readonly pending: Pending[];
  busy: boolean;
}

export class Writer {
  readonly #parts: WriterParts;
  readonly #resting: Lane[];
  readonly #waits = new Waits();
  readonly #queues = new Map<string, Queue>();
  /** Accounts with something to do that no connection is busy with, longest first. */
  readonly #ready = new Set<Queue>();
  readonly #serving = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #waitingRequests = 0;
  #waitingBytes = 0;
  #scheduled = false;
  #closing = false;
  #ended: Fault | null = null;
  #lastToken = 0;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#resting = [...parts.lanes];
    this.#timer = setInterval(() => {
      for (const lane of parts.lanes) void lane.look();
    }, LOOK_MS).unref();
  }

  /** Faults `call.late`, `store.busy`, `store.unavailable`, `store.failed`, `disk.full`, and those of the work. */
  ask(key: AccountKey, job: Job): Promise<unknown> {
    if (this.#ended !== null || this.#closing) return Promise.reject(new Fault('store.unavailable', 'It is closed.'));
    const text = keyText(key);
    const queue = this.#queues.getOrInsertComputed(text, () => ({ key, pending: [], busy: false }));
    if (this.#isFull(queue, job.bytes)) return Promise.reject(new Fault('store.busy'));
    const wait = this.#waits.add(job.call);
    queue.pending.push({ job, wait });
    this.#waitingRequests += 1;
    this.#waitingBytes += job.bytes;
    if (!queue.busy) this.#ready.add(queue);
    this.#schedule();
    return wait.promise;
  }

  /** Everything that was asked gets its answer first, within `graceMs`; then the connections end. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    const grace = within(graceMs);
    while (this.#serving.size + this.#ready.size > 0 && performance.now() < grace.deadlineAt)
      await Promise.race([...this.#serving, sleep(LOOK_MS)]);
    this.#end();
    await Promise.all(this.#parts.lanes.map((lane) => lane.close()));
    await Promise.allSettled(this.#serving);
  }

  /** Ends where it stands, as a crash would. */
  async kill(): Promise<void> {
    this.#end();
    for (const lane of this.#parts.lanes) lane.cut();
    await Promise.allSettled(this.#serving);
  }

  #end(): void {
    if (this.#ended !== null) return;
    this.#ended = new Fault('store.unavailable', 'It is closed.');
    clearInterval(this.#timer);
    this.#queues.clear();
    this.#ready.clear();
    this.#waits.rejectAll(this.#ended);
  }

  #isFull({ pending }: Queue, bytes: number): boolean {
    if (this.#waitingRequests === 0) return false;
    const overAll = this.#waitingRequests >= WAITING_REQUESTS_MAX || this.#waitingBytes + bytes > WAITING_BYTES_MAX;
    return overAll || pending.length >= WAITING_OF_ACCOUNT_MAX;
  }

  // All that comes in one turn of the loop goes together.
  #schedule(): void {
    if (this.#scheduled || this.#resting.length === 0 || this.#ready.size === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      for (const queue of this.#ready) {
        const lane = this.#resting.pop();
        if (lane === undefined) return;
        this.#ready.delete(queue);
        this.#serve(lane, queue);
      }
    });
  }

  #serve(lane: Lane, queue: Queue): void {
    queue.busy = true;
    const serving = this.#perform(lane, queue.key, this.#nextGroup(queue)).finally(() => {
      this.#serving.delete(serving);
      this.#resting.push(lane);
      queue.busy = false;
      if (this.#ended !== null) return;
      if (queue.pending.length > 0) this.#ready.add(queue);
      else this.#queues.delete(keyText(queue.key));
      this.#schedule();
    });
    this.#serving.add(serving);
  }

  // Calls that are late before they were sent never come to be.
  #nextGroup({ pending }: Queue): Pending[] {
    const group: Pending[] = [];
    let bytes = 0;
    let taken = 0;
    for (const each of pending) {
      const shares = 'delivery' in each.job;
      const isFull = group.length >= GROUP_REQUESTS_MAX || bytes + each.job.bytes > GROUP_BYTES_MAX;
      if (group.length > 0 && (!shares || isFull)) break;
      taken += 1;
      this.#waitingRequests -= 1;
      this.#waitingBytes -= each.job.bytes;
      if (each.wait.over) continue;
      bytes += each.job.bytes;
      group.push(each);
      if (!shares) break;
    }
    pending.splice(0, taken);
    return group;
  }

  // In doubt it is followed up to its deadline: what the server says then is true, whether it was committed or not.
  async #perform(lane: Lane, key: AccountKey, group: readonly Pending[]): Promise<void> {
    let doubt: Try | null = null;
    for (let tried = 1; this.#ended === null; tried++) {
      const asked: readonly Pending[] = (doubt?.asked ?? group).filter(({ wait }) => !wait.over);
      if (asked.length === 0) return;
      try {
        await lane.open();
        if (doubt !== null && (await wasCommitted(lane, key, doubt.doubt.token))) return this.#done(key, doubt);
        doubt = null;
        return this.#done(key, { asked, doubt: { done: await this.#try(lane, key, asked) } });
      } catch (error) {
        if (error instanceof InDoubt) doubt = { asked, doubt: error };
        const next = await this.#next(lane, error, doubt !== null, tried);
        if (next === 'again') continue;
        if (asked.length === 1 || next === 'told') return this.#reject(asked, error);
        for (const each of asked) await this.#perform(lane, key, [each]);
        return;
      }
    }
  }

  // What helps against a failure: trying again, trying each alone, or nothing.
  async #next(lane: Lane, error: unknown, inDoubt: boolean, tried: number): Promise<'again' | 'apart' | 'told'> {
    const trouble = error instanceof InDoubt ? 'lost' : troubleOf(error);
    if (trouble === 'lost' || trouble === 'away') {
      lane.cut();
      if (trouble === 'away' && !inDoubt) return 'told';
      await lane.rest();
      return 'again';
    }
    if (trouble === 'again' && (inDoubt || tried < TRIES_MAX)) {
      await sleep(Math.random() * TRY_PAUSE_MS * tried);
      return 'again';
    }
    return trouble === 'full' || error instanceof Fault ? 'told' : 'apart';
  }

  #try(lane: Lane, key: AccountKey, asked: readonly Pending[]): Promise<Done<readonly unknown[]>> {
    const token = { writer: this.#parts.name, number: ++this.#lastToken };
    return transact(lane, key, token, this.#parts.now(), async (change) => {
      const [first] = asked;
      if (first !== undefined && 'work' in first.job) return [await first.job.work(change)];
      const deliveries = asked.flatMap(({ job }) => ('delivery' in job ? [job.delivery] : []));
      return await this.#parts.deliver(change, deliveries);
    });
  }

  #done(key: AccountKey, { asked, doubt: { done } }: Answered): void {
    for (const [at, { wait }] of asked.entries()) {
      this.#waits.remove(wait);
      if (!wait.over) wait.resolve(done.value[at]);
    }
    this.#parts.onCommitted(key, done.accountId, done.version, done.changed);
  }

  #reject(asked: readonly Pending[], error: unknown): void {
    const told = toldOf(error);
    for (const { wait } of asked) {
      this.#waits.remove(wait);
      if (!wait.over) wait.reject(told);
    }
  }
}

interface Answered {
  readonly asked: readonly Pending[];
  readonly doubt: { readonly done: Done<readonly unknown[]> };
}

interface Try {
  readonly asked: readonly Pending[];
  readonly doubt: InDoubt<readonly unknown[]>;
}

// What neither the server nor its connection said is a mistake of ours: it says what it is, and nobody tries again.
function toldOf(error: unknown): Fault {
  const isServers = error instanceof Error && ('severity' in error || error instanceof ConnectionLost);
  if (error instanceof Fault || isServers) return faultOf(error);
  return new Fault('store.failed', error instanceof Error ? error.message : String(error), error);
}
