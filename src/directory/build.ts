/** Builds one generation: every look-up is an index made here, once. */
import { domainToAscii } from '#/codec/smtp/index.ts';
import type {
  Directory,
  Domain,
  Group,
  MailAddress,
  Relay,
  Tenant,
  TenantDomain,
  TenantId,
  User,
} from '#/model/index.ts';
import { addressKey, domainOf, localPartOf, networkTable, parseNetwork } from '#/model/index.ts';

/** What a generation is made from. */
export interface GenerationSource {
  readonly generation: number;
  /** Wall-clock ms. */
  readonly switchedAt: number;
  readonly tenants: readonly Tenant[];
  /** Found by id, and by address where no tenant has it; not listed. */
  readonly hidden: readonly Tenant[];
}

/** A whole directory. The first owner of a name counts: `apply` has refused a second one. */
export function buildDirectory({ generation, switchedAt, tenants, hidden }: GenerationSource): Directory {
  const all = [...tenants, ...hidden];
  const byId = new Map<TenantId, Tenant>();
  const domains = new Map<Domain, { tenant: Tenant; domain: TenantDomain }>();
  const users = new Map<string, { tenant: Tenant; user: User; alias: boolean }>();
  const groups = new Map<string, { tenant: Tenant; group: Group }>();
  const logins = new Map<string, { tenant: Tenant; user: User } | { tenant: Tenant; relay: Relay }>();
  for (const tenant of all) {
    byId.getOrInsert(tenant.id, tenant);
    // An unproven domain is inert (design 6).
    for (const domain of tenant.domains)
      if (domain.proven) domains.getOrInsert(domainToAscii(domain.name), { tenant, domain });
    for (const user of tenant.users) {
      users.getOrInsert(keyOf(user.address), { tenant, user, alias: false });
      logins.getOrInsert(addressKey(user.address), { tenant, user });
    }
    for (const group of tenant.groups) groups.getOrInsert(keyOf(group.address), { tenant, group });
    for (const relay of tenant.relays) {
      if (relay.username !== null) logins.getOrInsert(addressKey(relay.username), { tenant, relay });
    }
  }
  for (const tenant of all) {
    for (const user of tenant.users) {
      for (const alias of user.aliases) users.getOrInsert(keyOf(alias), { tenant, user, alias: true });
    }
  }
  const networks = networkTable(all.flatMap(networksOf));
  return {
    generation,
    switchedAt,
    stale: false,
    tenants,
    tenant: (id) => byId.get(id),
    domain: (name) => domains.get(domainToAscii(name)),
    user: (address: MailAddress) => users.get(keyOf(address)),
    group: (address: MailAddress) => groups.get(keyOf(address)),
    login: (username) => logins.get(addressKey(username)),
    relayByAddress: (ip) => networks.find(ip),
  };
}

/** In any case, and with the domain in either of its forms (RFC 5890 §2.3.2.1): peers without SMTPUTF8 know it in A-labels. */
function keyOf(address: MailAddress): string {
  return addressKey(`${localPartOf(address)}@${domainToAscii(domainOf(address))}`);
}

/** The same generation, known not to be the newest. */
export function asStale(directory: Directory): Directory {
  return { ...directory, stale: true };
}

type OwnedRelay = { readonly tenant: Tenant; readonly relay: Relay };

function networksOf(tenant: Tenant) {
  return tenant.relays.flatMap((relay) =>
    relay.networks.flatMap((text) => {
      const network = parseNetwork(text);
      return network === null ? [] : [[network, { tenant, relay } satisfies OwnedRelay] as const];
    }),
  );
}
