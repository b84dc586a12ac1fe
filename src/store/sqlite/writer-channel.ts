/**
 * The way to the writer thread. Whatever arrives while a group is on its way goes into the next one: under load groups grow and share a
 * flush, without load a call goes at once. What waits is bounded (B3), every call has its deadline, and a thread that hangs, ends or
 * reports a failure leaves nobody waiting.
 */
import { Worker } from 'node:worker_threads';
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import type { Place } from './log/index.ts';
import type {
  Condemned,
  FromWriter,
  Recovery,
  WriterAnswer,
  WriterCall,
  WriterCalls,
  WriterCost,
  WriterGroup,
  WriterSetup,
} from './protocol.ts';
import { threadUrl } from './thread-url.ts';
import type { Wait } from './waits.ts';
import { faultOf, Waits } from './waits.ts';
import type { Packed } from './wire.ts';
import { NOTHING_PACKED } from './wire.ts';

/** Groups on their way: the next leaves when the writer is done with all before it, while up to so many are being flushed. */
const GROUPS_AHEAD = 4;
const GROUP_REQUESTS_MAX = 256;
/** Patient work of a group, or twice as much as it has urgent requests: a drain must not stand in the way of new mail (M3). */
const GROUP_PATIENT_MAX = 24;
/** Of that, what one request counts where it is many rows. */
const WORK: { readonly [Name in WriterCall]?: number } = {
  claim: 16,
  act: 24,
  retire: 24,
  sweep: 24,
  forget: 24,
  fillIndex: 8,
};
const GROUP_BYTES_MAX = 8 * 1024 * 1024;
const WAITING_REQUESTS_MAX = 20_000;
const WAITING_BYTES_MAX = 128 * 1024 * 1024;

/** A peer waits for its 250, watchers for a heartbeat, a person for what is published; all else is work that goes on behind. */
const URGENT: ReadonlySet<WriterCall> = new Set(['accept', 'beat', 'enlist', 'publish']);

interface Waiting {
  readonly wait: Wait;
  readonly name: WriterCall;
  readonly input: unknown;
  readonly packed: Packed;
  readonly late: ((output: unknown, bytes: Uint8Array, base: number) => void) | null;
}

export interface WriterChannelParts {
  readonly clock: Clock;
  readonly onCondemned: (condemned: readonly Condemned[]) => void;
  readonly onFailed: (fault: Fault) => void;
}

/** An output of the writer with the content that came with it. */
export interface Answer<Name extends WriterCall> {
  readonly output: WriterCalls[Name]['output'];
  readonly bytes: Uint8Array;
  readonly base: number;
}

export class WriterChannel {
  readonly #worker: Worker;
  readonly #parts: WriterChannelParts;
  readonly #waits = new Waits();
  readonly #underway: (readonly Waiting[])[] = [];
  #requestsUnderway = 0;
  #urgent: Waiting[] = [];
  #patient: Waiting[] = [];
  #waitingBytes = 0;
  /** Groups sent, and by the thread's own count carried out. */
  #sent = 0;
  readonly #carriedOut: Int32Array;
  #scheduled = false;
  #restartWal = false;
  #durable: Place | null = null;
  #closing = false;
  #ended: Fault | null = null;
  /** Some of what was answered can't be read from the tables yet: `publish` makes it so. */
  ahead = false;
  /** Live recipients. */
  live = 0;
  /** What the start found in the log. */
  readonly recovery: Recovery;
  /** Groups committed, and statements by call, since the start. */
  readonly costs: { commits: number; readonly statements: Map<string, number> } = { commits: 0, statements: new Map() };

