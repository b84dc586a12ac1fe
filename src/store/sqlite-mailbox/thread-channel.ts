/**
 * The way to one store thread. What arrives while the thread works goes together in the next group, so that calls to one account share a
 * flush. What waits is bounded (B3), every call has its deadline, and a thread that hangs, ends or reports a failure leaves nobody waiting.
 */
import { Worker } from 'node:worker_threads';
import type { AccountKey, Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { Clock } from '#/ports/index.ts';
import { faultOf, type Wait, Waits } from '../sqlite/waits.ts';
import { firstMessage } from '../sqlite/writer-channel.ts';
import {
  GROUP_BYTES_MAX,
  GROUP_REQUESTS_MAX,
  GROUPS_AHEAD,
  WAITING_BYTES_MAX,
  WAITING_REQUESTS_MAX,
} from './limits.ts';
import type { FromThread, Input, Output, ThreadCall, ThreadGroup, ThreadRequest, ThreadSetup } from './protocol.ts';

interface Waiting {
  readonly wait: Wait;
  readonly account: AccountKey | null;
  readonly name: ThreadCall;
  readonly input: unknown;
  readonly content: readonly Uint8Array[];
  readonly bytes: number;
}

export interface ThreadChannelParts {
  readonly clock: Clock;
  readonly onChanged: (account: AccountKey) => void;
  readonly onFailed: (fault: Fault) => void;
  /** A call was turned away. */
  readonly onBusy: () => void;
}

export class ThreadChannel {
  readonly #worker: Worker;
  readonly #parts: ThreadChannelParts;
  readonly #waits = new Waits();
  readonly #asked = new Map<number, Waiting>();
  #waiting: Waiting[] = [];
  #waitingBytes = 0;
  #groupsUnderway = 0;
  #lastId = 0;
  #isScheduled = false;
  #isClosing = false;
  #ended: Fault | null = null;

  private constructor(worker: Worker, parts: ThreadChannelParts) {
    this.#worker = worker;
    this.#parts = parts;
    worker.on('message', (message: FromThread) => this.#hear(message));
    worker.on('error', (error: Error) => this.#fail(new Fault('store.failed', error.message, error)));
    worker.on('exit', () => {
      if (this.#isClosing) this.#end(new Fault('store.unavailable'));
      else this.#fail(new Fault('store.failed', 'A thread of the mailboxes has ended.'));
    });
  }

  /** Starts the thread; rejects with the fault that it refused to start with. */
  static async open(setup: ThreadSetup, name: string, parts: ThreadChannelParts): Promise<ThreadChannel> {
    const worker = new Worker(threadUrl(), { workerData: setup, name });
    const first = await firstMessage<FromThread>(worker);
    if (first.kind === 'ready') return new ThreadChannel(worker, parts);
    await worker.terminate();
    throw first.kind === 'refused' ? faultOf(first.fault, first.detail) : new Fault('store.failed');
  }

  call<Name extends ThreadCall>(
    account: AccountKey | null,
    name: Name,
    input: Input<Name>,
    call: Call,
    content: readonly Uint8Array[] = [],
  ): Promise<Output<Name>> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (this.#isClosing) return Promise.reject(new Fault('store.unavailable'));
    const bytes = content.reduce((sum, { length }) => sum + length, 0);
    const isFull = this.#waiting.length >= WAITING_REQUESTS_MAX || this.#waitingBytes + bytes > WAITING_BYTES_MAX;
    if (isFull && this.#waiting.length > 0) {
      this.#parts.onBusy();
      return Promise.reject(new Fault('store.busy'));
    }
    const wait = this.#waits.add(call);
    this.#waiting.push({ wait, account, name, input, content, bytes });
    this.#waitingBytes += bytes;
    this.#schedule();
    return wait.promise as Promise<Output<Name>>;
  }

  /** Everything that was asked gets its answer first, within `graceMs`. */
  async close(graceMs: number): Promise<void> {
    if (this.#ended !== null) return;
    this.#isClosing = true;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    while (this.#waiting.length > 0) this.#send();
    this.#worker.postMessage('close');
    const timer = setTimeout(() => void this.#worker.terminate(), graceMs);
    await exited;
    clearTimeout(timer);
  }

  /** Another thread of the store has failed: nothing is asked of this one any more, and it is ended. */
  giveUp(fault: Fault): void {
    this.#isClosing = true;
    this.#end(fault);
    void this.#worker.terminate();
  }

  /** Ends the thread where it stands, as a crash would. */
  async kill(): Promise<void> {
    this.#isClosing = true;
    await this.#worker.terminate();
  }

  #schedule(): void {
    if (this.#isScheduled || !this.#hasRoom()) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      if (this.#hasRoom() && this.#waiting.length > 0) this.#send();
    });
  }

  // While a group is in work the next one waits until it has its share of all that is asked: few large groups cost less than many small ones.
  #hasRoom(): boolean {
    if (this.#groupsUnderway === 0) return true;
    if (this.#groupsUnderway >= GROUPS_AHEAD) return false;
    return this.#waiting.length >= this.#asked.size;
  }

  #send(): void {
    const group = this.#nextGroup();
    if (this.#ended !== null || group.length === 0) return;
    const content = Buffer.allocUnsafeSlow(group.reduce((sum, { bytes }) => sum + bytes, 0));
    let at = 0;
    const requests = group.map((waiting): ThreadRequest => {
      const { wait, account, name, input } = waiting;
      const id = ++this.#lastId;
      this.#asked.set(id, waiting);
      const base = at;
      for (const chunk of waiting.content) {
        content.set(chunk, at);
        at += chunk.length;
      }
      return { id, account, name, input, base, deadlineAt: wait.call.deadlineAt + performance.timeOrigin };
    });
    const message: ThreadGroup = { now: this.#parts.clock.now(), requests, content: content.buffer };
    this.#groupsUnderway += 1;
    this.#worker.postMessage(message, [content.buffer]);
  }

  // Calls that are late before they were sent never come to be.
  #nextGroup(): Waiting[] {
    const group: Waiting[] = [];
    let bytes = 0;
    let taken = 0;
    for (const each of this.#waiting) {
      if (group.length >= GROUP_REQUESTS_MAX || (bytes > 0 && bytes + each.bytes > GROUP_BYTES_MAX)) break;
      taken += 1;
      this.#waitingBytes -= each.bytes;
      if (each.wait.over) continue;
      bytes += each.bytes;
      group.push(each);
    }
    this.#waiting.splice(0, taken);
    return group;
  }

  #hear(message: FromThread): void {
    if (message.kind === 'failed') this.#fail(new Fault('store.failed', message.detail));
    if (message.kind !== 'answers') return;
    if (message.isLast) this.#groupsUnderway -= 1;
    for (const answer of message.answers) {
      const asked = this.#asked.get(answer.id);
      if (asked === undefined) continue;
      this.#asked.delete(answer.id);
      this.#waits.remove(asked.wait);
      if (answer.ok) asked.wait.resolve(answer.output);
      else
        asked.wait.reject(
          answer.fault === null ? new Error(`mailboxes: ${answer.detail}`) : faultOf(answer.fault, answer.detail),
        );
      if (answer.ok && answer.changed && asked.account !== null) this.#parts.onChanged(asked.account);
    }
    if (this.#waiting.length > 0) this.#schedule();
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
    this.#asked.clear();
    this.#waits.rejectAll(fault);
  }
}

// Beside this file, and built like it.
function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./mailbox-thread.${extension}`, import.meta.url);
}
