/** The thread of one file of batches: no commit runs on an event loop that serves people. */
import { parentPort, workerData } from 'node:worker_threads';
import { describeFault, type ThreadRequest, type ThreadResponse } from '../thread-calls.ts';
import { BatchFile } from './batch-file.ts';
import type { SqliteBatchesOptions } from './batches.ts';

const port = parentPort;
if (port === null) throw new TypeError('batches-thread runs as a thread.');
let file: BatchFile | null = null;

const METHODS: Readonly<Record<string, (...args: never[]) => unknown>> = {
  open: () => {
    file ??= BatchFile.open(workerData as SqliteBatchesOptions);
  },
  close: () => {
    file?.close();
    file = null;
  },
  run: (...args: Parameters<BatchFile['run']>) => opened().run(...args),
};

port.on('message', ({ id, method, args }: ThreadRequest) => port.postMessage(answer(id, method, args)));

function answer(id: number, method: string, args: readonly unknown[]): ThreadResponse {
  try {
    const perform = METHODS[method];
    if (perform === undefined) throw new TypeError(`There is no ${method}.`);
    return { id, value: perform(...(args as never[])) };
  } catch (error) {
    return { id, fault: describeFault(error) };
  }
}

function opened(): BatchFile {
  if (file === null) throw new TypeError('The file is not open.');
  return file;
}
