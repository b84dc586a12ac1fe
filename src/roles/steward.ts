/**
 * `holdfast serve`: the steward of this host. It binds the sockets, starts a child for each group of roles, restarts what dies, and
 * serves the admin port. With `dev`, all roles run in this process and there is no child.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { join } from 'node:path';
import {
  formatComplaints,
  formatListenAt,
  type ListenAt,
  type Loaded,
  notBuiltLine,
  type Settings,
} from '#/config/index.ts';
import { mergeExposition } from '#/log/index.ts';
import { Fault, isFault } from '#/model/index.ts';
import { adoptSocket, bindSocket, type LocalMethod, startLocalServer } from '#/net/index.ts';
import { createAdminServer, type Proof, Readiness } from '#/steward/index.ts';
import { makeDurableFolder } from '#/store/index.ts';
import { type Running, startChildren } from './children.ts';
import { describeDemo, describeEndpoints, makeDemo } from './demo.ts';
import { oneGroup } from './groups.ts';
import { openHealth } from './health.ts';
import { type Bound, bindListeners, givenBySystemd, PREVIOUS_RUN_MS } from './listeners.ts';
import { measureLoopDelay } from './loop-delay.ts';
import { CUSTODY_SOCKET, STEWARD_SOCKET } from './places.ts';
import { startProcess } from './process.ts';
import { openProcess, type ProcessParts } from './process-parts.ts';
import { provesAll, provesListeners, provesRole } from './prove.ts';
import { RELEASE } from './release.ts';
import { type RunOptions, readSettings } from './run-options.ts';
import { openStatus } from './status.ts';

export interface ServeOptions extends RunOptions {
  readonly demo: boolean;
  readonly dev: boolean;
}

const READY_LOOK_MS = 100;
/** From the start to the first look at how the installation does, where it has not come up before. */
const STARTING_MS = 60_000;

/** Runs until SIGTERM or SIGINT; resolves with the exit code of the command. */
export async function serve(options: ServeOptions): Promise<number> {
  let loaded: Loaded;
  try {
    loaded = readSettings(options);
  } catch (error) {
    if (!isFault(error, 'config.invalid')) throw error;
    process.stderr.write(`${(error as Error).message}\n`);
    return 2;
  }
  process.title = options.dev ? 'holdfast dev' : 'holdfast steward';
  process.env.HOLDFAST_ROLE = options.dev ? 'dev' : 'steward';
  const parts = openProcess(options.dev ? 'dev' : 'steward');
  try {
    await run(options, loaded, parts);
    return 0;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    process.stderr.write(`${error.message}\n`);
    return error.code === 'store.locked' ? 4 : 2;
  } finally {
    await parts.log[Symbol.asyncDispose]();
  }
}

async function run(options: ServeOptions, loaded: Loaded, parts: ProcessParts): Promise<void> {
  const { settings } = loaded;
  const stop = stopSignal();
  say(`Holdfast ${RELEASE}`);
  if (loaded.warnings.length > 0) process.stderr.write(`${formatComplaints(loaded.warnings)}\n`);
  const missing = notBuiltLine(loaded);
  if (missing !== null) say(`${missing}.`);
  await using running = new AsyncDisposableStack();
  makeDurableFolder(settings.data);
  const methods = new Map<string, LocalMethod>();
  running.use(await beTheOnly(settings.data, methods));
  const previous = previousRun(settings.data);
  running.defer(previous.forget);
  const demo = options.demo ? await patiently(() => makeDemo(settings, parts), parts, previous.killed) : null;
  const bound = await bindListeners(settings, parts.clock, () => previous.killed);
  const processes = running.use(
    options.dev ? await runHere(settings, bound, parts, stop) : startChildren(options, settings, bound, parts),
  );
  const readiness = new Readiness(processes.proofs, parts.clock);
  const up = Promise.withResolvers<void>();
  const status = running.use(
    openStatus(settings, {
      ...parts,
      readiness,
      metrics: () => metricsOfAll(processes, parts),
      bound,
      begins: up.promise,
    }),
  );
  for (const [name, method] of status.methods) methods.set(name, method);
  const admin = running.use(await serveAdmin(settings, readiness, processes, parts));
  const startedAt = parts.clock.monotonic();
  while (!stop.aborted && !(await readiness.reports()).every(({ ready }) => ready)) {
    await parts.clock.sleep(READY_LOOK_MS, stop);
    // What has not come up by now is out, and the status says so.
    if (parts.clock.monotonic() - startedAt > STARTING_MS) up.resolve();
  }
  up.resolve();
  if (!stop.aborted) announce(settings, bound, admin.addresses, demo);
  while (!stop.aborted) await parts.clock.sleep(3_600_000, stop);
  parts.log.info('steward.stopping');
}

