/**
 * The watch over the installation, kept by the steward of each host: it opens no store and stands in no mail's way. What it knows is asked for by its socket,
 * so that pages and operators are answered while whatever else is out.
 */
import { join } from 'node:path';
import type { Settings } from '#/config/index.ts';
import type { LocalMethod } from '#/net/index.ts';
import type { Clock, Log } from '#/ports/index.ts';
import { kindsOf, type MetricsPart, type Observer, Pager, statusOperations, Watcher } from '#/status/index.ts';
import type { Readiness } from '#/steward/index.ts';
import { remoteCustody, remoteIncidents, remoteStatusHistory } from '#/store/remote/index.ts';
import type { Running } from './children.ts';
import type { Bound } from './listeners.ts';
import { LocalCaller } from './local-caller.ts';
import { OPERATION, operationMethod } from './local-methods.ts';
import { pageWayOf } from './page-ways.ts';
import { CUSTODY_SOCKET, STATUS_VIEW } from './places.ts';
import { openProbe } from './probe.ts';
import { contactOf } from './settings.ts';
import { publishStatus } from './status-site.ts';

export interface StatusParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly readiness: Readiness;
  readonly metrics: Running['metrics'];
  readonly bound: readonly Bound[];
  /** Resolves when the installation has come up, or should have. */
  readonly begins: Promise<void>;
}

export interface RunningStatus extends AsyncDisposable {
  /** What the steward's socket answers. */
  readonly methods: ReadonlyMap<string, LocalMethod>;
}

/** Watches until disposed. */
export function openStatus(settings: Settings, parts: StatusParts): RunningStatus {
  const { clock, log } = parts;
  const opened = new AsyncDisposableStack();
  const caller = opened.use(new LocalCaller(join(settings.data, CUSTODY_SOCKET)));
  const { page, status, hostname, url, retention } = settings;
  const ways = { first: pageWayOf(page), second: pageWayOf(page.second) };
  const pager = opened.use(new Pager({ clock, log, ...ways, escalateMs: page.escalate }));
  const watcher = opened.use(
    new Watcher(
      {
        name: status.name ?? hostname,
        url,
        region: status.region,
        kinds: kindsHere(settings),
        keepMs: retention.journal,
        probeMs: status.probeEvery,
      },
      {
        ...{ clock, log, pager, begins: parts.begins },
        observer: observerOf(parts, caller),
        probe: status.probes ? opened.use(openProbe(settings, { ...parts, custody: caller })).probe : null,
        history: remoteStatusHistory(caller),
        incidents: remoteIncidents(caller),
      },
    ),
  );
  const contact = contactOf(settings);
  if (status.publish !== null)
    opened.use(publishStatus(status.publish, { clock, log, contact, view: () => watcher.view() }));
  const operations = statusOperations({ view: () => watcher.view(), pager });
  // Who has acknowledged stands in the event log: the audit log is in a store, which may be what is out.
  const methods = new Map<string, LocalMethod>([
    [STATUS_VIEW, async () => watcher.view()],
    [OPERATION, operationMethod(operations, async () => {})],
  ]);
  return { methods, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}

function kindsHere({ roles, listen, routes, outbound }: Settings) {
  return kindsOf({
    roles: roles.flat(),
    imap: listen.imap.length + listen.imaps.length > 0,
    pop3: listen.pop3.length + listen.pop3s.length > 0,
    sendsOut: outbound || routes.some(({ mx }) => !mx),
  });
}

/** Of a process that has told nothing for so long, nothing is known. */
const TOLD_MS = 3 * 60_000;

function observerOf({ readiness, metrics, clock }: StatusParts, caller: LocalCaller): Observer {
  const custody = remoteCustody(caller, () => {});
  const history = remoteStatusHistory(caller);
  return {
    readiness: () => readiness.reports(),
    metrics: async () => (await metrics()).map(({ labels, text }): MetricsPart => ({ process: labels.process, text })),
    depth: (call) => custody.depth(call),
    books: (call) => custody.books(call),
    upstreams: (call) => history.upstreams(clock.now() - TOLD_MS, call),
  };
}
