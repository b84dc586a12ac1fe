/** Settings that are right one by one and wrong together; and what is allowed but worth a word. */

import { formatDuration } from '#/codec/forms/index.ts';
import { asksOf, readRules, reviewRules } from '#/policy/index.ts';
import type { Finding, Path } from '../complaint.ts';
import { isLoopbackIp } from '../loopback.ts';
import { BUILT_ROLES, type OperatorSetting, type RouteSetting } from './compound.ts';
import type { Settings } from './declared.ts';
import type { ListenAt } from './kinds.ts';
import { formatListenAt } from './kinds.ts';
import { isDatabase } from './store-place.ts';

/** Asks whether somebody set this path, or its default stands. */
export type IsGiven = (path: string) => boolean;

/** Everything about the settings as a whole. */
export function contradictions(settings: Settings, isGiven: IsGiven): Finding[] {
  return [...everything(settings, isGiven)];
}

function* everything(settings: Settings, isGiven: IsGiven): Generator<Finding> {
  yield* ofStores(settings);
  yield* ofListeners(settings);
  yield* ofRoles(settings);
  yield* ofTls(settings, isGiven);
  yield* ofRetry(settings);
  yield* ofLimits(settings);
  yield* ofOperators(settings.operators);
  for (const [i, route] of settings.routes.entries()) yield* ofRoute(route, i);
  yield* ofPools(settings);
  yield* ofExposure(settings, isGiven);
  yield* ofPolicies(settings);
}

// Mail must not land in another store than the one that was asked for.
function* ofStores({ store, blobs, cells }: Settings): Generator<Finding> {
  if (cells === null) return;
  for (const [key, value] of Object.entries({ store, blobs })) {
    if (value === null) continue;
    const message = `${key} and cells are both given, and each says where mail is kept.`;
    yield { path: [key], atKey: true, message, remedy: `remove ${key}, or cells` };
  }
  const places = Object.entries(cells);
  if (places.length === 0) yield { path: ['cells'], atKey: true, message: 'cells names none.', remedy: 'remove cells' };
  for (const [i, [name, cell]] of places.entries()) {
    const other = places.slice(0, i).find(([, before]) => before.store === cell.store)?.[0];
    if (other === undefined) continue;
    const message = `The cells ${other} and ${name} have one store.`;
    yield { path: ['cells', name, 'store'], message, remedy: 'give each cell its own store' };
  }
}

function* ofListeners({ listen }: Settings): Generator<Finding> {
  const seen = new Map<string, string>();
  for (const [name, list] of Object.entries(listen) as [string, readonly ListenAt[]][]) {
    for (const [i, at] of list.entries()) {
      const text = formatListenAt(at);
      const other = seen.get(text);
      // Port 0 asks the system for any free one, each time another.
      if (other !== undefined && !text.endsWith(':0')) {
        const message = `${text} is given to both ${other} and ${name}.`;
        yield { path: ['listen', name, i], message, remedy: 'give each listener its own port' };
      }
      seen.set(text, name);
    }
  }
}

function* ofRoles({ roles }: Settings): Generator<Finding> {
  const all = roles.flat();
  for (const role of new Set(all)) {
    if (all.filter((one) => one === role).length > 1) {
      yield { path: ['roles'], message: `The role ${role} is there twice.`, remedy: 'name each role once' };
    }
  }
  if (!all.some((role) => BUILT_ROLES.includes(role))) {
    const remedy = `name at least one of ${BUILT_ROLES.join(', ')}`;
    yield { path: ['roles'], message: 'Nothing would run: this release has none of these roles.', remedy };
  }
}

function* ofTls({ tls }: Settings, isGiven: IsGiven): Generator<Finding> {
  const files = [tls.cert, tls.key].filter((file) => file !== null).length;
  if (files === 1) {
    const missing = tls.cert === null ? 'cert' : 'key';
    yield { path: ['tls'], message: `tls lacks ${missing}.`, remedy: 'give both cert and key' };
  }
  if (files > 0 && isGiven('tls.selfSigned') && tls.selfSigned) {
    yield {
      path: ['tls', 'selfSigned'],
      message: 'tls has a certificate and selfSigned.',
      remedy: 'remove one of the two',
    };
  }
  if (tls.acme.email !== null && tls.acme.directory === null) {
    yield { path: ['tls', 'acme'], message: 'tls.acme lacks directory.', remedy: 'add directory: https://…' };
  }
  if (tls.acme.directory !== null && files > 0) {
    yield { path: ['tls', 'acme'], message: 'tls has a certificate and acme.', remedy: 'remove one of the two' };
  }
  if (!tls.selfSigned && files === 0) {
    const message = 'tls has no certificate, and without one nobody can sign in.';
    yield { path: ['tls', 'selfSigned'], message, remedy: 'give cert and key, or selfSigned: true' };
  }
}

