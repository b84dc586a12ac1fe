/** The thread that alone writes custody. It takes the lock of the data directory, says `ready`, and answers one group after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '#/model/index.ts';
import { takeLock } from './connections.ts';
import type { FromWriter, WriterGroup, WriterSetup } from './protocol.ts';
import { Writer } from './writer.ts';

const port = parentPort;
const setup = workerData as WriterSetup;

function say(message: FromWriter, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

function start(): { writer: Writer; close: () => void } | null {
  try {
    const lock = takeLock(setup.dir);
    const writer = new Writer(setup);
    say({ kind: 'ready', live: writer.live() });
    const close = (): void => {
      writer.close();
      lock.close();
    };
    return { writer, close };
  } catch (error) {
    const fault = error instanceof Fault ? error.code : 'store.failed';
    say({ kind: 'refused', fault, detail: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

const started = start();
if (started === null) port?.close();

port?.on('message', (message: WriterGroup | 'close') => {
  if (started === null) return;
  if (message === 'close') {
    started.close();
    port.close();
    return;
  }
  try {
    const answers = started.writer.group(message);
    say(answers, answers.bytes === null ? [] : [answers.bytes]);
    if (message.restartWal) started.writer.restartWal();
  } catch (error) {
    // Nothing is retried and nothing more is touched: what was committed is on the disk, what was not got no answer.
    say({ kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
    port.close();
  }
});
