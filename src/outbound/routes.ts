/**
 * Where a recipient's mail goes next. Compiled once from the configuration; an answer is a look-up in a bounded table that lives
 * as long as a generation of the directory.
 *
 * Local domains go by the LMTP route that matches, or by an SMTP route that names them without a `*` (a gateway in front of an
 * existing server); else into mailboxes, or they are held where there are none. A `*` route never takes local mail out of the house.
 */
import { domainToAscii, parseDomain } from '#/codec/smtp/index.ts';
import type { DestinationKey, Domain, Identity, MailAddress, Purpose, TenantId } from '#/model/index.ts';
import {
  cloudDestination,
  cloudHostOf,
  domainOf,
  INSPECT_DESTINATION,
  isPinned,
  LOCAL_DESTINATION,
  mxDestination,
  NEIGHBOUR_DESTINATION,
  PROBE_MAILBOX,
  PROBE_SINK,
  routeDestination,
  TRY_DESTINATION,
} from '#/model/index.ts';
import type { DirectorySource, NewRecipient, NextHop, PolicyScope, Routing } from '#/ports/index.ts';
import { NO_POLICY } from '#/ports/index.ts';
import type { OutboundSettings } from './settings.ts';

/** `none` never asks for TLS, `opportunistic` takes it where offered, `require` sends only to a host whose certificate proves its name. */
export type TlsPolicy = 'none' | 'opportunistic' | 'require';

/** One entry of `routes` in the configuration; first match wins. */
export interface RouteSettings {
  /** Names or globs; `*` stands for any characters. */
  readonly domains: readonly string[];
  /** The MX hosts of the domain, or a host of one's own. */
  readonly to: { readonly mx: true } | { readonly host: string; readonly port: number; readonly lmtp: boolean };
  readonly tls: TlsPolicy;
  readonly credentials: Credentials | null;
  /** The addresses of ours that its mail leaves from; absent: those of the default pool, where there is one. */
  readonly pool?: string;
}

/** How we sign in to a smarthost. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** What to connect to for a destination. */
export type Hop =
  | { readonly kind: 'mx'; readonly domain: Domain; readonly tls: TlsPolicy; readonly pool: string | null }
  | {
      readonly kind: 'route';
      readonly host: string;
      readonly port: number;
      readonly lmtp: boolean;
      readonly tls: TlsPolicy;
      readonly credentials: Credentials | null;
      readonly pool: string | null;
    }
  /** The host of a tenant's cloud, which the tenant named: TLS whose certificate proves it, and no address that isn't public. */
  | { readonly kind: 'cloud'; readonly host: Domain; readonly tls: 'require' }
  | { readonly kind: 'sink' }
  /** The door of another tenant of ours. */
  | { readonly kind: 'neighbour' }
  /** Mailboxes of ours. */
  | { readonly kind: 'mailboxes' }
  /** Nowhere: local mail without a route. */
  | { readonly kind: 'nowhere' };

interface CompiledRoute {
  readonly settings: RouteSettings;
  readonly glob: RegExp;
  /** Domains that it names without a `*`. */
  readonly exact: ReadonlySet<string>;
}

/** Where mail for a domain goes, and whose it is where that is a tenant of ours. */
interface Plan {
  readonly hop: NextHop;
  readonly home: TenantId | null;
}

/** Domains remembered; beyond it the table is begun anew, which costs one look-up each. */
const plansMax = 20_000;

const toTheSink: NextHop = { destination: TRY_DESTINATION, held: null };
const intoMailboxes: NextHop = { destination: LOCAL_DESTINATION, held: null };
const noLocalDelivery: NextHop = { destination: LOCAL_DESTINATION, held: 'no local delivery' };
const toNeighbour: NextHop = { destination: NEIGHBOUR_DESTINATION, held: null };
const beforeInspection: NextHop = { destination: INSPECT_DESTINATION, held: null };

/** The routing port, and what a destination's key stands for. */
export class Routes implements Routing {
  readonly #outbound: 'on' | 'off';
  readonly #mailboxes: boolean;
  readonly #routes: readonly CompiledRoute[];
  readonly #directory: DirectorySource;
  readonly #policy: PolicyScope;
  readonly #plans = new Map<Domain, Plan>();
  #generation = -1;

  constructor(
    settings: Pick<OutboundSettings, 'outbound' | 'mailboxes' | 'routes'>,
    directory: DirectorySource,
    policy: PolicyScope = NO_POLICY,
  ) {
    this.#outbound = settings.outbound;
    this.#mailboxes = settings.mailboxes;
    this.#routes = settings.routes.map(compile);
    this.#directory = directory;
    this.#policy = policy;
  }

