/** What decisions ask of the directory: one generation of one tenant, indexed. */
import type { MailAddress, Tenant, User } from '#/model/index.ts';
import { addressKey, domainOf } from '#/model/index.ts';
import { domainKey } from './domain-key.ts';

export interface PolicyDirectory {
  /** Whether a domain is the tenant's own, in either of its forms. */
  isOwn(domain: string): boolean;
  /** Member of the group of this name, also by a group inside it; the group's own address counts. */
  isMember(group: string, address: string): boolean;
  hasRole(role: string, address: string): boolean;
  /** The same text for all addresses of one person: aliases are no other people. */
  personOf(address: string): string;
  /** The address in the attribute `manager`; null where there is none, or no address. */
  managerOf(address: string): MailAddress | null;
  readonly admins: readonly MailAddress[];
  readonly ownDomains: readonly string[];
}

/** The look-ups of one tenant. */
export function policyDirectory(tenant: Pick<Tenant, 'domains' | 'users' | 'groups'>): PolicyDirectory {
  const users = new Map<string, User>();
  for (const user of tenant.users) {
    for (const address of [user.address, ...user.aliases]) users.set(addressKey(address), user);
  }
  const own = new Set(tenant.domains.map(({ name }) => domainKey(name)));
  const members = membersByGroup(tenant, users);
  const active = tenant.users.filter(({ disabled }) => !disabled);
  return {
    isOwn: (domain) => own.has(domainKey(domain)),
    isMember: (group, address) => members.get(addressKey(group))?.has(keyOf(users, address)) ?? false,
    hasRole: (role, address) => users.get(addressKey(address))?.roles.includes(role) ?? false,
    personOf: (address) => keyOf(users, address),
    managerOf: (address) => managerOf(users.get(addressKey(address))),
    admins: active.filter(({ roles }) => roles.includes('admin')).map(({ address }) => address),
    ownDomains: [...own],
  };
}

// Somebody's aliases are that person.
function keyOf(users: ReadonlyMap<string, User>, address: string): string {
  const key = addressKey(address);
  return addressKey(users.get(key)?.address ?? key);
}

function managerOf(user: User | undefined): MailAddress | null {
  const manager = user?.attributes.manager?.trim() ?? '';
  // Sources write other things into it (an LDAP name, a badge number): those are nobody we could ask.
  return /^[^\s@<>,]+@[^\s@<>,]+$/.test(manager) ? (manager as MailAddress) : null;
}

function membersByGroup(
  { groups }: Pick<Tenant, 'groups'>,
  users: ReadonlyMap<string, User>,
): ReadonlyMap<string, ReadonlySet<string>> {
  const byAddress = new Map(groups.map((group) => [addressKey(group.address), group]));
  const all = new Map<string, ReadonlySet<string>>();
  for (const group of groups) {
    const found = new Set<string>();
    const open: string[] = [group.address];
    for (let address = open.pop(); address !== undefined; address = open.pop()) {
      const key = keyOf(users, address);
      // A group that holds itself ends here.
      if (found.has(key)) continue;
      found.add(key);
      open.push(...(byAddress.get(addressKey(address))?.members ?? []));
    }
    all.set(addressKey(group.name), found);
  }
  return all;
}

/** Whether an address is the tenant's. */
export function isOwnAddress(directory: PolicyDirectory, address: string): boolean {
  return directory.isOwn(domainOf(address as MailAddress));
}
