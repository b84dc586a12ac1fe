/**
 * A thread for work that we did not write and can't interrupt: readers of PDF and of rare archives. One question at a time; the others wait.
 *
 * States: none ─first question─▶ running ─answered─▶ idle ─question─▶ running. A thread that takes too long or too much memory, or dies, is ended and
 * the next question gets a new one.
 *
 * What must never happen: a question without an end; a thread that outlives its time; the process falling with it.
 */
import { Worker } from 'node:worker_threads';
import { type Call, Fault } from '#/model/index.ts';

/** What becomes of a question. */
export type Ended = 'done' | 'too-slow' | 'too-large' | 'died';

export interface Question<Said> {
  /** Made when its turn has come, so that copies of octets don't wait in memory. */
  readonly message: () => unknown;
  readonly waitMs: number;
  readonly memoryMb: number;
  /** Called with all that the thread says before it is done. */
  readonly hear: (said: Said) => void;
  /** Told how long the questions before it took, when its turn has come. */
  readonly waited: (ms: number) => void;
}

/** How often memory is looked at. What hostile files make grow grows by some hundred MiB a second. */
const watchMs = 50;
const mebibyte = 1_048_576;

export class SideThread<Said> {
  readonly #url: URL;
  readonly #name: string;
  #worker: Worker | null = null;
  /** Resolves when all earlier questions have ended. */
  #last: Promise<void> = Promise.resolve();

  constructor(url: URL, name: string) {
    this.#url = url;
    this.#name = name;
  }

  /** Throws the reason of the signal, and a fault (`call.late`) where others kept its turn from it until the deadline: it may be asked again. */
  async ask(question: Question<Said>, call: Call): Promise<Ended> {
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = before.then(() => promise);
    if (performance.now() >= call.deadlineAt) {
      resolve();
      return 'too-slow';
    }
    try {
      const askedAt = performance.now();
      await turnOf(before, call);
      question.waited(performance.now() - askedAt);
      call.signal?.throwIfAborted();
      const waitMs = Math.min(question.waitMs, call.deadlineAt - performance.now());
      return waitMs <= 0 ? 'too-slow' : await this.#put(question, waitMs, call.signal);
    } finally {
      resolve();
    }
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#end();
  }

  async #put(question: Question<Said>, waitMs: number, signal: AbortSignal | undefined): Promise<Ended> {
    this.#worker ??= this.#start(question.memoryMb);
    const worker = this.#worker;
    worker.ref();
    const { promise, resolve } = Promise.withResolvers<Ended>();
    const hear = (said: Said | 'done'): void => (said === 'done' ? resolve('done') : question.hear(said));
    const fail = (error: Error): void =>
      resolve('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'too-large' : 'died');
    const exit = (): void => resolve('died');
    const abort = (): void => resolve('too-slow');
    worker.on('message', hear).on('error', fail).on('exit', exit);
    signal?.addEventListener('abort', abort);
    const timer = setTimeout(abort, waitMs);
    const watch = setInterval(
      () =>
        void takes(worker).then((bytes) => {
          if (bytes > question.memoryMb * mebibyte) resolve('too-large');
        }),
      watchMs,
    );
    try {
      worker.postMessage(await question.message());
      const ended = await promise;
      if (ended !== 'done') await this.#end();
      signal?.throwIfAborted();
      return ended;
    } finally {
      clearTimeout(timer);
      clearInterval(watch);
      signal?.removeEventListener('abort', abort);
      worker.off('message', hear).off('error', fail).off('exit', exit);
      worker.unref();
    }
  }

  #start(memoryMb: number): Worker {
    const worker = new Worker(this.#url, {
      name: this.#name,
      // What the libraries print is for nobody; and nothing of the environment is theirs.
      stdout: true,
      stderr: true,
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    });
    worker.stdout.resume();
    worker.stderr.resume();
    // A fault between questions ends the thread, and its exit is seen when it is asked.
    worker.on('error', () => {});
    worker.once('exit', () => {
      if (this.#worker === worker) this.#worker = null;
    });
    return worker;
  }

  async #end(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}

async function turnOf(before: Promise<void>, { deadlineAt }: Call): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const late = (): void => reject(new Fault('call.late', 'others kept the turn of a document until its time was over'));
  // A timer takes 24 days at most.
  const timer = setTimeout(late, Math.min(deadlineAt - performance.now(), 86_400_000));
  try {
    await Promise.race([before, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Octets that a thread holds, in its heap and outside; 0 where it is gone. */
async function takes(worker: Worker): Promise<number> {
  try {
    const { total_heap_size: heap, external_memory: outside } = await worker.getHeapStatistics();
    return heap + outside;
  } catch {
    return 0;
  }
}
