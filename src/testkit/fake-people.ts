/** A directory, sign-in and limits made from a few lines, for tests of the doors. */
import {
  addressKey,
  type Directory,
  type Domain,
  type Group,
  type MailAddress,
  NOTICE_DEFAULTS,
  networkTable,
  type PeerAddress,
  parseNetwork,
  type Relay,
  type RelayKind,
  type StoredSecret,
  type Tenant,
  type TenantId,
  type User,
} from '#/model/index.ts';
import type { DirectorySource, Principal, ScramKeys, SignIn, SignInAnswer, Usage } from '#/ports/index.ts';

const UNLIMITED = { per10m: 'unlimited', perDay: 'unlimited' } as const;

export interface TenantSketch {
  readonly id: string;
  readonly domains: readonly string[];
  readonly catchAll?: Readonly<Record<string, string>>;
  readonly contacts?: readonly string[];
  /** Address, then its aliases. */
  readonly users?: readonly (readonly string[])[];
  readonly admins?: readonly string[];
  /** Octets that each user may keep. */
  readonly quotaBytes?: number;
  readonly groups?: Readonly<Record<string, readonly string[]>>;
  readonly relays?: readonly RelaySketch[];
  readonly policies?: Tenant['policies'];
  readonly approvalByLink?: boolean;
  readonly cell?: string;
}

export interface RelaySketch {
  readonly name: string;
  readonly kind?: RelayKind;
  readonly networks?: readonly string[];
  readonly senders?: readonly string[];
  readonly connectorSecret?: StoredSecret;
  readonly formerSecret?: StoredSecret;
  readonly returnsTo?: string;
}

/** A tenant from a sketch. */
export function tenantOf(sketch: TenantSketch): Tenant {
  return {
    id: sketch.id as TenantId,
    name: sketch.id,
    language: 'en',
    timezone: 'UTC',
    contacts: (sketch.contacts ?? []) as readonly MailAddress[],
    domains: sketch.domains.map((name) => ({
      name: name as Domain,
      catchAll: (sketch.catchAll?.[name] ?? null) as MailAddress | null,
      proven: true,
    })),
    users: (sketch.users ?? []).map(([address = '', ...aliases]) => userOf(address, aliases, sketch)),
    groups: Object.entries(sketch.groups ?? {}).map(
      ([address, members]): Group => ({
        name: address,
        address: address as MailAddress,
        members: members as readonly MailAddress[],
      }),
    ),
    relays: (sketch.relays ?? []).map(relayOf),
    policies: sketch.policies ?? [],
    limits: UNLIMITED,
    notices: NOTICE_DEFAULTS,
    resend: false,
    approvalByLink: sketch.approvalByLink ?? false,
    downloadBytes: null,
    cell: sketch.cell ?? null,
  };
}

function userOf(address: string, aliases: readonly string[], sketch: TenantSketch): User {
  return {
    address: address as MailAddress,
    aliases: aliases as readonly MailAddress[],
    secret: null,
    roles: sketch.admins?.includes(address) === true ? ['admin'] : [],
    attributes: {},
    limits: UNLIMITED,
    quotaBytes: sketch.quotaBytes ?? null,
    imapOff: new Set(),
    disabled: false,
  };
}

function relayOf(sketch: RelaySketch): Relay {
  return {
    name: sketch.name,
    kind: sketch.kind ?? 'server',
    username: sketch.name,
    secret: null,
    networks: sketch.networks ?? [],
    cloudTenant: null,
    connectorSecret: sketch.connectorSecret ?? null,
    formerSecret: sketch.formerSecret ?? null,
    returnsTo: (sketch.returnsTo ?? null) as Domain | null,
    senders: sketch.senders ?? [],
    limits: UNLIMITED,
    disabled: false,
  };
}

