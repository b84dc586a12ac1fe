/**
 * What must hold between the resources of an installation, beyond their form. A clash with another tenant is refused without a word
 * about whom (design 6). Only tenants of the file at hand are complained about.
 */

import type { Network } from '#/model/index.ts';
import { addressKey, formatIp, formatNetwork, networkTable, parseNetwork } from '#/model/index.ts';
import type { Finding, Path } from '../complaint.ts';
import { touchesLoopback } from '../loopback.ts';
import { checkCell } from './cell-rules.ts';
import type { Fields } from './merge.ts';
import { fitsHeader, looksGenerated, type PasswordResource, UNMADE } from './password.ts';
import { checkPolicies, unknownChecks } from './policy-rules.ts';
import type { NamedList, ResourceFile } from './schema.ts';
import { NAMED_LISTS } from './schema.ts';
import { checkSignatures } from './signature-rules.ts';
import type { StoredRelay, StoredResources, StoredTenant } from './stored.ts';
import { checkTenant, isCloudRelay } from './tenant-rules.ts';

/** What the settings have to say about resources. */
export interface RuleContext {
  /** Then a loopback relay network would make every local proxy an open relay. */
  readonly smtpBeyondLoopback: boolean;
  /** Names of the cells, the first one being that of tenants that name none; null where there is one store. */
  readonly cells: readonly string[] | null;
  /** Where mail is inspected, as far as these settings tell: on this host; by other hosts of the same store, or by nobody; by nobody. */
  readonly inspects: 'here' | 'unknown' | 'nowhere';
  /** Servers beside ours that the settings name. */
  readonly hooks: readonly string[];
}

/** Everything that is wrong, or worth a word, about the tenants that `file` names and that are `before` until it is applied. */
export function checkResources(
  file: ResourceFile,
  next: StoredResources,
  before: StoredResources,
  context: RuleContext,
): Finding[] {
  const where = new Whereabouts(file);
  const tenantBefore = new Map(before.tenants.map((tenant) => [tenant.id, tenant]));
  const named = next.tenants.filter(({ id }) => where.tenant(id) !== undefined);
  return [
    ...bypasses(file),
    ...twice(file),
    ...secretsOf(file),
    ...sharedSecrets(next, where),
    ...clashes(next, where),
    ...networkRules(next, context, where),
    ...named.flatMap((tenant) => checkTenant(tenant, where)),
    ...named.flatMap((tenant) => checkPolicies(tenant, where, context.inspects)),
    ...named.flatMap((tenant) => [...checkSignatures(tenant, where)]),
    ...named.flatMap((tenant) => [...unknownChecks(tenant, context.hooks, where.tenant(tenant.id) ?? [])]),
    ...named.flatMap((tenant) => [
      ...checkCell(tenant, tenantBefore.get(tenant.id), context.cells, where.tenant(tenant.id) ?? []),
    ]),
  ];
}

/** M8: it has a person, a reason and an end, none of which a file can vouch for. */
function* bypasses({ tenants = [] }: ResourceFile): Generator<Finding> {
  for (const [i, { bypass }] of tenants.entries()) {
    if (bypass === undefined) continue;
    const remedy = 'take it out, and use "holdfast bypass set"';
    yield { path: ['tenants', i, 'bypass'], message: 'A file declares no bypass of inspection.', remedy };
  }
}

/** Finds the place in the file where a thing of a tenant is declared. */
export class Whereabouts {
  readonly #tenants = new Map<string, Path>();
  readonly #items = new Map<string, Path>();

  constructor(file: ResourceFile) {
    for (const [i, tenant] of (file.tenants ?? []).entries()) {
      const at = ['tenants', i];
      this.#tenants.set(tenant.id, at);
      for (const list of ['domains', 'users', 'groups', 'relays', 'policies', 'signatures', 'desks'] as const) {
        for (const [j, item] of (tenant[list] ?? []).entries()) {
          const key = addressKey(
            String('address' in item && list === 'users' ? item.address : 'name' in item ? item.name : ''),
          );
          this.#items.set(`${tenant.id}/${list}/${key}`, [...at, list, j]);
        }
      }
    }
  }

  /** Undefined where the file does not name the tenant. */
  tenant(id: string): Path | undefined {
    return this.#tenants.get(id);
  }

  /** The item, or the tenant where the file does not name the item; undefined where it names neither. */
  item(tenant: string, list: string, key: string): Path | undefined {
    return this.#items.get(`${tenant}/${list}/${addressKey(key)}`) ?? this.#tenants.get(tenant);
  }