  /** The destination of an address now, and whether its mail has to be held instead of sent. */
  plan(address: MailAddress, purpose: Purpose, from: TenantId | null, by?: Identity): NextHop {
    if (purpose === 'probe') return address === PROBE_MAILBOX && this.#mailboxes ? intoMailboxes : toTheSink;
    const back = purpose === 'mail' && by?.kind === 'relay' ? this.#backTo(by) : null;
    if (back !== null) return back;
    const domain = domainOf(address);
    const { generation } = this.#directory.current();
    if (generation !== this.#generation || this.#plans.size >= plansMax) this.#plans.clear();
    this.#generation = generation;
    const { hop, home } = this.#plans.getOrInsertComputed(domain, () => this.#find(domain));
    return home !== null && from !== null && purpose === 'mail' && this.#crosses(from, home) ? toNeighbour : hop;
  }

  /** Where mail of a cloud's connector goes back to; null where it goes on as all mail does. Who is whose recipient, the cloud knows. */
  #backTo({ tenant, name }: Identity): NextHop | null {
    if (tenant === null) return null;
    const relay = this.#directory
      .current()
      .tenant(tenant)
      ?.relays.find((one) => one.name === name);
    const host = relay?.returnsTo ?? null;
    if (host === null) return null;
    return { destination: cloudDestination(host), held: this.#outbound === 'on' ? null : 'outbound off' };
  }

  /** Whether mail from one tenant to another meets rules there. Between cells it goes as it is: no settlement is of two stores. */
  #crosses(from: TenantId, home: TenantId): boolean {
    if (from === home || !this.#policy.concerns(home, 'inbound')) return false;
    const directory = this.#directory.current();
    return directory.tenant(from)?.cell === directory.tenant(home)?.cell;
  }

  /** Where a new recipient begins. Notices and reports are never inspected (design 1, Doors), and of probes those that test it. */
  enter({ address, direction }: NewRecipient, tenant: TenantId, purpose: Purpose, by?: Identity): NextHop {
    const mayBe = purpose === 'mail' || (purpose === 'probe' && address === PROBE_SINK);
    if (mayBe && this.#policy.concerns(tenant, direction)) return beforeInspection;
    return this.plan(address, purpose, tenant, by);
  }

  /** What to connect to. A key that the configuration does not know (an operator's reroute) is taken by its letters. */
  hop(key: DestinationKey): Hop {
    const destination = isPinned(key) ? (key.slice(0, -1) as DestinationKey) : key;
    if (destination === TRY_DESTINATION) return { kind: 'sink' };
    if (destination === NEIGHBOUR_DESTINATION) return { kind: 'neighbour' };
    if (destination === LOCAL_DESTINATION && this.#mailboxes) return { kind: 'mailboxes' };
    if (destination.startsWith('mx:')) return this.#mxHop(destination.slice(3) as Domain);
    const cloud = cloudHostOf(destination);
    if (cloud !== null) return { kind: 'cloud', host: cloud, tls: 'require' };
    const [, host, port, lmtp] = /^route:(.+):(\d+)(:lmtp)?$/.exec(destination) ?? [];
    if (host === undefined) return { kind: 'nowhere' };
    const route = this.#routes.find(({ settings }) => keyOf(settings, null) === destination)?.settings;
    const tls = route?.tls ?? 'opportunistic';
    const credentials = route?.credentials ?? null;
    return {
      kind: 'route',
      host: host.replace(/^\[|\]$/g, ''),
      port: Number(port),
      lmtp: lmtp !== undefined,
      tls,
      credentials,
      pool: route?.pool ?? null,
    };
  }

  #find(domain: Domain): Plan {
    const home = this.#directory.current().domain(domain)?.tenant.id ?? null;
    return { home, hop: this.#hopTo(domain, home !== null) };
  }

  #hopTo(domain: Domain, local: boolean): NextHop {
    const name = domainToAscii(domain).toLowerCase();
    const route = this.#routes.find((candidate) => covers(candidate, name, local))?.settings;
    if (route !== undefined) return { destination: keyOf(route, domain), held: null };
    if (local) return this.#mailboxes ? intoMailboxes : noLocalDelivery;
    return { destination: mxDestination(domain), held: this.#outbound === 'on' ? null : 'outbound off' };
  }

  #mxHop(domain: Domain): Hop {
    const name = domainToAscii(domain).toLowerCase();
    const route = this.#routes.find((candidate) => 'mx' in candidate.settings.to && covers(candidate, name, false));
    return { kind: 'mx', domain, tls: route?.settings.tls ?? 'opportunistic', pool: route?.settings.pool ?? null };
  }
}

function covers(route: CompiledRoute, name: string, local: boolean): boolean {
  if (!local) return route.glob.test(name);
  if ('mx' in route.settings.to) return false;
  return route.settings.to.lmtp ? route.glob.test(name) : route.exact.has(name);
}

function keyOf({ to }: RouteSettings, domain: Domain | null): DestinationKey {
  if ('mx' in to) return mxDestination(domain ?? ('' as Domain));
  return routeDestination(to.host, to.port, to.lmtp);
}

function compile(settings: RouteSettings): CompiledRoute {
  const names = settings.domains.map(normal);
  const patterns = names.map((name) =>
    name
      .split('*')
      .map((part) => RegExp.escape(part))
      .join('.*'),
  );
  const exact = new Set(names.filter((name) => !name.includes('*')));
  return { settings, glob: new RegExp(`^(?:${patterns.join('|')})$`, 's'), exact };
}

function normal(name: string): string {
  const lower = name.toLowerCase();
  const domain = lower.includes('*') ? null : parseDomain(lower);
  return domain === null ? lower : domainToAscii(domain);
}
