/**
 * Group commit over a few connections: whatever arrives while groups are on their way goes into the next one, so that under load a
 * commit is shared by many and without load a call goes at once.
 *
 * Calls of a group share its commit and never its failure: where it fails for the doing of one, each is done alone. Where the connection
 * was lost, nobody knows whether it was committed: each call then looks for its own rows, on the server that takes writes now.
 *
 * What must never happen: a call answered before its commit is; a call done twice; a commit cancelled.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, isFault, within } from '#/model/index.ts';
import type { Wait } from '../sqlite/waits.ts';
import { Waits } from '../sqlite/waits.ts';
import type { Changes } from './changes.ts';
import type { Context } from './context.ts';
import type { Lane } from './lane.ts';
import type { Request } from './requests.ts';
import { mayBeDone, toldOf, troubleOf } from './trouble.ts';

const GROUP_REQUESTS_MAX = 256;
const GROUP_BYTES_MAX = 8 * 1024 * 1024;
const WAITING_REQUESTS_MAX = 20_000;
const WAITING_BYTES_MAX = 128 * 1024 * 1024;
/** A transaction that was undone for the sake of others, or for a missing day, is tried so often. */
const TRIES_MAX = 6;
const TRY_PAUSE_MS = 10;
const PREPARE_MS = 10_000;
const LOOK_MS = 1_000;

interface Waiting {
  readonly request: Request;
  readonly wait: Wait;
}

export class Writer {
  readonly #context: Context;
  readonly #lanes: readonly Lane[];
  readonly #resting: Lane[];
  readonly #waits = new Waits();
  readonly #serving = new Set<Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #scheduled = false;
  #ended: Fault | null = null;

