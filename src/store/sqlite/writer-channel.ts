/**
 * The way to the writer thread. Whatever arrives while a group is on its way goes into the next one: under load groups grow and share a
 * flush, without load a call goes at once. What waits is bounded (B3), every call has its deadline, and a thread that hangs, ends or
 * reports a failure leaves nobody waiting.
 */
import { Worker } from 'node:worker_threads';
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import type {
  Condemned,
  FromWriter,
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

/** Groups on their way: while one is being flushed, the next lies ready in the thread. */
const GROUPS_AHEAD = 2;
const GROUP_REQUESTS_MAX = 256;
const GROUP_BYTES_MAX = 8 * 1024 * 1024;
const WAITING_REQUESTS_MAX = 20_000;
const WAITING_BYTES_MAX = 128 * 1024 * 1024;

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
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #scheduled = false;
  #restartWal = false;
  #closing = false;
  #ended: Fault | null = null;
  /** Live recipients. */
  live = 0;
  /** Groups committed, and statements by call, since the start. */
  readonly costs: { commits: number; readonly statements: Map<string, number> } = { commits: 0, statements: new Map() };

  private constructor(worker: Worker, live: number, parts: WriterChannelParts) {
    this.#worker = worker;
    this.#parts = parts;
    this.live = live;
    worker.on('message', (message: FromWriter) => this.#hear(message));
    worker.on('error', (error: Error) => this.#fail(new Fault('store.failed', error.message, error)));
    worker.on('exit', () => {
      if (this.#closing) this.#end(new Fault('store.unavailable'));
      else this.#fail(new Fault('store.failed', 'The writer has ended.'));
    });
  }

  /** Starts the thread; rejects with the fault that it refused to start with. */
  static async open(setup: WriterSetup, parts: WriterChannelParts): Promise<WriterChannel> {
    const worker = new Worker(threadUrl('writer-thread'), { workerData: setup, name: 'custody writer' });
    const first = await firstMessage<FromWriter>(worker);
    if (first.kind === 'ready') return new WriterChannel(worker, first.live, parts);
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
    const full = this.#waiting.length >= WAITING_REQUESTS_MAX || this.#waitingBytes + packed.size > WAITING_BYTES_MAX;
    if (full && this.#waiting.length > 0) return Promise.reject(new Fault('store.busy'));
    const wait = this.#waits.add(call);
    this.#waiting.push({ wait, name, input, packed, late });
    this.#waitingBytes += packed.size;
    this.#schedule();
    return wait.promise as Promise<Answer<Name>>;
  }

  /** Lets the WAL start over behind the next group. */
  restartWal(): void {
    this.#restartWal = true;
    this.#schedule();
  }

  /** Everything that was asked gets its answer first, within `graceMs`. */
  async close(graceMs: number): Promise<void> {
    if (this.#ended !== null) return;
    this.#closing = true;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    while (this.#waiting.length > 0) this.#flush();
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
    if (this.#scheduled || this.#underway.length >= GROUPS_AHEAD) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (this.#underway.length < GROUPS_AHEAD) this.#flush();
    });
  }

  #flush(): void {
    const group = this.#nextGroup();
    if (this.#ended !== null || (group.length === 0 && !this.#restartWal)) return;
    const bytes = new Uint8Array(group.reduce((sum, { packed }) => sum + packed.size, 0));
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
    this.#restartWal = false;
    this.#underway.push(group);
    const message: WriterGroup = {
      now: this.#parts.clock.now(),
      requests: JSON.stringify(requests),
      bytes: bytes.buffer,
      restartWal,
    };
    this.#worker.postMessage(message, [bytes.buffer]);
  }

  // Calls that are late before they were sent never come to be.
  #nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    let bytes = 0;
    let taken = 0;
    for (const each of this.#waiting) {
      if (group.length >= GROUP_REQUESTS_MAX || (bytes > 0 && bytes + each.packed.size > GROUP_BYTES_MAX)) break;
      taken += 1;
      this.#waitingBytes -= each.packed.size;
      if (each.wait.over) continue;
      bytes += each.packed.size;
      group.push(each);
    }
    this.#waiting = taken === this.#waiting.length ? [] : this.#waiting.slice(taken);
    return group;
  }

  #hear(message: FromWriter): void {
    if (message.kind === 'failed') this.#fail(new Fault('store.failed', message.detail));
    else if (message.kind === 'answers') this.#answer(message);
  }

  #answer(message: Extract<FromWriter, { kind: 'answers' }>): void {
    const group = this.#underway.shift() ?? [];
    const answers = JSON.parse(message.answers) as WriterAnswer[];
    const bytes = new Uint8Array(message.bytes ?? new ArrayBuffer());
    this.live += message.live;
    this.#count(message.cost);
    if (this.#waiting.length > 0) this.#schedule();
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
    this.#waiting = [];
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