  /** Whether the file itself declares the item. */
  declares(tenant: string, list: string, key: string): boolean {
    return this.#items.has(`${tenant}/${list}/${addressKey(key)}`);
  }
}

// A second entry would quietly be laid over the first.
function* twice(file: ResourceFile): Generator<Finding> {
  const tenants = file.tenants ?? [];
  yield* twiceIn(tenants, ({ id }) => id, ['tenants']);
  for (const [i, tenant] of tenants.entries()) {
    for (const [list, key] of Object.entries(NAMED_LISTS) as [NamedList, string][]) {
      const items: readonly Fields[] = tenant[list] ?? [];
      yield* twiceIn(items, (item) => String(item[key]), ['tenants', i, list]);
    }
  }
}

function* twiceIn<T>(items: readonly T[], nameOf: (item: T) => string, path: Path): Generator<Finding> {
  const seen = new Set<string>();
  for (const [i, item] of items.entries()) {
    const name = nameOf(item);
    const message = `${name} is there twice in ${String(path.at(-1))}.`;
    if (seen.has(addressKey(name))) yield { path: [...path, i], message, remedy: 'put both parts together' };
    seen.add(addressKey(name));
  }
}

// What stands in X-Holdfast-Connector is compared at every mail, so it has a fast hash, which only a long secret can bear.
function* secretsOf(file: ResourceFile): Generator<Finding> {
  for (const [i, tenant] of (file.tenants ?? []).entries()) {
    for (const [j, relay] of (tenant.relays ?? []).entries()) {
      for (const key of ['secret', 'formerSecret'] as const) {
        const found = faultOfSecret(relay[key] ?? null);
        if (found !== null) yield { path: ['tenants', i, 'relays', j, key], message: found[0], remedy: found[1] };
      }
      if (relay.formerSecret?.kind !== 'generate') continue;
      const [message, remedy] = ['A former secret is one that was in use.', 'write { sha256: … } as export shows it'];
      yield { path: ['tenants', i, 'relays', j, 'formerSecret'], message, remedy };
    }
  }
}

function faultOfSecret(secret: PasswordResource | null): readonly [string, string] | null {
  if (secret === null) return null;
  if (secret.kind === 'stored' && secret.secret.kind !== 'sha256') {
    return ['The secret of a cloud connector is kept as SHA-256 alone.', 'write the secret itself, or { sha256: … }'];
  }
  if (secret.kind !== 'plain') return null;
  if (!fitsHeader(secret.plain)) {
    return [
      'The secret of a cloud connector stands in a header.',
      'use 22 to 200 ASCII characters, no blank at its ends',
    ];
  }
  const remedy = 'use at least 22 random characters, or secret: { generate: true }';
  return looksGenerated(secret.plain) ? null : ['The secret of a cloud connector is too short to be safe.', remedy];
}

// The secret alone says whose mail it is: two relays with one secret would be one.
function* sharedSecrets(next: StoredResources, where: Whereabouts): Generator<Finding> {
  const seen = new Set<string>();
  for (const { id, relays } of next.tenants) {
    for (const relay of relays) {
      for (const key of ['secret', 'formerSecret'] as const) {
        const secret = relay[key];
        if (secret === undefined || !('sha256' in secret) || secret.sha256 === UNMADE.sha256) continue;
        const path = where.item(id, 'relays', relay.name);
        if (seen.has(secret.sha256) && path !== undefined) {
          const message = `The ${key === 'secret' ? 'secret' : 'former secret'} of ${relay.name} is taken in this installation.`;
          yield { path: [...path, key], message, remedy: 'give each connector a secret of its own' };
        }
        seen.add(secret.sha256);
      }
    }
  }
}

interface Claimed {
  readonly tenant: string;
  readonly list: 'domains' | 'users' | 'groups' | 'relays' | 'desks';
  readonly item: string;
  readonly field: string;
  readonly name: string;
}

// One space for all names that sign in or receive mail, and one for domains.
function clashes(next: StoredResources, where: Whereabouts): Finding[] {
  const owners = new Map<string, Claimed>();
  const findings: Finding[] = [];
  for (const claim of next.tenants.flatMap((tenant) => [...namesOf(tenant)])) {
    const key = `${claim.list === 'domains'}/${addressKey(claim.name)}`;
    const other = owners.get(key);
    if (other === undefined) owners.set(key, claim);
    else findings.push(...clash(claim, other, where));
  }
  return findings;
}

