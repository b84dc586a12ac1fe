/**
 * A child of the steward: the roles of one group in one process. It inherits its sockets, reads the settings itself, and ends in order
 * on SIGTERM, when the steward is gone, or when it must begin anew with another incarnation.
 */
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import { isFault } from '#/model/index.ts';
import { startLocalServer } from '#/net/index.ts';
import { blockOnSignal } from './chaos.ts';
import { groupsOf, ownedFolders } from './groups.ts';
import { type Health, openHealth } from './health.ts';
import { workerName } from './inspect-pool.ts';
import { inheritedSockets } from './listeners.ts';
import { measureLoopDelay } from './loop-delay.ts';
import { healthSocket } from './places.ts';
import { startProcess } from './process.ts';
import { openProcess } from './process-parts.ts';
import { readChildSettings } from './run-options.ts';
import { othersEnded } from './workers.ts';

/** Orderly ends give running transactions their time; one that takes longer is cut off by this. */
const LEAVE_MS = 30_000;
const LOOK_AGAIN_MS = 100;
/** For the others to leave before the one that writes custody. */
const OTHERS_LEAVE_MS = 15_000;

const role = process.env.HOLDFAST_ROLE ?? '';
const slot = Number(process.env.HOLDFAST_SLOT ?? 0);
/** By which it is asked; several workers may have one role. */
const name = workerName(role, Number(process.env.HOLDFAST_WORKER ?? 1));
process.title = `holdfast ${role}`;
const parts = openProcess(role);
const leaving = new AbortController();
process.on('SIGTERM', () => leave('SIGTERM'));
process.on('SIGINT', () => {});
/** Resolves when nobody else needs this process; asked once the steward is gone. */
let untilUnneeded: () => Promise<void> = async () => {};
watchSteward(Number(process.env.HOLDFAST_STEWARD_FD));
blockOnSignal(process.env);
process.on('uncaughtException', (error) => fatal(error.stack ?? error.message));
process.on('unhandledRejection', (reason) =>
  fatal(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)),
);

let stands = false;
try {
  await run(readChildSettings(process.env));
  await parts.log[Symbol.asyncDispose]();
  process.exit(0);
} catch (error) {
  // A start that was broken off is no failure.
  if (leaving.signal.aborted && !stands) process.exit(0);
  fatal(error instanceof Error ? error.message : String(error));
}

async function run(settings: Settings): Promise<void> {
  const group = groupsOf(settings).find((one) => one.name === role);
  if (group === undefined) throw new TypeError(`The settings have no process ${role}.`);
  if (group.owner)
    untilUnneeded = async () => {
      const others = ownedFolders(settings).map((folder) => othersEnded(folder, parts.clock, OTHERS_LEAVE_MS));
      await Promise.all(others);
    };
  await using running = new AsyncDisposableStack();
  const loop = running.use(measureLoopDelay(parts.meter));
  const health = openHealth({ meter: parts.meter, loop });
  running.use(await answerFor(join(settings.data, healthSocket(name, slot)), health.methods));
  running.use(
    await startProcess(settings, {
      ...parts,
      group,
      health,
      listeners: inheritedSockets(process.env),
      stop: leaving.signal,
      patient: true,
      onFatal: fatal,
      onDoubt: leave,
    }),
  );
  stands = true;
  await left();
  parts.log.info('role.draining');
}

/** A process of a former steward may still be leaving. */
async function answerFor(path: string, methods: Health['methods']): Promise<AsyncDisposable> {
  for (;;) {
    try {
      return await startLocalServer({ path, methods });
    } catch (error) {
      if (!isFault(error, 'store.locked') || leaving.signal.aborted) throw error;
      await parts.clock.sleep(LOOK_AGAIN_MS, leaving.signal);
    }
  }
}

function left(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  if (leaving.signal.aborted) resolve();
  leaving.signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
}

function leave(why: string): void {
  if (leaving.signal.aborted) return;
  parts.log.info('role.leaving', { why });
  leaving.abort();
  setTimeout(() => fatal('it could not end in order within its time'), LEAVE_MS).unref();
}

/** Nobody writes to this pipe; its end says that the steward is gone, and a new one needs our sockets and our lock. */
function watchSteward(fd: number): void {
  if (!Number.isInteger(fd) || fd < 3) return;
  const pipe = new Socket({ fd, readable: true, writable: false });
  pipe.on('error', abandoned).on('close', abandoned);
  pipe.resume();
  pipe.unref();
}

/** Who writes custody goes last: until then the others have somebody to write down what became of their mail. */
function abandoned(): void {
  void untilUnneeded().finally(() => leave('the steward is gone'));
}

/** Ends at once: what is in memory may be wrong, what is on the disk is right. */
function fatal(reason: string): void {
  parts.log.error('role.fatal', { why: reason });
  const end = () => process.exit(1);
  parts.log[Symbol.asyncDispose]().then(end, end);
}
