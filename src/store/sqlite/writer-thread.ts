/** The thread that alone writes custody. It takes the lock of the data directory, says `ready`, and answers one group after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '#/model/index.ts';
import { takeLock } from './connections.ts';
import type { FromWriter, WriterGroup, WriterSetup } from './protocol.ts';
import { isFull } from './statement.ts';
import { Writer } from './writer.ts';

const port = parentPort;
const { carriedOut, ...setup } = workerData as WriterSetup & { readonly carriedOut: Int32Array };

function say(message: FromWriter, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

/** Nothing is retried and nothing more is touched: what is durable is on the disk, what is not got no answer. */
function fail(error: unknown): void {
  say({ kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
  port?.close();
}

function start(): { writer: Writer; close: () => void } | null {
  try {
    const lock = takeLock(setup.dir);
    const writer = new Writer(setup, fail);
    say({ kind: 'ready', live: writer.live(), recovery: writer.recovery });
    const close = (): void => {
      writer.close();
      lock.close();
    };
    return { writer, close };
  } catch (error) {
    const fault = error instanceof Fault ? error.code : isFull(error) ? 'disk.full' : 'store.failed';
    say({ kind: 'refused', fault, detail: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

/** Between two commits of the tables, ms. */
const COMMIT_MS = 50;

const started = start();
if (started === null) port?.close();
let commitSoon: NodeJS.Timeout | null = null;
let isCommitting = false;
let isClosing = false;
/** Groups that came meanwhile: few, since few are sent ahead of their answers. */
const held: WriterGroup[] = [];

function guarded(work: (writer: Writer) => void): void {
  if (started === null) return;
  try {
    work(started.writer);
  } catch (error) {
    fail(error);
  }
}

function take(writer: Writer, group: WriterGroup): void {
  const answers = writer.group(group);
  writer.whenFlushed(() => say(answers, answers.bytes === null ? [] : [answers.bytes]));
  Atomics.add(carriedOut, 0, 1);
  if (group.restartWal) writer.restartWal();
  if (group.durable !== null) writer.tidy(group.durable);
  if (writer.isLong) commit(writer);
  else commitSoon ??= setTimeout(() => guarded(commit), COMMIT_MS);
}

// What the tables say has to be durable in the log before. The flushes under way are waited for, instead of one more that would stop
// this thread, and the long part of the commit is done meanwhile.
function commit(writer: Writer): void {
  if (commitSoon !== null) clearTimeout(commitSoon);
  commitSoon = null;
  if (isCommitting || isClosing) return;
  isCommitting = true;
  writer.prepareCommit();
  writer.whenFlushed(() => guarded(commitFlushed));
}

function commitFlushed(writer: Writer): void {
  if (isClosing) return;
  writer.commit();
  isCommitting = false;
  while (!isCommitting) {
    const group = held.shift();
    if (group === undefined) return;
    take(writer, group);
  }
}

// Closing commits by itself.
function close(): void {
  isClosing = true;
  if (commitSoon !== null) clearTimeout(commitSoon);
  guarded((writer) => {
    for (const group of held.splice(0)) take(writer, group);
  });
  guarded(() => started?.close());
  port?.close();
}

port?.on('message', (message: WriterGroup | 'close') => {
  if (message === 'close') close();
  else if (isCommitting) held.push(message);
  else guarded((writer) => take(writer, message));
});