  constructor(context: Context, lanes: readonly Lane[]) {
    this.#context = context;
    this.#lanes = lanes;
    this.#resting = [...lanes];
    this.#timer = setInterval(() => {
      for (const lane of lanes) void lane.look();
    }, LOOK_MS).unref();
  }

  /** Faults `call.late`, `store.busy`, `store.unavailable`, `disk.full`. */
  ask(request: Request): Promise<unknown> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const full = this.#waiting.length >= WAITING_REQUESTS_MAX || this.#waitingBytes + request.bytes > WAITING_BYTES_MAX;
    if (full && this.#waiting.length > 0) return Promise.reject(new Fault('store.busy'));
    const wait = this.#waits.add(request.call);
    this.#waiting.push({ request, wait });
    this.#waitingBytes += request.bytes;
    this.#schedule();
    return wait.promise;
  }

  /** Everything that was asked gets its answer first, within `graceMs`; then the connections end. */
  async close(graceMs: number): Promise<void> {
    if (this.#ended === null) {
      const grace = within(graceMs);
      while ((this.#serving.size > 0 || this.#waiting.length > 0) && performance.now() < grace.deadlineAt)
        await Promise.race([...this.#serving, sleep(LOOK_MS)]);
    }
    this.#end();
    await Promise.all(this.#lanes.map((lane) => lane.close()));
    await Promise.allSettled(this.#serving);
  }

  /** Ends where it stands, as a crash would. */
  async kill(): Promise<void> {
    this.#end();
    for (const lane of this.#lanes) lane.cut();
    await Promise.allSettled(this.#serving);
  }

  #end(): void {
    if (this.#ended !== null) return;
    this.#ended = new Fault('store.unavailable', 'It is closed.');
    clearInterval(this.#timer);
    this.#waiting = [];
    this.#waits.rejectAll(this.#ended);
  }

  // All that comes in one turn of the loop goes together.
  #schedule(): void {
    if (this.#scheduled || this.#resting.length === 0) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      const lane = this.#waiting.length === 0 ? undefined : this.#resting.pop();
      if (lane === undefined) return;
      const serving = this.#serve(lane).finally(() => {
        this.#serving.delete(serving);
        this.#resting.push(lane);
        if (this.#waiting.length > 0) this.#schedule();
      });
      this.#serving.add(serving);
    });
  }

  async #serve(lane: Lane): Promise<void> {
    for (let group = this.#nextGroup(); group.length > 0; group = this.#nextGroup()) {
      // Others may take what is left, while this one is on its way.
      if (this.#waiting.length > 0) this.#schedule();
      try {
        await this.#open(lane);
        await this.#together(lane, group);
      } catch (error) {
        for (const each of group) this.#reject(each, error);
        if (error instanceof Fault && error.code === 'store.unavailable') this.#rejectWaiting(error);
      }
    }
  }

  async #open(lane: Lane): Promise<void> {
    if (await lane.open()) await this.#context.lookBack(lane);
  }

  // Calls that are late before they were sent never come to be. One that shares with nobody makes a group of its own.
  #nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    let bytes = 0;
    let taken = 0;
    for (const each of this.#waiting) {
      const apart = each.request.join === null;
      if (group.length >= GROUP_REQUESTS_MAX || (bytes > 0 && bytes + each.request.bytes > GROUP_BYTES_MAX)) break;
      if (apart && group.length > 0) break;
      taken += 1;
      this.#waitingBytes -= each.request.bytes;
      if (each.wait.over) continue;
      bytes += each.request.bytes;
      group.push(each);
      if (apart) break;
    }
    this.#waiting = taken === this.#waiting.length ? [] : this.#waiting.slice(taken);
    return group;
  }

  async #together(lane: Lane, group: readonly Waiting[]): Promise<void> {
    for (let tried = 1; ; tried++) {
      // What was undone and has lost its caller meanwhile never comes to be.
      const asked = group.filter(({ wait }) => !wait.over);
      if (asked.length === 0) return;
      await this.#prepare(asked);
      const changes = this.#context.changes();
      let joined: readonly Waiting[] = [];
      try {
        joined = asked.filter((each) => join(each.request, changes));
        if (joined.length > 0) await this.#context.commit(lane, changes);
      } catch (error) {
        if (await this.#isMended(error, tried)) continue;
        return this.#apart(lane, asked, error);
      }
      for (const each of joined) this.#answer(each, each.request.answer());
      const rest = asked.filter((each) => !joined.includes(each));
      for (const each of rest) await this.#alone(lane, each, false);
      return;
    }
  }

  async #apart(lane: Lane, group: readonly Waiting[], error: unknown): Promise<void> {
    const trouble = troubleOf(error);
    if (trouble === 'away') lane.cut();
    if (trouble !== 'lost' && trouble !== 'apart' && trouble !== 'mistake') throw error;
    for (const each of group) await this.#alone(lane, each, trouble === 'lost');
  }

  // In doubt it is followed up to its deadline: what the server says then is true, whether it was committed or not.
  async #alone(lane: Lane, each: Waiting, doubtful: boolean): Promise<void> {
    let inDoubt = doubtful;
    let isUnheard = doubtful;
    for (let tried = 1; !each.wait.over && this.#ended === null; tried++) {
      try {
        await this.#open(lane);
        await this.#prepare([each]);
        this.#answer(each, await each.request.alone(lane, inDoubt));
        return;
      } catch (error) {
        const trouble = troubleOf(error);
        inDoubt ||= trouble === 'lost';
        isUnheard ||= mayBeDone(error);
        if (trouble === 'away' || trouble === 'lost') {
          lane.cut();
          if (!inDoubt) {
            this.#reject(each, error);
            break;
          }
          if (error instanceof Fault) this.#rejectWaiting(error);
          await lane.rest();
        } else if (!(await this.#isMended(error, tried))) this.#reject(each, inDoubt ? unsure(error) : error);
      }
    }
    if (isUnheard) each.request.unheard();
  }

  // Whether it helps to try again.
  async #isMended(error: unknown, tried: number): Promise<boolean> {
    const trouble = troubleOf(error);
    if (tried >= TRIES_MAX || (trouble !== 'again' && trouble !== 'day')) return false;
    if (trouble === 'day') await this.#context.mendDays(error, within(PREPARE_MS));
    else await sleep(Math.random() * TRY_PAUSE_MS * tried);
    return true;
  }

  async #prepare(group: readonly Waiting[]): Promise<void> {
    const actors = group.flatMap(({ request }) => request.actors);
    const ids = group.flatMap(({ request }) => request.ids);
    await this.#context.prepare(actors, ids, within(PREPARE_MS));
  }

  #answer({ request, wait }: Waiting, answer: unknown): void {
    this.#waits.remove(wait);
    if (wait.over) request.late(answer);
    else wait.resolve(answer);
  }

  #reject({ wait }: Waiting, error: unknown): void {
    this.#waits.remove(wait);
    wait.reject(toldOf(error));
  }

  // The store is away: who waits is told at once, and asks again soon.
  #rejectWaiting(fault: Fault): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const each of waiting) this.#reject(each, fault);
  }
}

// That there is no room now says nothing of a former try; whoever hears `disk.full` takes it that nothing was begun.
function unsure(error: unknown): unknown {
  const told = toldOf(error);
  return isFault(told, 'disk.full') ? new Fault('store.unavailable', told.message, error) : told;
}

function join(request: Request, changes: Changes): boolean {
  return request.join?.(changes) ?? false;
}
