/** From the installation's settings (contract) to what each engine asks for. */
import { parseDomain } from '#/codec/smtp/index.ts';
import { listensBeyondLoopback, type RouteSetting, type RuleContext, type Settings } from '#/config/index.ts';
import type { Installation } from '#/directory/index.ts';
import { type GateSettings, gateSettings } from '#/gate/index.ts';
import type { Domain, Incarnation } from '#/model/index.ts';
import { OUTBOUND_LIMITS, type OutboundSettings, type RouteSettings } from '#/outbound/index.ts';
import { JANITOR_DEFAULTS, type JanitorSettings, QUEUE_DEFAULTS, type QueueSettings } from '#/queue/index.ts';
import { hasMailboxes } from './groups.ts';

export function gateSettingsOf({ hostname, limits, trust, auth }: Settings): GateSettings {
  return gateSettings({
    hostname,
    messageBytesMax: limits.messageBytes,
    recipientsMax: limits.recipients,
    connectionsMax: limits.connections,
    reservedForSignedIn: limits.reservedForSignedIn,
    trustProxy: trust.proxy,
    trustXclient: trust.xclient,
    scram: auth.scram,
  });
}

export function outboundSettingsOf(settings: Settings): OutboundSettings {
  const { hostname, outbound, routes } = settings;
  return {
    hostname,
    outbound: outbound ? 'on' : 'off',
    mailboxes: hasMailboxes(settings),
    routes: routes.map(routeOf),
    limits: OUTBOUND_LIMITS,
  };
}

function routeOf({ domains, mx, host, port, tls, username, password, lmtp }: RouteSetting): RouteSettings {
  const credentials = username === null || password === null ? null : { username, password };
  return { domains, to: mx || host === null ? { mx: true } : { host, port, lmtp }, tls, credentials };
}

export function queueSettingsOf({ retry }: Settings): QueueSettings {
  return {
    ...QUEUE_DEFAULTS,
    retry: {
      ...QUEUE_DEFAULTS.retry,
      firstMs: retry.first,
      factor: retry.factor,
      maxMs: retry.max,
      delayNoticeMs: retry.delayNotice,
      expireMs: retry.expire,
    },
  };
}

/** What every keeper of custody asks for. */
export function custodySettingsOf({ retry, retention, secrets }: Settings, { host, release }: Incarnation) {
  return {
    secretsKeyFile: secrets.key.file,
    delayNoticeMs: retry.delayNotice,
    expireMs: retry.expire,
    heldMs: retention.held,
    host,
    release,
  };
}

export function janitorSettingsOf({ retention }: Settings): JanitorSettings {
  return { ...JANITOR_DEFAULTS, journalMs: retention.journal };
}

/** What the settings have to say about resources. */
export function ruleContextOf({ listen, cells }: Settings): RuleContext {
  return { smtpBeyondLoopback: listensBeyondLoopback(listen.smtp), cells: cellNamesOf(cells) };
}

function cellNamesOf(cells: Settings['cells']): readonly string[] | null {
  return cells === null ? null : Object.keys(cells);
}

export function installationOf({ hostname, operators, cells }: Settings): Installation {
  const domain = parseDomain(hostname) ?? ('localhost' as Domain);
  return {
    hostname: domain,
    operators: operators.map(({ address }) => address),
    cell: cellNamesOf(cells)?.[0] ?? null,
  };
}