/** One generation of a directory. */
export function directoryOf(tenants: readonly Tenant[], options: { readonly stale?: boolean } = {}): Directory {
  const users = new Map<string, { readonly tenant: Tenant; readonly user: User; readonly alias: boolean }>();
  const groups = new Map<string, { readonly tenant: Tenant; readonly group: Group }>();
  for (const tenant of tenants) {
    for (const user of tenant.users) {
      users.set(addressKey(user.address), { tenant, user, alias: false });
      for (const alias of user.aliases) users.set(addressKey(alias), { tenant, user, alias: true });
    }
    for (const group of tenant.groups) groups.set(addressKey(group.address), { tenant, group });
  }
  const relays = tenants.flatMap((tenant) => tenant.relays.map((relay) => ({ tenant, relay })));
  const networks = networkTable(
    relays.flatMap((found) => found.relay.networks.map((text) => [networkOf(text), found] as const)),
  );
  return {
    generation: 1,
    switchedAt: 0,
    stale: options.stale ?? false,
    tenants,
    tenant: (id) => tenants.find((tenant) => tenant.id === id),
    domain: (name) => {
      const tenant = tenants.find((one) => one.domains.some((domain) => domain.name === name));
      const domain = tenant?.domains.find((one) => one.name === name);
      return tenant === undefined || domain === undefined ? undefined : { tenant, domain };
    },
    user: (address) => users.get(addressKey(address)),
    group: (address) => groups.get(addressKey(address)),
    login: (name) => users.get(addressKey(name)) ?? relays.find(({ relay }) => relay.username === name),
    relayByAddress: (ip) => networks.find(ip),
  };
}

function networkOf(text: string): NonNullable<ReturnType<typeof parseNetwork>> {
  const network = parseNetwork(text);
  if (network === null) throw new Error(`${text} is no network`);
  return network;
}

/** A directory that a test switches. */
export class FakeDirectorySource implements DirectorySource {
  #current: Directory;

  constructor(tenants: readonly Tenant[]) {
    this.#current = directoryOf(tenants);
  }

  current(): Directory {
    return this.#current;
  }

  switchTo(directory: Directory): void {
    this.#current = directory;
  }
}

/** Knows passwords by name, and relays by network. */
export class FakeSignIn implements SignIn {
  readonly passwords = new Map<string, string>();
  readonly scramSecrets = new Map<string, ScramKeys>();
  readonly attempts: string[] = [];
  later = false;
  readonly #directory: DirectorySource;

  constructor(directory: DirectorySource) {
    this.#directory = directory;
  }

  async password(username: string, password: string): Promise<SignInAnswer> {
    this.attempts.push(username);
    if (this.later) return { kind: 'later' };
    return this.#answer(username, this.passwords.get(addressKey(username)) === password);
  }

  scramKeys(username: string): ScramKeys | null {
    return this.scramSecrets.get(username) ?? null;
  }

  scramDone(username: string, proven: boolean): SignInAnswer {
    this.attempts.push(username);
    return this.#answer(username, proven);
  }

  network(peer: PeerAddress): Principal | null {
    const found = this.#directory.current().relayByAddress(peer.address);
    return found === undefined ? null : relayPrincipal(found.tenant, found.relay);
  }

  #answer(username: string, proven: boolean): SignInAnswer {
    const found = this.#directory.current().login(username);
    if (!proven || found === undefined) return { kind: 'refused' };
    if ('relay' in found) return { kind: 'proven', principal: relayPrincipal(found.tenant, found.relay) };
    const { tenant, user } = found;
    return {
      kind: 'proven',
      principal: { identity: { kind: 'user', tenant: tenant.id, name: user.address }, tenant, user, relay: null },
    };
  }
}

function relayPrincipal(tenant: Tenant, relay: Relay): Principal {
  return { identity: { kind: 'relay', tenant: tenant.id, name: relay.name }, tenant, user: null, relay };
}

/** Senders by pattern; a limit as a test sets it; what administrators would see. */
export class FakeUsage implements Usage {
  readonly last = new Map<string, string | null>();
  taken = 0;
  /** Recipients that may still be taken. */
  left = Number.POSITIVE_INFINITY;
  over: 'over per10m' | 'over perDay' = 'over per10m';

  maySend(principal: Principal, sender: MailAddress | null): boolean {
    if (sender === null) return principal.relay !== null && principal.relay.kind !== 'device';
    const allowed = principal.relay?.senders ?? [principal.user?.address ?? '', ...(principal.user?.aliases ?? [])];
    const domain = sender.slice(sender.lastIndexOf('@') + 1);
    return allowed.some((one) => addressKey(one) === addressKey(sender) || one === `*@${domain}`);
  }

  take(_principal: Principal, recipients: number): 'ok' | 'over per10m' | 'over perDay' {
    if (recipients > this.left) return this.over;
    this.left -= recipients;
    this.taken += recipients;
    return 'ok';
  }

  giveBack(_principal: Principal, recipients: number): void {
    this.left += recipients;
    this.taken -= recipients;
  }

  seen(principal: Principal, error: string | null): void {
    this.last.set(principal.identity.name, error);
  }

  failed(principal: Principal, error: string): void {
    this.last.set(principal.identity.name, error);
  }
}
