/** A thread that owns the accounts whose hash leads to it. It says `ready`, answers group after group, and tidies up between them. */
import { parentPort, workerData } from 'node:worker_threads';
import { Fault } from '#/model/index.ts';
import { AccountService } from './account-service.ts';
import type { FromThread, ThreadGroup, ThreadSetup } from './protocol.ts';
import { Register } from './register.ts';

/** Between two looks for what has to be tidied up. */
const LOOK_EVERY_MS = 100;

const port = parentPort;

function say(message: FromThread, transfer: ArrayBuffer[] = []): void {
  port?.postMessage(message, transfer);
}

/** Nothing is retried and nothing more is touched: what is durable is on the disk, what is not got no answer. */
function fail(error: unknown): void {
  isOver = true;
  say({ kind: 'failed', detail: error instanceof Error ? error.message : String(error) });
  port?.close();
}

function start(): AccountService | null {
  try {
    return new AccountService(new Register((workerData as ThreadSetup).folder));
  } catch (error) {
    const fault = error instanceof Fault ? error.code : 'store.failed';
    say({ kind: 'refused', fault, detail: error instanceof Error ? error.message : String(error) });
    return null;
  }
}

function guarded(work: () => void): void {
  if (isOver) return;
  try {
    work();
  } catch (error) {
    fail(error);
  }
}

// One small step at a time: a group that comes meanwhile waits for no more than that.
function tidy(service: AccountService): void {
  isTidying = false;
  guarded(() => {
    const outcome = service.upkeep();
    if (outcome !== 'idle') tidySoon(service, outcome === 'more');
  });
}

function tidySoon(service: AccountService, atOnce: boolean): void {
  if (isTidying || isOver) return;
  isTidying = true;
  if (atOnce) setImmediate(tidy, service);
  else setTimeout(tidy, LOOK_EVERY_MS, service);
}

let isOver = false;
let isTidying = false;
const started = start();
if (started === null) port?.close();
else {
  port?.on('message', (message: ThreadGroup | 'close') => {
    if (message === 'close') {
      guarded(() => started.close());
      isOver = true;
      port.close();
    } else {
      guarded(() => started.take(message, say));
      tidySoon(started, false);
    }
  });
  say({ kind: 'ready' });
}