function clash(later: Claimed, earlier: Claimed, where: Whereabouts): Finding[] {
  // The one that the file at hand declares is the one to mend.
  const [claim, other] = where.declares(later.tenant, later.list, later.item) ? [later, earlier] : [earlier, later];
  const path = where.item(claim.tenant, claim.list, claim.item);
  if (path === undefined) return [];
  const what = claim.list === 'domains' ? 'The domain' : 'The name';
  const owner =
    claim.tenant === other.tenant ? `already ${other.field} of ${other.item}` : 'taken in this installation';
  const remedy = claim.tenant === other.tenant ? 'remove one of the two' : 'choose another';
  return [{ path, message: `${what} ${claim.name} is ${owner}.`, remedy }];
}

function* namesOf(tenant: StoredTenant): Generator<Claimed> {
  const { id } = tenant;
  for (const { name } of tenant.domains) yield { tenant: id, list: 'domains', item: name, field: 'a domain', name };
  for (const { address, aliases } of tenant.users) {
    yield { tenant: id, list: 'users', item: address, field: 'the address', name: address };
    for (const name of aliases) yield { tenant: id, list: 'users', item: address, field: 'an alias', name };
  }
  for (const { name: item, address } of tenant.groups) {
    yield { tenant: id, list: 'groups', item, field: 'the address', name: address };
  }
  for (const { name: item, username } of tenant.relays) {
    if (username !== undefined) yield { tenant: id, list: 'relays', item, field: 'the username', name: username };
  }
  for (const { name: item, address } of tenant.desks) {
    yield { tenant: id, list: 'desks', item, field: 'the address', name: String(address) };
  }
}

interface OwnedNetwork {
  readonly tenant: string;
  readonly relay: StoredRelay;
  readonly network: Network;
}

const WIDEST = { 4: 24, 6: 64 } as const;

function* networkRules(next: StoredResources, context: RuleContext, where: Whereabouts): Generator<Finding> {
  const all = next.tenants.flatMap(({ id, relays }) => relays.flatMap((relay) => [...networksOf(id, relay)]));
  const table = networkTable(all.map((owned) => [owned.network, owned]));
  for (const owned of all) {
    const path = where.item(owned.tenant, 'relays', owned.relay.name);
    if (path !== undefined) yield* aloneRules(owned, context, [...path, 'networks']);
    // Of two that overlap the wider one holds the first address of the narrower.
    for (const other of table.findAll(formatIp(owned.network))) {
      if (other !== owned && other.network.prefix <= owned.network.prefix) yield* overlapRules(owned, other, where);
    }
  }
}

function* networksOf(tenant: string, relay: StoredRelay): Generator<OwnedNetwork> {
  for (const text of relay.networks) {
    const network = parseNetwork(text);
    if (network !== null) yield { tenant, relay, network };
  }
}

function* aloneRules({ relay, network }: OwnedNetwork, context: RuleContext, path: Path): Generator<Finding> {
  const text = formatNetwork(network);
  if (network.prefix < WIDEST[network.family] && !relay.wide) {
    const message = `${text} is wider than /${WIDEST[network.family]}: everybody in it could send as ${relay.name}.`;
    yield { path, message, remedy: 'narrow it, or add wide: true' };
  }
  if (context.smtpBeyondLoopback && touchesLoopback(network)) {
    const message = `${text} is this machine, and listen.smtp is open to others: a local proxy would open the relay to all.`;
    yield { path, message, remedy: 'give the relay a username and password, or keep listen.smtp on loopback' };
  }
}

function* overlapRules(narrow: OwnedNetwork, wide: OwnedNetwork, where: Whereabouts): Generator<Finding> {
  const isDeclared = ({ tenant, relay }: OwnedNetwork) => where.declares(tenant, 'relays', relay.name);
  // All tenants of a shared cloud have its networks; whose mail it is, the secret says (design 6).
  if (isCloudRelay(narrow.relay) && isCloudRelay(wide.relay)) return;
  const [owned, other] = isDeclared(narrow) || !isDeclared(wide) ? [narrow, wide] : [wide, narrow];
  const at = where.item(owned.tenant, 'relays', owned.relay.name);
  if (at === undefined) return;
  const path = [...at, 'networks'];
  const text = formatNetwork(owned.network);
  if (owned.tenant !== other.tenant) {
    yield { path, message: `${text} is taken in this installation.`, remedy: 'let the relay sign in instead' };
  } else if (owned.network.prefix === other.network.prefix) {
    // A narrower network inside a wider one is fine: the narrowest counts.
    yield { path, message: `${text} is a network of two relays.`, remedy: 'remove one of the two' };
  }
}
