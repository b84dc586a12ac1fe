/**
 * Calls to a store thread that answers one after the other: each with its deadline, a bounded number waiting, all rejected when the
 * thread ends. Values are copied on the way.
 */
import type { Worker } from 'node:worker_threads';
import type { Call, FaultCode } from '#/model/index.ts';
import { FAULTS, Fault } from '#/model/index.ts';

/** What the proxy sends. */
export interface ThreadRequest {
  readonly id: number;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** What the thread answers. */
export type ThreadResponse =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly fault: ThreadFault };

/** A fault on its way between threads. */
export interface ThreadFault {
  readonly code: FaultCode;
  readonly detail: string;
}

type Waiting = { readonly resolve: (value: unknown) => void; readonly reject: (error: Error) => void };

const WAITING_MAX = 1_000;

export class ThreadCalls implements AsyncDisposable {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  #ended: Fault | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    // It never keeps the process alive by itself; a call's timer does.
    worker.unref();
    worker.on('message', (response: ThreadResponse) => this.#settle(response));
    worker.on('error', (cause) => this.#end(faultOf(cause)));
    worker.on('exit', () => this.#end(new Fault('store.unavailable', 'Its thread has ended.')));
  }

  /** Asks the thread; faults `call.late`, `store.busy`, and whatever the thread throws. */
  async ask(method: string, args: readonly unknown[], call: Call): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const left = call.deadlineAt - performance.now();
    if (this.#ended !== null) throw this.#ended;
    if (left <= 0 || call.signal?.aborted) throw new Fault('call.late');
    if (this.#waiting.size >= WAITING_MAX) throw new Fault('store.busy');
    const id = ++this.#lastId;
    const late = (): void => reject(new Fault('call.late'));
    const timer = setTimeout(late, Math.min(left, 2 ** 31 - 1));
    call.signal?.addEventListener('abort', late);
    this.#waiting.set(id, { resolve, reject });
    this.#worker.postMessage({ id, method, args } satisfies ThreadRequest);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      call.signal?.removeEventListener('abort', late);
      this.#waiting.delete(id);
    }
  }

  /** Ends the thread at once: have it close its files before. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#end(new Fault('store.unavailable', 'It is closed.'));
    await this.#worker.terminate();
  }

  #settle(response: ThreadResponse): void {
    const waiting = this.#waiting.get(response.id);
    if ('fault' in response) waiting?.reject(new Fault(response.fault.code, response.fault.detail || undefined));
    else waiting?.resolve(response.value);
  }

  #end(fault: Fault): void {
    this.#ended ??= fault;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
  }
}

/** An error of a thread in the form that travels. Any that is no fault is a failure of the store. */
export function describeFault(error: unknown): ThreadFault {
  if (!(error instanceof Fault)) return { code: 'store.failed', detail: (error as Error).message };
  return { code: error.code, detail: error.message.slice(FAULTS[error.code].meaning.length).trim() };
}

function faultOf(cause: unknown): Fault {
  return new Fault('store.failed', 'Its thread failed.', cause);
}
