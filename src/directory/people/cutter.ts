/** A draft in a thread of its own, which ends with it. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { TextCharset } from '#/codec/csv/index.ts';
import { type Call, Fault } from '#/model/index.ts';
import { Refusal } from '#/ports/index.ts';
import type { CutAnswer, CutOrder, Table } from './cutting.ts';
import type { CutGeneration } from './draft.ts';
import { THREAD_MEMORY_MB } from './limits.ts';
import type { Row } from './rows.ts';

/** Rows of one message. */
const ROWS_AT_ONCE = 200;

export class Cutter implements AsyncDisposable {
  readonly #thread: Worker;
  readonly #call: Call;

  constructor(call: Call) {
    this.#thread = new Worker(threadUrl(), { resourceLimits: { maxOldGenerationSizeMb: THREAD_MEMORY_MB } });
    this.#call = call;
  }

  /** Takes a table to its end; gives the charset in which it was. Refuses what can't be read. */
  async table(table: Table): Promise<TextCharset> {
    const answer = await this.#ask({ table });
    if (!('read' in answer)) throw new TypeError('A table was not answered as one.');
    return answer.read;
  }

  /** Takes rows to their end. */
  async rows(rows: AsyncIterable<Row>): Promise<void> {
    let some: Row[] = [];
    for await (const row of rows) {
      some.push(row);
      if (some.length < ROWS_AT_ONCE) continue;
      await this.#ask({ rows: some });
      some = [];
    }
    if (some.length > 0) await this.#ask({ rows: some });
  }

  /** What has come, whole. */
  async cut(): Promise<CutGeneration> {
    const answer = await this.#ask({ cut: true });
    if (!('whole' in answer)) throw new TypeError('A set was not answered as one.');
    return answer.whole;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#thread.terminate();
  }

  async #ask(order: CutOrder): Promise<CutAnswer> {
    const leftMs = Math.max(0, this.#call.deadlineAt - performance.now());
    const signals = [
      AbortSignal.timeout(Math.ceil(leftMs)),
      ...(this.#call.signal === undefined ? [] : [this.#call.signal]),
    ];
    const signal = AbortSignal.any(signals);
    const heard = once(this.#thread, 'message', { signal });
    this.#thread.postMessage(order);
    const [answer] = (await heard.catch((error: unknown) => {
      if (signal.aborted) throw new Refusal(4, 'The load was stopped, or took too long; nothing of it is kept.');
      throw new Fault('store.busy', 'The set takes more memory than a load has.', error);
    })) as [CutAnswer];
    if (!('failed' in answer)) return answer;
    if (answer.exit !== null) throw new Refusal(answer.exit, answer.failed);
    throw new Error(answer.failed);
  }
}

function threadUrl(): URL {
  return new URL(`./draft-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);
}