function announce(
  settings: Settings,
  bound: readonly Bound[],
  admin: readonly string[],
  demo: Awaited<ReturnType<typeof makeDemo>>,
): void {
  say(`Ready. Listening on\n${describeEndpoints(bound, admin)}`);
  const submission = bound.find(({ kind }) => kind === 'submission')?.text;
  if (demo !== null && submission !== undefined) say(`\n${describeDemo(demo, submission)}`);
  if (!settings.outbound && settings.routes.length === 0) {
    say(
      '\nOutbound is off: mail to other domains is held and nothing leaves. Set outbound: on, or routes, in holdfast.yaml.',
    );
  }
}

/** One process for all roles. */
async function runHere(settings: Settings, bound: readonly Bound[], parts: ProcessParts, stop: AbortSignal) {
  await using opening = new AsyncDisposableStack();
  const onFatal = (reason: string): void => {
    parts.log.error('role.fatal', { why: reason });
    process.exit(1);
  };
  const group = oneGroup(settings);
  const loop = opening.use(measureLoopDelay(parts.meter));
  const health = openHealth({ meter: parts.meter, loop });
  const more = { group, health, stop, patient: false, listeners: bound, onFatal, onDoubt: onFatal };
  opening.use(await startProcess(settings, { ...parts, ...more }));
  const kept = opening.move();
  const proofs = new Map<string, Proof>();
  for (const role of group.roles) {
    const inside = provesRole(role, settings.data, () => CUSTODY_SOCKET);
    proofs.set(role, provesAll(inside, provesListeners(role, bound, settings.hostname)));
  }
  const running: Running = { proofs, metrics: async () => [], [Symbol.asyncDispose]: () => kept.disposeAsync() };
  return running;
}

async function serveAdmin(
  settings: Settings,
  readiness: Readiness,
  running: Running,
  parts: Pick<ProcessParts, 'meter'>,
): Promise<AsyncDisposable & { readonly addresses: readonly string[] }> {
  await using opening = new AsyncDisposableStack();
  const metrics = async (): Promise<string> => mergeExposition(await metricsOfAll(running, parts));
  const addresses: string[] = [];
  for (const at of settings.listen.admin) {
    for (const { fd, text } of adminSockets(at)) {
      const server = createAdminServer({ readiness, metrics });
      await adoptSocket(server, fd);
      opening.defer(() => closeServer(server));
      addresses.push(text);
    }
  }
  const kept = opening.move();
  return { addresses, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** What each process tells of itself, this one first. */
async function metricsOfAll(running: Running, { meter }: Pick<ProcessParts, 'meter'>): ReturnType<Running['metrics']> {
  return [{ labels: { process: 'steward' }, text: meter.exposition() }, ...(await running.metrics())];
}

function adminSockets(at: ListenAt): readonly { readonly fd: number; readonly text: string }[] {
  const text = formatListenAt(at);
  if (at.kind === 'systemd') return givenBySystemd(at.name).map((fd) => ({ fd, text }));
  const { fd, port } = bindSocket(text);
  return [{ fd, text: formatListenAt({ ...at, port }) }];
}

async function closeServer(server: Server): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}

/** One steward per data directory. Fault `store.locked` where another one is. */
async function beTheOnly(data: string, methods: ReadonlyMap<string, LocalMethod>): Promise<AsyncDisposable> {
  return startLocalServer({ path: join(data, STEWARD_SOCKET), methods });
}

/** Whether the last run was killed: then its children may still be leaving, and we wait for their sockets and their lock. */
function previousRun(data: string): { readonly killed: boolean; readonly forget: () => void } {
  const file = join(data, 'steward.pid');
  let killed = false;
  try {
    killed = readFileSync(file, 'utf8') !== '';
  } catch {
    // The last run ended in order, or there was none.
  }
  writeFileSync(file, `${process.pid}\n`);
  return { killed, forget: () => rmSync(file, { force: true }) };
}

/** Repeats what fails because a former run still holds the lock. */
async function patiently<T>(work: () => Promise<T>, { clock }: ProcessParts, isLeaving: boolean): Promise<T> {
  const until = clock.monotonic() + (isLeaving ? PREVIOUS_RUN_MS : 0);
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isFault(error, 'store.locked') || clock.monotonic() > until) throw error;
      await clock.sleep(READY_LOOK_MS);
    }
  }
}

function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
  return stop.signal;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
