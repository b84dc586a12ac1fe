/** From the installation's settings (contract) to what each engine asks for. */
import type { MailService, MailServices } from '#/announce/index.ts';
import { parseDomain } from '#/codec/smtp/index.ts';
import {
  listensBeyondLoopback,
  type Role,
  type RouteSetting,
  type RuleContext,
  type Settings,
} from '#/config/index.ts';
import type { Installation } from '#/directory/index.ts';
import { type GateSettings, gateSettings } from '#/gate/index.ts';
import type { Domain, Incarnation } from '#/model/index.ts';
import { OUTBOUND_LIMITS, type OutboundSettings, type RouteSettings } from '#/outbound/index.ts';
import { JANITOR_DEFAULTS, type JanitorSettings, QUEUE_DEFAULTS, type QueueSettings } from '#/queue/index.ts';
import { storesOf } from './cells/cell-settings.ts';
import { hasMailboxes, isShared } from './groups.ts';

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
  const { hostname, outbound, routes, pools } = settings;
  return {
    hostname,
    outbound: outbound ? 'on' : 'off',
    mailboxes: hasMailboxes(settings),
    routes: routes.map(routeOf),
    pools: Object.fromEntries(
      Object.entries(pools).map(([name, all]) => [
        name,
        all.map((one) => ({ address: one.address, hostname: one.hostname ?? hostname })),
      ]),
    ),
    limits: OUTBOUND_LIMITS,
  };
}

function routeOf({ domains, mx, host, port, tls, username, password, lmtp, pool }: RouteSetting): RouteSettings {
  const credentials = username === null || password === null ? null : { username, password };
  return {
    domains,
    to: mx || host === null ? { mx: true } : { host, port, lmtp },
    tls,
    credentials,
    ...(pool === null ? {} : { pool }),
  };
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
export function ruleContextOf(settings: Settings): RuleContext {
  const { listen, cells } = settings;
  return {
    smtpBeyondLoopback: listensBeyondLoopback(listen.smtp),
    cells: cellNamesOf(cells),
    inspects: inspectsOf(settings),
    hooks: settings.checks.map(({ name }) => name),
  };
}

/** Other hosts write a shared store, and each may have the role. */
function inspectsOf(settings: Settings): RuleContext['inspects'] {
  if (settings.roles.flat().includes('inspect')) return 'here';
  return storesOf(settings).some(isShared) ? 'unknown' : 'nowhere';
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

/** Whom the status pages say to ask. */
export function contactOf({ status, hostname }: Pick<Settings, 'status' | 'hostname'>): string {
  return status.contact ?? `postmaster@${hostname}`;
}

type Told = Exclude<keyof Settings['clients'], 'host'>;

/** RFC 8314 §3: TLS from the start comes first. */
const CLIENT_SERVICES: readonly (Omit<MailService, 'port'> & { readonly name: Told })[] = [
  { name: 'imaps', protocol: 'imap', security: 'tls' },
  { name: 'imap', protocol: 'imap', security: 'starttls' },
  { name: 'pop3s', protocol: 'pop3', security: 'tls' },
  { name: 'pop3', protocol: 'pop3', security: 'starttls' },
  { name: 'submissions', protocol: 'submission', security: 'tls' },
  { name: 'submission', protocol: 'submission', security: 'starttls' },
];
const ROLE_OF: Readonly<Record<Told, Role>> = {
  imaps: 'mail',
  imap: 'mail',
  pop3s: 'mail',
  pop3: 'mail',
  submissions: 'gate',
  submission: 'gate',
  https: 'web',
};
/** Of a socket that systemd gives, the port is not ours to know. */
const USUAL_PORT: Readonly<Record<Told, number>> = {
  imaps: 993,
  imap: 143,
  pop3s: 995,
  pop3: 110,
  submissions: 465,
  submission: 587,
  https: 443,
};

/** What the outside is told: what this host serves, or what the settings say that clients find elsewhere. */
export function mailServicesOf(settings: Settings): MailServices {
  const { hostname, clients, roles, listen } = settings;
  const takesMail = roles.flat().includes('gate') && listen.smtp.length > 0;
  const offered = CLIENT_SERVICES.flatMap(({ name, protocol, security }): MailService[] => {
    const port = toldPort(settings, name);
    return port === null ? [] : [{ protocol, security, port }];
  });
  return {
    host: clients.host ?? hostname,
    mx: takesMail ? hostname : null,
    httpsPort: toldPort(settings, 'https'),
    offered,
  };
}

function toldPort({ clients, listen, roles }: Settings, name: Told): number | null {
  const said = clients[name];
  if (said !== null) return said === 0 ? null : said;
  const [first] = listen[name];
  if (first === undefined || !roles.flat().includes(ROLE_OF[name])) return null;
  return first.kind === 'address' ? first.port : USUAL_PORT[name];
}