function* ofRetry({ retry }: Settings): Generator<Finding> {
  const order = [
    ['first', 'max'],
    ['delayNotice', 'expire'],
    ['first', 'expire'],
  ] as const;
  for (const [small, large] of order) {
    if (retry[small] <= retry[large]) continue;
    const values = `${formatDuration(retry[small])} and ${formatDuration(retry[large])}`;
    const message = `retry.${small} is longer than retry.${large} (${values}).`;
    yield { path: ['retry', small], message, remedy: `make ${small} shorter or ${large} longer` };
  }
}

function* ofLimits({ limits }: Settings): Generator<Finding> {
  if (limits.reservedForSignedIn < limits.connections) return;
  const message = 'limits.reservedForSignedIn leaves the world no connection.';
  yield { path: ['limits', 'reservedForSignedIn'], message, remedy: 'keep it below limits.connections' };
}

function* ofOperators(operators: readonly OperatorSetting[]): Generator<Finding> {
  const seen = new Set<string>();
  for (const [i, { address }] of operators.entries()) {
    const path = ['operators', i, 'address'];
    if (seen.has(address)) yield { path, message: `The operator ${address} is there twice.`, remedy: 'remove one' };
    seen.add(address);
  }
}

function* ofRoute(route: RouteSetting, index: number): Generator<Finding> {
  if (route.password === null || route.tls === 'require' || isLoopbackIp(route.host ?? '')) return;
  const message = `routes[${index}]: without tls: require the password may be seen on the way, so it is sent in TLS only.`;
  yield { path: ['routes', index], severity: 'warning', message, remedy: 'add tls: require' };
}

// Mail that should leave from a certain address must not leave from any.
function* ofPools({ pools, routes }: Settings): Generator<Finding> {
  for (const [i, { pool }] of routes.entries()) {
    if (pool === null || pools[pool] !== undefined) continue;
    yield {
      path: ['routes', i, 'pool'],
      message: `routes[${i}] names the pool ${pool}, which is not in pools.`,
      remedy: `add ${pool} to pools, or name one of them`,
    };
  }
}

function* ofExposure({ listen, tls, outbound, routes }: Settings, isGiven: IsGiven): Generator<Finding> {
  const open = (name: keyof typeof listen) => listen[name].some((at) => !isLoopbackOnly(at));
  const warning = (path: Path, message: string, remedy: string): Finding => ({
    path,
    severity: 'warning',
    message,
    remedy,
  });
  if (open('http')) {
    const message = 'listen.http is reachable from other machines: plain HTTP refuses sign-in there.';
    yield warning(['listen', 'http'], message, 'use listen.https');
  }
  const people = open('submission') || open('submissions');
  if (people && tls.cert === null) {
    const message = 'People and devices will meet a self-signed certificate.';
    yield warning(['tls'], message, 'give tls.cert and tls.key');
  }
  if (listensBeyondLoopback(listen.smtp) && !isGiven('hostname')) {
    const message = 'hostname is not set; peers will hear the name of this machine.';
    yield warning(['hostname'], message, 'set hostname to the name that your MX record and PTR record carry');
  }
  if (isGiven('outbound') && !outbound && routes.some(({ domains }) => domains.includes('*'))) {
    const message = "outbound is off, and yet the route for '*' lets mail to all domains leave.";
    yield warning(['outbound'], message, 'remove the route, or outbound: off');
  }
}

function* ofPolicies({ policies, checks, roles, store }: Settings): Generator<Finding> {
  if (policies.length > 0 && !roles.flat().includes('inspect')) {
    const shared = store !== null && isDatabase(store);
    const message = `There are policies, and no process${shared ? ' of this host' : ''} has the role inspect: mail that they concern waits.`;
    const remedy = `add inspect to roles${shared ? ', unless another host has it' : ''}`;
    yield { path: ['policies'], severity: 'warning', message, remedy };
  }
  // Groups and relays are the tenants', and each has its own.
  for (const { entry, message, remedy } of reviewRules(readRules(policies), null)) {
    yield { path: ['policies', entry], severity: 'warning', message, remedy };
  }
  const known = new Set(checks.map(({ name }) => name));
  const asked = asksOf(readRules(policies).map(({ rule }) => rule)).flatMap((ask) =>
    ask.check === 'hook' ? ask.names : [],
  );
  for (const name of new Set(asked.filter((one) => !known.has(one)))) {
    const message = `Rules ask ${name}, which is not in checks: it counts as down.`;
    yield { path: ['policies'], severity: 'warning', message, remedy: 'add it to checks, or mend the name' };
  }
}

/** Whether other machines can reach one of these; a socket from systemd may be anywhere, so it counts as reachable. */
export function listensBeyondLoopback(list: readonly ListenAt[]): boolean {
  return list.some((at) => !isLoopbackOnly(at));
}

function isLoopbackOnly(at: ListenAt): boolean {
  return at.kind === 'address' && isLoopbackIp(at.host);
}
