/** What must hold inside one tenant. */

import type { MailAddress } from '#/model/index.ts';
import { addressKey, domainOf } from '#/model/index.ts';
import type { Finding, Path } from '../complaint.ts';
import type { StoredGroup, StoredRelay, StoredTenant } from './stored.ts';

/** Where things of the tenant stand in the file; `rules.ts` has the real one. */
interface Places {
  tenant(id: string): Path | undefined;
  item(tenant: string, list: string, key: string): Path | undefined;
}

/** Everything about one tenant. */
export function checkTenant(tenant: StoredTenant, places: Places): Finding[] {
  return [...new TenantRules(tenant, places).all()];
}

class TenantRules {
  readonly #tenant: StoredTenant;
  readonly #places: Places;
  readonly #domains: ReadonlySet<string>;
  readonly #known: ReadonlySet<string>;

  constructor(tenant: StoredTenant, places: Places) {
    this.#tenant = tenant;
    this.#places = places;
    this.#domains = new Set(tenant.domains.map(({ name }) => name));
    const people = tenant.users.flatMap(({ address, aliases }) => [address, ...aliases]);
    const others = [...tenant.groups, ...tenant.desks].map(({ address }) => String(address));
    this.#known = new Set([...people, ...others].map(addressKey));
  }

  *all(): Generator<Finding> {
    yield* this.#contacts();
    yield* this.#ownAddresses();
    yield* this.#catchAlls();
    for (const group of this.#tenant.groups) yield* this.#members(group);
    yield* this.#circles();
    for (const relay of this.#tenant.relays) yield* this.#relay(relay);
    yield* this.#later();
  }

  *#contacts(): Generator<Finding> {
    if (this.#tenant.contacts.length > 0) return;
    const message = `${this.#tenant.id} has no contacts: nobody would hear of an incident.`;
    yield this.#warning(this.#at(), message, 'add contacts: [name@domain]');
  }

  // RFC 5321 §2.3.5: mail for a domain that is not ours would never come here.
  *#ownAddresses(): Generator<Finding> {
    for (const { address, aliases } of this.#tenant.users) {
      for (const one of [address, ...aliases]) yield* this.#mustBeOurs(one, this.#at('users', address));
    }
    for (const { name, address } of this.#tenant.groups) yield* this.#mustBeOurs(address, this.#at('groups', name));
    for (const { name, address } of this.#tenant.desks)
      yield* this.#mustBeOurs(String(address), this.#at('desks', name));
  }

  *#mustBeOurs(address: string, path: Path): Generator<Finding> {
    const domain = domainOf(address as MailAddress);
    if (this.#domains.has(domain)) return;
    const message = `${address} is in no domain of ${this.#tenant.id}.`;
    yield { path, message, remedy: `add ${domain} to domains, or change the address` };
  }

  *#catchAlls(): Generator<Finding> {
    for (const { name, catchAll } of this.#tenant.domains) {
      if (catchAll === undefined || this.#known.has(addressKey(catchAll))) continue;
      const message = `The catch-all ${catchAll} of ${name} is no user, group or desk of ${this.#tenant.id}.`;
      yield { path: this.#at('domains', name), message, remedy: 'name one of them' };
    }
  }

  *#members({ name, members }: StoredGroup): Generator<Finding> {
    for (const member of members) {
      const domain = domainOf(member as MailAddress);
      const caught = this.#tenant.domains.some((own) => own.name === domain && own.catchAll !== undefined);
      if (!this.#domains.has(domain) || caught || this.#known.has(addressKey(member))) continue;
      const message = `The member ${member} of ${name} does not exist.`;
      yield { path: this.#at('groups', name), message, remedy: 'add that user, or remove the member' };
    }
  }

  // Acceptance would notice; an administrator should notice first.
  *#circles(): Generator<Finding> {
    const groups = new Map(this.#tenant.groups.map((group) => [addressKey(group.address), group]));
    const done = new Set<string>();
    const walk = function* (key: string, way: readonly string[]): Generator<readonly string[]> {
      const start = way.indexOf(key);
      if (start !== -1) yield [...way.slice(start), key];
      if (start !== -1 || done.has(key)) return;
      for (const member of groups.get(key)?.members ?? []) {
        if (groups.has(addressKey(member))) yield* walk(addressKey(member), [...way, key]);
      }
      done.add(key);
    };
    for (const [key, { name }] of groups) {
      for (const circle of walk(key, [])) {
        const message = `The group ${name} contains itself: ${circle.join(' → ')}.`;
        yield { path: this.#at('groups', name), message, remedy: 'take one member out' };
      }
    }
  }

  *#relay(relay: StoredRelay): Generator<Finding> {
    const path = this.#at('relays', relay.name);
    for (const [message, remedy] of relayFaults(relay)) yield { path, message: `${relay.name}: ${message}`, remedy };
    if (relay.kind === 'google' && relay.networks.length === 0) {
      const message = `${relay.name} has no networks, by which Google’s servers are known: nothing can be relayed.`;
      yield this.#warning(path, message, 'add networks: those of _spf.google.com, and wide: true');
    }
    for (const sender of relay.senders) {
      const domain = sender.slice(sender.lastIndexOf('@') + 1);
      if (this.#domains.has(domain)) continue;
      const message = `${relay.name} may send as ${sender}, which is in no domain of ${this.#tenant.id}.`;
      yield this.#warning([...path, 'senders'], message, 'receivers that check SPF or DMARC may refuse it');
    }
  }

  *#later(): Generator<Finding> {
    const kept = (['signatures', 'desks'] as const).filter((list) => this.#tenant[list].length > 0);
    if (kept.length === 0) return;
    const message = `${kept.join(', ')} of ${this.#tenant.id}: kept, not yet acted on.`;
    yield this.#warning(this.#at(), message, 'they come with a later release');
  }

  #warning(path: Path, message: string, remedy: string): Finding {
    return { path, severity: 'warning', message, remedy };
  }

  #at(list?: string, key?: string): Path {
    const { id } = this.#tenant;
    return (list === undefined ? this.#places.tenant(id) : this.#places.item(id, list, key ?? '')) ?? [];
  }
}

/** Whether it stands for a cloud suite that many companies share. */
export function isCloudRelay({ kind }: StoredRelay): boolean {
  return kind === 'microsoft365' || kind === 'google';
}

// How a relay is known: by signing in, by its network, or by its cloud's secret; without one of them it can never send (M1).
function* relayFaults(relay: StoredRelay): Generator<readonly [string, string]> {
  const isCloud = isCloudRelay(relay);
  if (relay.username !== undefined && relay.password === undefined) {
    yield ['has a username without a password.', 'add password, or password: { generate: true }'];
  }
  if (relay.password !== undefined && relay.username === undefined) {
    yield ['has a password without a username.', 'add username'];
  }
  if (isCloud && relay.secret === undefined) {
    yield ['a cloud is known by its secret alone.', 'add secret: { env: NAME } or { generate: true }'];
  }
  if (!isCloud && (relay.formerSecret !== undefined || relay.returnTo !== undefined)) {
    yield ['is no cloud.', 'take formerSecret and returnTo away, or write kind: microsoft365 or google'];
  }
  if (relay.kind === 'microsoft365' && relay.cloudTenant === undefined) {
    yield ['lacks its cloudTenant.', 'add cloudTenant: the directory ID of your Microsoft 365'];
  }
  if (!isCloud && relay.username === undefined && relay.networks.length === 0) {
    yield ['nothing tells us when it connects.', 'add username and password, or networks'];
  }
}
