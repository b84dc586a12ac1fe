/** The way to the thread that searches. */
import { Worker } from 'node:worker_threads';
import type { AccountKey, Call, Uid } from '#/model/index.ts';
import { Fault } from '#/model/index.ts';
import type { TextPart } from '#/ports/index.ts';
import { ThreadCalls } from '../thread-calls.ts';
import type { SearchInput, ThreadSetup } from './protocol.ts';

export class Searcher implements AsyncDisposable {
  readonly #calls: ThreadCalls;

  constructor(setup: ThreadSetup, onFailed: (fault: Fault) => void) {
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    const url = new URL(`./search-thread.${extension}`, import.meta.url);
    const worker = new Worker(url, { workerData: setup, name: 'mailboxes search' });
    worker.on('error', (error: Error) => onFailed(new Fault('store.failed', error.message, error)));
    this.#calls = new ThreadCalls(worker);
  }

  /** UIDs, rising. The account is there and of this release. */
  async holding(
    account: AccountKey,
    mailbox: number,
    phrase: readonly string[],
    where: TextPart,
    call: Call,
  ): Promise<readonly Uid[]> {
    const deadlineAt = performance.timeOrigin + call.deadlineAt;
    const input: SearchInput = { account, mailbox, phrase, where, deadlineAt };
    return (await this.#calls.ask('holding', [input], call)) as readonly Uid[];
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#calls[Symbol.asyncDispose]();
  }
}
