/**
 * Keeps the WAL short without stalling acceptance: a thread copies pages at its own pace; when next to nothing is left, the writer starts
 * the WAL over. A WAL beyond its bound, because a reader holds on to it or the disk is slow, turns acceptance away (M3: a clear answer).
 */
import { Worker } from 'node:worker_threads';
import type { WalState } from './checkpoint-thread.ts';
import { threadUrl } from './thread-url.ts';
import type { WriterChannel } from './writer-channel.ts';

/** The WAL starts over from here on. */
const RESTART_PAGES = 4_000;
/** As few as that may be left for the writer to copy itself. */
const LEFT_PAGES_MAX = 500;
/** From here on the writer copies whatever is left: a short stall beats a file without end. */
const FORCE_PAGES = 60_000;
/** From here on nothing more is accepted: about 2 GiB. */
const FULL_PAGES = 250_000;

export class Checkpointer {
  readonly #worker: Worker;
  readonly #exited: Promise<void>;
  #pages = 0;

  constructor(dir: string, writer: Pick<WriterChannel, 'restartWal' | 'tidy'>, onFailed: (error: Error) => void) {
    this.#worker = new Worker(threadUrl('checkpoint-thread'), { workerData: { dir }, name: 'custody checkpoints' });
    this.#exited = new Promise((resolve) => this.#worker.once('exit', () => resolve()));
    this.#worker.on('error', onFailed);
    this.#worker.on('message', ({ pages, copied, durable }: WalState) => {
      this.#pages = pages;
      const isShort = pages - copied <= LEFT_PAGES_MAX;
      if (pages >= FORCE_PAGES || (pages >= RESTART_PAGES && isShort)) writer.restartWal();
      if (durable !== null) writer.tidy(durable);
    });
  }

  /** Whether the WAL has reached its bound. */
  get full(): boolean {
    return this.#pages >= FULL_PAGES;
  }

  async close(graceMs: number): Promise<void> {
    this.#worker.postMessage('close');
    const timer = setTimeout(() => void this.#worker.terminate(), graceMs);
    await this.#exited;
    clearTimeout(timer);
  }

  async kill(): Promise<void> {
    await this.#worker.terminate();
  }
}
