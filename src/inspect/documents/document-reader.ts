/**
 * From a file to the numbers that it is known by, in a thread that ends with it: one file at a time, each with bounds of time and memory, and the text in nobody
 * else's memory.
 */
import { type Call, Fault } from '#/model/index.ts';
import { type Ended, SideThread } from '../extract/threads/side-thread.ts';
import { READ_MEMORY_MB, READ_MS, READ_WAITING_MAX } from './limits.ts';
import type { DocumentQuestion, ReadDocument } from './reading.ts';

/** A file that could not be read: why, in a clause for people. */
export interface NotRead {
  readonly why: string;
}

const WHY: Readonly<Record<Exclude<Ended, 'done'>, string>> = {
  'too-slow': 'reading it takes too long',
  'too-large': 'reading it takes too much memory',
  died: 'it is damaged in a way that ends whoever reads it',
};

/** Left of the time of a file for what follows its reading. */
const SPARE_MS = 1_000;

export class DocumentReader {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Fault `store.busy` where too many wait, and what the signal of the call says. */
  async read(
    file: { readonly name: string; readonly content: Uint8Array },
    call: Call,
  ): Promise<ReadDocument | NotRead> {
    if (this.#waiting >= READ_WAITING_MAX) throw new Fault('store.busy', 'Other documents are being read.');
    this.#waiting += 1;
    const before = this.#last;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#last = promise;
    try {
      await before;
      return await this.#readNow(file, call);
    } finally {
      this.#waiting -= 1;
      resolve();
    }
  }

  async #readNow(
    file: { readonly name: string; readonly content: Uint8Array },
    call: Call,
  ): Promise<ReadDocument | NotRead> {
    const thread = new SideThread<ReadDocument>(threadUrl(), 'read document');
    const said: ReadDocument[] = [];
    const waitMs = Math.min(READ_MS, call.deadlineAt - performance.now());
    // It says what it could not read before its own time is over.
    const message = (): DocumentQuestion => ({ ...file, waitMs: Math.max(0, waitMs - SPARE_MS) });
    const hear = (read: ReadDocument): void => void said.push(read);
    try {
      const ended = await thread.ask({ message, waitMs, memoryMb: READ_MEMORY_MB, hear, waited: () => {} }, call);
      if (ended !== 'done') return { why: WHY[ended] };
      return said[0] ?? { why: WHY.died };
    } finally {
      await thread.close();
    }
  }
}

function threadUrl(): URL {
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new URL(`./document-thread.${extension}`, import.meta.url);
}
