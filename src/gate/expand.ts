/**
 * Who really gets a mail: aliases, groups and catch-alls of our domains, resolved in one place and before acceptance, so that
 * policy later sees the true recipients (design 1, Doors). Pure over one generation of the directory (C5).
 *
 * What must never happen: relaying for somebody unknown to a domain that isn't ours; a circle of groups that runs for ever; an
 * unknown mailbox refused for good while the directory is stale; mail relayed to where an address of ours leads that we did not write.
 */
import {
  addressKey,
  type Direction,
  type Directory,
  domainOf,
  localPartOf,
  type MailAddress,
  SYSTEM_TENANT,
  type Tenant,
  type TenantId,
  withoutDetail,
} from '#/model/index.ts';

/** A final recipient: where the mail goes, whose mail it is, and which way. */
export interface Reached {
  readonly address: MailAddress;
  readonly tenant: TenantId;
  readonly direction: Direction;
}

export type Expansion =
  | { readonly kind: 'reached'; readonly recipients: readonly Reached[] }
  /** No such mailbox in a domain of ours. */
  | { readonly kind: 'unknown' }
  /** Not there now, but the directory is out of date. */
  | { readonly kind: 'stale' }
  /** Not our domain, and nobody that we know asks. */
  | { readonly kind: 'foreign' }
  /** More final recipients than one transaction may have. */
  | { readonly kind: 'too many' };

/** Whose mail it is when somebody known sends; null for a stranger, whose mail belongs to the recipient's tenant. */
export type Owner = TenantId | null;

/** Whom an address stands for that we gave to mail which we forwarded (ports/return-paths.ts); `forged` is nobody's. */
export type Returning = (address: MailAddress) => MailAddress | 'forged' | null;

const noReturn: Returning = () => null;

/** Resolves one forward-path to at most `recipientsMax` final recipients, without duplicates. */
export function expand(
  address: MailAddress,
  owner: Owner,
  directory: Directory,
  recipientsMax: number,
  returning: Returning = noReturn,
): Expansion {
  const home = directory.domain(domainOf(address));
  if (home === undefined) return owner === null ? { kind: 'foreign' } : reached([outward(address, owner)]);
  const walk = new Walk(home.tenant.id, directory, recipientsMax, returning);
  if (!walk.follow(address)) return { kind: directory.stale ? 'stale' : 'unknown' };
  if (walk.overflown) return { kind: 'too many' };
  return reached(walk.found.map((found) => placed(found, home.tenant.id, owner, directory)));
}

/** `<Postmaster>` without a domain: a person of the installation, never refused (RFC 5321 §4.5.1). */
export function expandPostmaster(hostname: string, owner: Owner, directory: Directory): Expansion {
  const contacts = directory.tenant(SYSTEM_TENANT)?.contacts ?? [];
  const own = `postmaster@${hostname.toLowerCase()}` as MailAddress;
  const people = contacts.length > 0 ? contacts : [own];
  if (owner !== null) return reached(people.map((address) => outward(address, owner)));
  return reached(people.map((address) => ({ address, tenant: SYSTEM_TENANT, direction: 'inbound' as const })));
}

function reached(recipients: readonly Reached[]): Expansion {
  return { kind: 'reached', recipients };
}

function outward(address: MailAddress, tenant: TenantId): Reached {
  return { address, tenant, direction: 'outbound' };
}

/**
 * Mail of somebody known belongs to their tenant, whoever its recipients are; a stranger's to `home`, whose name was asked for. Outside
 * that tenant it is outbound, be it through the tenant's group or alias (contract, `direction`), or to another tenant of ours: no
 * delivery behind us knows that tenant's names, so they are followed here as for a stranger.
 */
function placed(address: MailAddress, home: TenantId, owner: Owner, directory: Directory): Reached {
  const tenant = owner ?? home;
  if (directory.domain(domainOf(address))?.tenant.id !== tenant) return outward(address, tenant);
  return { address, tenant, direction: owner === null ? 'inbound' : 'internal' };
}

/** Follows names of our domains from one tenant's on; each name once, so that circles end. */
class Walk {
  readonly found: MailAddress[] = [];
  overflown = false;
  readonly #tenant: TenantId;
  readonly #directory: Directory;
  readonly #recipientsMax: number;
  readonly #returning: Returning;
  readonly #seen = new Set<string>();

  constructor(tenant: TenantId, directory: Directory, recipientsMax: number, returning: Returning) {
    this.#tenant = tenant;
    this.#directory = directory;
    this.#recipientsMax = recipientsMax;
    this.#returning = returning;
  }

  /** Whether the name leads to somebody. */
  follow(address: MailAddress): boolean {
    const waiting = [address];
    for (const next of waiting) {
      const key = addressKey(next);
      if (this.#seen.has(key)) continue;
      this.#seen.add(key);
      waiting.push(...this.#step(next));
      if (this.#seen.size > this.#recipientsMax) this.overflown = true;
      if (this.overflown) return true;
    }
    return this.found.length > 0;
  }

  /** Takes a final recipient down, or says which names stand for this one. */
  #step(address: MailAddress): readonly MailAddress[] {
    const home = this.#directory.domain(domainOf(address));
    if (home === undefined) return this.#arrive(address);
    const user = this.#directory.user(address);
    if (user !== undefined) return user.alias ? [user.user.address] : this.#arrive(user.user.address);
    const group = this.#directory.group(address);
    if (group !== undefined) return group.group.members;
    const sender = this.#returning(address);
    if (sender !== null) return sender === 'forged' ? [] : [sender];
    // RFC 5233 §1: a detail is for the owner of the address to sort by.
    const base = withoutDetail(address);
    if (base !== address && isNamed(base, this.#directory)) return [base];
    if (home.domain.catchAll !== null) return [home.domain.catchAll];
    if (localPartOf(address).toLowerCase() === 'postmaster') return postmastersOf(home.tenant);
    // A tenant's own list names nobody; what it says of another tenant's people is for that tenant's side to refuse.
    return home.tenant.id === this.#tenant ? [] : this.#arrive(address);
  }

  #arrive(address: MailAddress): readonly MailAddress[] {
    this.found.push(address);
    this.#seen.add(addressKey(address));
    return [];
  }
}

function isNamed(address: MailAddress, directory: Directory): boolean {
  return directory.user(address) !== undefined || directory.group(address) !== undefined;
}

/** RFC 5321 §4.5.1: every domain has a postmaster. Without one of that name: the tenant's contacts, else its administrators. */
function postmastersOf({ contacts, users }: Tenant): readonly MailAddress[] {
  return contacts.length > 0
    ? contacts
    : users.filter(({ roles }) => roles.includes('admin')).map(({ address }) => address);
}