  private constructor(
    worker: Worker,
    carriedOut: Int32Array,
    { live, recovery }: Extract<FromWriter, { kind: 'ready' }>,
    parts: WriterChannelParts,
  ) {
    this.#worker = worker;
    this.#carriedOut = carriedOut;
    this.#parts = parts;
    this.live = live;
    this.recovery = recovery;
    worker.on('message', (message: FromWriter) => this.#hear(message));
    worker.on('error', (error: Error) => this.#fail(new Fault('store.failed', error.message, error)));
    worker.on('exit', () => {
      if (this.#closing) this.#end(new Fault('store.unavailable'));
      else this.#fail(new Fault('store.failed', 'The writer has ended.'));
    });
  }

  /** Starts the thread; rejects with the fault that it refused to start with. */
  static async open(setup: WriterSetup, parts: WriterChannelParts): Promise<WriterChannel> {
    const carriedOut = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(threadUrl('writer-thread'), {
      workerData: { ...setup, carriedOut },
      name: 'custody writer',
    });
    const first = await firstMessage<FromWriter>(worker);
    if (first.kind === 'ready') return new WriterChannel(worker, carriedOut, first, parts);
    await worker.terminate();
    throw first.kind === 'refused' ? faultOf(first.fault, first.detail) : new Fault('store.failed');
  }

  /** Asks the writer. `late` gets an answer that came after the caller had gone. */
  call<Name extends WriterCall>(
    name: Name,
    input: WriterCalls[Name]['input'],
    call: Call,
    packed: Packed = NOTHING_PACKED,
    late: Waiting['late'] = null,
  ): Promise<Answer<Name>> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    const waiting = this.#urgent.length + this.#patient.length;
    const full = waiting >= WAITING_REQUESTS_MAX || this.#waitingBytes + packed.size > WAITING_BYTES_MAX;
    if (full && waiting > 0) return Promise.reject(new Fault('store.busy'));
    const wait = this.#waits.add(call);
    const queue = URGENT.has(name) ? this.#urgent : this.#patient;
    queue.push({ wait, name, input, packed, late });
    this.#waitingBytes += packed.size;
    this.#schedule();
    return wait.promise as Promise<Answer<Name>>;
  }

  /** Lets the WAL start over behind the next group. */
  restartWal(): void {
    this.#restartWal = true;
    this.#schedule();
  }

  /** Lets go what the log holds up to `durable` for nobody. */
  tidy(durable: Place): void {
    this.#durable = durable;
    this.#schedule();
  }

  /** Everything that was asked gets its answer first, within `graceMs`. */
  async close(graceMs: number): Promise<void> {
    if (this.#ended !== null) return;
    this.#closing = true;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    while (this.#urgent.length + this.#patient.length > 0) this.#flush();
    this.#worker.postMessage('close');
    const timer = setTimeout(() => void this.#worker.terminate(), graceMs);
    await exited;
    clearTimeout(timer);
  }

  /** Ends the thread where it stands, as a crash would. */
  async kill(): Promise<void> {
    this.#closing = true;
    await this.#worker.terminate();
  }

  #schedule(): void {
    if (this.#scheduled || !this.#hasRoom()) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#hasRoom()) this.#flush();
    });
  }

  // What comes while the writer works goes together in the next group: fewer and larger ones cost less, and wait no longer. While
  // flushes are under way a group waits until it has its share of all that is asked: as many flushes overlap, and none is for one mail
  // where the one before was for ten.
  #hasRoom(): boolean {
    if (this.#underway.length === 0) return true;
    const isIdle = Atomics.load(this.#carriedOut, 0) === this.#sent;
    if (!isIdle || this.#underway.length >= GROUPS_AHEAD) return false;
    const waiting = this.#urgent.length + this.#patient.length;
    return waiting * GROUPS_AHEAD >= waiting + this.#requestsUnderway;
  }

  #hasWork(): boolean {
    return this.#urgent.length + this.#patient.length > 0 || this.#restartWal || this.#durable !== null;
  }

  #flush(): void {
    const group = this.#nextGroup();
    if (this.#ended !== null || (group.length === 0 && !this.#hasWork())) return;
    // Filled to the last octet below; clearing it first would cost as much again.
    const bytes = Buffer.allocUnsafeSlow(group.reduce((sum, { packed }) => sum + packed.size, 0));
    let at = 0;
    const requests = group.map(({ name, input, packed }) => {
      const base = at;
      for (const chunk of packed.chunks) {
        bytes.set(chunk, at);
        at += chunk.length;
      }
      return { name, input, base };
    });
    const restartWal = this.#restartWal;
    const durable = this.#durable;
    this.#restartWal = false;
    this.#durable = null;
    this.#underway.push(group);
    this.#requestsUnderway += group.length;
    const message: WriterGroup = {
      now: this.#parts.clock.now(),
      requests: JSON.stringify(requests),
      bytes: bytes.buffer,
      restartWal,
      durable,
    };
    this.#sent = (this.#sent + 1) | 0;
    this.#worker.postMessage(message, [bytes.buffer]);
  }

  #nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    let bytes = this.#take(this.#urgent, GROUP_REQUESTS_MAX, 0, group);
    const patient = Math.min(Math.max(GROUP_PATIENT_MAX, 2 * group.length), GROUP_REQUESTS_MAX);
    bytes = this.#take(this.#patient, patient, bytes, group);
    this.#waitingBytes -= bytes;
    return group;
  }

  // Calls that are late before they were sent never come to be.
  #take(waiting: Waiting[], max: number, bytesBefore: number, group: Waiting[]): number {
    let bytes = bytesBefore;
    let taken = 0;
    let work = 0;
    for (const each of waiting) {
      if (work >= max || (bytes > 0 && bytes + each.packed.size > GROUP_BYTES_MAX)) break;
      taken += 1;
      work += WORK[each.name] ?? 1;
      bytes += each.packed.size;
      if (!each.wait.over) group.push(each);
    }
    waiting.splice(0, taken);
    return bytes;
  }

  #hear(message: FromWriter): void {
    if (message.kind === 'failed') this.#fail(new Fault('store.failed', message.detail));
    else if (message.kind === 'answers') this.#answer(message);
  }

