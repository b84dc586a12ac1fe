/**
 * `holdfast serve`: the steward of this host. It binds the sockets, starts a child for each group of roles, restarts what dies, and
 * serves the admin port. With `dev`, all roles run in this process and there is no child.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  BUILT_ROLES,
  formatComplaints,
  formatListenAt,
  type Loaded,
  notBuiltLine,
  type Settings,
} from '#/config/index.ts';
import { mergeExposition } from '#/log/index.ts';
import { Fault, isFault, within } from '#/model/index.ts';
import { adoptSocket, bindSocket, connectLocal, startLocalServer } from '#/net/index.ts';
import { Child, createAdminServer, type Proof, RESTART_DEFAULTS, Readiness } from '#/steward/index.ts';
import { makeDurableFolder } from '#/store/index.ts';
import { describeDemo, describeEndpoints, makeDemo } from './demo.ts';
import { startJanitorHere } from './janitor.ts';
import { type Bound, bindListeners, describeSockets, PREVIOUS_RUN_MS } from './listeners.ts';
import { CUSTODY_SOCKET, JANITOR_SOCKET, STEWARD_SOCKET } from './places.ts';
import { openProcess, type ProcessParts } from './process-parts.ts';
import { provesChild, provesGate } from './prove.ts';
import { RELEASE } from './release.ts';
import { describeRun, type RunOptions, readSettings } from './run-options.ts';
import { startWorking } from './working.ts';

export interface ServeOptions extends RunOptions {
  readonly demo: boolean;
  readonly dev: boolean;
}

/** From SIGTERM to SIGKILL of a child. */
const DRAIN_MS = 35_000;
/** The young generation of each thread's heap stays small (MiB): a process that has seen a million mails is hardly larger than a new one. */
const NODE_FLAGS = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=4'];
const METRICS_MS = 2_000;
const READY_LOOK_MS = 100;

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
  running.use(await beTheOnly(settings.data));
  const previous = previousRun(settings.data);
  running.defer(previous.forget);
  const demo = options.demo ? await patiently(() => makeDemo(settings, parts), parts, previous.killed) : null;
  const bound = await bindListeners(settings, parts.clock, () => previous.killed);
  const proofs = options.dev
    ? running.use(await runHere(settings, bound, parts)).proofs
    : running.use(startChildren(options, settings, bound, parts)).proofs;
  const readiness = new Readiness(proofs, parts.clock);
  const admin = running.use(await serveAdmin(settings, readiness, parts));
  while (!stop.aborted && !(await readiness.reports()).every(({ ready }) => ready))
    await parts.clock.sleep(READY_LOOK_MS, stop);
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

interface Running extends AsyncDisposable {
  readonly proofs: ReadonlyMap<string, Proof>;
}

/** One process for all roles. */
async function runHere(settings: Settings, bound: readonly Bound[], parts: ProcessParts): Promise<Running> {
  await using opening = new AsyncDisposableStack();
  const onFatal = (reason: string): void => {
    parts.log.error('role.fatal', { why: reason });
    process.exit(1);
  };
  const working = opening.use(await startWorking(settings, { ...parts, listeners: bound, onFatal }));
  opening.use(await startJanitorHere(settings, { ...parts, custody: working.custody }));
  const kept = opening.move();
  const proofs = new Map([
    ['gate', provesGate(bound, settings.hostname)],
    ['deliver', provesChild(settings.data, CUSTODY_SOCKET)],
  ]);
  return { proofs, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

/** A child for each group of roles that this release has. */
function startChildren(options: RunOptions, settings: Settings, bound: readonly Bound[], parts: ProcessParts): Running {
  const children: Child[] = [];
  const proofs = new Map<string, Proof>();
  for (const group of settings.roles) {
    const roles = group.filter((role) => BUILT_ROLES.includes(role));
    if (roles.length === 0) continue;
    const withGate = roles.includes('gate');
    children.push(startChild(roles.join('+'), options, withGate ? bound : [], parts));
    if (withGate) proofs.set('gate', provesGate(bound, settings.hostname));
    if (roles.includes('deliver')) proofs.set('deliver', provesChild(settings.data, CUSTODY_SOCKET));
    if (roles.includes('janitor'))
      proofs.set('janitor', provesChild(settings.data, withGate ? CUSTODY_SOCKET : JANITOR_SOCKET));
  }
  const reload = (): void => reloadSettings(options, children, parts);
  process.on('SIGHUP', reload);
  const restarts = parts.meter.gauge('holdfast_steward_restarts', 'How often a role was started again.');
  parts.meter.beforeExposition(() => {
    for (const child of children) restarts.set(child.restarts, { child: child.role });
  });
  return {
    proofs,
    [Symbol.asyncDispose]: async () => {
      process.off('SIGHUP', reload);
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}

function startChild(role: string, options: RunOptions, bound: readonly Bound[], parts: ProcessParts): Child {
  const program = fileURLToPath(new URL('./child.ts', import.meta.url));
  const command = [process.execPath, ...NODE_FLAGS, program];
  const env = { ...describeRun(options), ...describeSockets(bound) };
  const sockets = bound.map(({ fd }) => fd);
  return new Child({ role, command, env, sockets, drainMs: DRAIN_MS, restart: RESTART_DEFAULTS }, parts);
}

/** SIGHUP: good settings make the children begin anew with them; bad ones are told, and what runs goes on. */
function reloadSettings(options: RunOptions, children: readonly Child[], { log }: ProcessParts): void {
  try {
    readSettings(options);
  } catch (error) {
    log.error('steward.settings-refused', { why: error instanceof Error ? error.message : String(error) });
    return;
  }
  log.info('steward.settings-reloaded');
  for (const child of children) child.renew();
}

async function serveAdmin(
  settings: Settings,
  readiness: Readiness,
  parts: ProcessParts,
): Promise<AsyncDisposable & { readonly addresses: readonly string[] }> {
  const server = createAdminServer({ readiness, metrics: () => allMetrics(settings, parts) });
  const addresses: string[] = [];
  for (const at of settings.listen.admin.slice(0, 1)) {
    const socket = bindSocket(formatListenAt(at));
    await adoptSocket(server, socket.fd);
    addresses.push(at.kind === 'address' ? formatListenAt({ ...at, port: socket.port }) : formatListenAt(at));
  }
  return {
    addresses,
    [Symbol.asyncDispose]: async () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeAllConnections();
      if (addresses.length > 0) await promise;
    },
  };
}

async function allMetrics(settings: Settings, { meter }: ProcessParts): Promise<string> {
  const own = { labels: { process: 'steward' }, text: meter.exposition() };
  const others = await Promise.all(
    [
      ['gate+deliver', CUSTODY_SOCKET],
      ['janitor', JANITOR_SOCKET],
    ].map(async ([name = '', socket = '']) => ({
      labels: { process: name },
      text: await metricsOf(settings.data, socket),
    })),
  );
  return mergeExposition([own, ...others]);
}

/** Empty where a child does not answer; it shows in `/readyz`. */
async function metricsOf(data: string, socket: string): Promise<string> {
  try {
    await using client = await connectLocal(join(data, socket));
    return String(await client.call('metrics', {}, within(METRICS_MS)));
  } catch {
    return '';
  }
}

/** One steward per data directory. Fault `store.locked` where another one is. */
async function beTheOnly(data: string): Promise<AsyncDisposable> {
  return startLocalServer({ path: join(data, STEWARD_SOCKET), methods: new Map() });
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
