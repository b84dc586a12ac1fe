/**
 * A child of the steward: the roles of one group in one process. It inherits its sockets, reads the settings itself, and ends in order
 * on SIGTERM, or when the steward is gone.
 */
import { Socket } from 'node:net';
import type { Settings } from '#/config/index.ts';
import { startJanitor, startJanitorHere } from './janitor.ts';
import { inheritedSockets } from './listeners.ts';
import { openProcess, type ProcessParts } from './process-parts.ts';
import { readChildSettings } from './run-options.ts';
import { startWorking } from './working.ts';

/** Orderly ends give running transactions their time; one that takes longer is cut off by this. */
const LEAVE_MS = 30_000;

const role = process.env.HOLDFAST_ROLE ?? '';
process.title = `holdfast ${role}`;
const parts = openProcess(role);
const leaving = new AbortController();
process.on('SIGTERM', () => leave('SIGTERM'));
process.on('SIGINT', () => {});
watchSteward(Number(process.env.HOLDFAST_STEWARD_FD));
process.on('uncaughtException', (error) => fatal(error.stack ?? error.message));
process.on('unhandledRejection', (reason) =>
  fatal(reason instanceof Error ? (reason.stack ?? reason.message) : String(reason)),
);

try {
  await run(readChildSettings(process.env), role.split('+'), parts);
  await parts.log[Symbol.asyncDispose]();
  process.exit(0);
} catch (error) {
  fatal(error instanceof Error ? error.message : String(error));
}

async function run(settings: Settings, roles: readonly string[], { clock, log, meter }: ProcessParts): Promise<void> {
  await using running = new AsyncDisposableStack();
  const inWorking = roles.includes('gate') && roles.includes('deliver');
  if (inWorking) {
    const listeners = inheritedSockets(process.env);
    const working = running.use(await startWorking(settings, { listeners, clock, log, meter, onFatal: fatal }));
    if (roles.includes('janitor'))
      running.use(await startJanitorHere(settings, { clock, log, meter, custody: working.custody }));
  } else if (roles.includes('janitor')) {
    running.use(await startJanitor(settings, { clock, log, meter }, leaving.signal));
  }
  await left();
  log.info('role.draining');
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
  pipe.on('error', () => leave('the steward is gone')).on('close', () => leave('the steward is gone'));
  pipe.resume();
  pipe.unref();
}

/** Ends at once: what is in memory may be wrong, what is on the disk is right. */
function fatal(reason: string): void {
  parts.log.error('role.fatal', { why: reason });
  const end = () => process.exit(1);
  parts.log[Symbol.asyncDispose]().then(end, end);
}
