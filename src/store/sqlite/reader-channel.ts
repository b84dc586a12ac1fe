/** The way to a reader thread: one question after the other, every one with its deadline, a bounded number of them. */
import { Worker } from 'node:worker_threads';
import type { Call } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { ReaderCall, ReaderCalls, ReaderSetup } from './reader.ts';
import type { FromReader, ReaderRequest } from './reader-thread.ts';
import { threadUrl } from './thread-url.ts';
import type { Wait } from './waits.ts';
import { faultOf, Waits } from './waits.ts';
import { firstMessage } from './writer-channel.ts';

const WAITING_MAX = 5000;

export class ReaderChannel {
  readonly #worker: Worker;
  readonly #waits = new Waits();
  readonly #asked = new Map<number, Wait>();
  #lastId = 0;
  #ended: Fault | null = null;

  private constructor(worker: Worker) {
    this.#worker = worker;
    worker.on('message', (message: FromReader) => this.#hear(message));
    worker.on('error', (error: Error) => this.#end(new Fault('store.unavailable', error.message, error)));
    worker.on('exit', () => this.#end(new Fault('store.unavailable')));
  }

  /** Starts the thread; rejects with the fault that it refused to start with. */
  static async open(setup: ReaderSetup, name: string): Promise<ReaderChannel> {
    const worker = new Worker(threadUrl('reader-thread'), { workerData: setup, name });
    const first = await firstMessage<FromReader>(worker);
    if (first.kind === 'ready') return new ReaderChannel(worker);
    await worker.terminate();
    throw first.kind === 'refused' ? faultOf(first.fault, first.detail) : new Fault('store.unavailable');
  }

  call<Name extends ReaderCall>(
    name: Name,
    input: ReaderCalls[Name]['input'],
    call: Call,
  ): Promise<ReaderCalls[Name]['output']> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (this.#asked.size >= WAITING_MAX) return Promise.reject(new Fault('store.busy'));
    const wait = this.#waits.add(call);
    if (!wait.over) {
      const id = ++this.#lastId;
      this.#asked.set(id, wait);
      const request: ReaderRequest = { id, name, input, timeoutMs: call.deadlineAt - performance.now() };
      this.#worker.postMessage(request);
    }
    return wait.promise as Promise<ReaderCalls[Name]['output']>;
  }

  /** Questions still open are not answered any more. */
  async close(graceMs: number): Promise<void> {
    if (this.#ended !== null) return;
    const exited = new Promise<void>((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.postMessage('close');
    const timer = setTimeout(() => void this.#worker.terminate(), graceMs);
    await exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    await this.#worker.terminate();
  }

  #hear(message: FromReader): void {
    if (message.kind !== 'output' && message.kind !== 'fault') return;
    const wait = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (wait === undefined) return;
    this.#waits.remove(wait);
    if (message.kind === 'output') wait.resolve(message.output);
    else wait.reject(faultOf(message.fault, message.detail));
  }

  #end(fault: Fault): void {
    this.#ended ??= fault;
    this.#asked.clear();
    this.#waits.rejectAll(this.#ended);
  }
}