  #answer(message: Extract<FromWriter, { kind: 'answers' }>): void {
    const group = this.#underway.shift() ?? [];
    this.#requestsUnderway -= group.length;
    const answers = JSON.parse(message.answers) as WriterAnswer[];
    const bytes = new Uint8Array(message.bytes ?? new ArrayBuffer());
    this.live += message.live;
    this.ahead = message.ahead;
    this.#count(message.cost);
    if (this.#hasWork()) this.#schedule();
    for (const [i, { wait, late }] of group.entries()) {
      const answer = answers[i];
      if (answer === undefined) continue;
      this.#waits.remove(wait);
      if (!answer.ok) wait.reject(faultOf(answer.fault, answer.detail));
      else {
        const { output, base, condemned } = answer;
        if (condemned.length > 0) this.#parts.onCondemned(condemned);
        if (wait.over) late?.(output, bytes, base);
        else wait.resolve({ output, bytes, base });
      }
    }
  }

  #count(cost: WriterCost): void {
    const { costs } = this;
    costs.commits += 1;
    for (const [name, statements] of Object.entries(cost))
      costs.statements.set(name, (costs.statements.get(name) ?? 0) + statements);
  }

  #fail(fault: Fault): void {
    if (this.#ended !== null) return;
    this.#end(fault);
    this.#parts.onFailed(fault);
  }

  #end(fault: Fault): void {
    if (this.#ended !== null) return;
    this.#ended = fault;
    this.#urgent = [];
    this.#patient = [];
    this.#underway.length = 0;
    this.#waits.rejectAll(fault);
  }
}

/** The first thing that a thread says; rejects when it ends before. */
export function firstMessage<Message>(worker: Worker): Promise<Message> {
  return new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', () => reject(new Fault('store.unavailable', 'A thread of the store ended at its start.')));
  });
}
