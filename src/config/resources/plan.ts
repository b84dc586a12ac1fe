/**
 * What an `apply` would do: the registry's resources with the file laid over them, one line per change, and the passwords that still
 * have to be hashed. Pure: the same file on the same resources plans the same, and on its own result nothing.
 */
import { hash } from 'node:crypto';
import { addressKey } from '#/model/index.ts';
import type { Fields } from './merge.ts';
import { isSame, mergeFields } from './merge.ts';
import type { PasswordResource, SecretJson } from './password.ts';
import { secretJson } from './password.ts';
import type { NamedList, ResourceFile, TenantResource } from './schema.ts';
import { NAMED_LISTS } from './schema.ts';
import type { StoredResources, StoredTenant } from './stored.ts';
import { emptyTenant } from './stored.ts';

export interface PlanOptions {
  /** Lists in which what the file does not name is removed, within the tenants that it names. */
  readonly prune: readonly NamedList[];
  /** Passwords are set anew where the file gives one, not only at creation. */
  readonly setPasswords: boolean;
}

/** A secret that is not hashed yet. */
export interface PendingSecret {
  /** Names it across attempts: `acme/users/alice@acme.test/password`. */
  readonly id: string;
  /** Who it is for, as people say it. */
  readonly owner: string;
  /** Null: to be made here and shown once. */
  readonly plain: string | null;
}

export interface Plan {
  /** In the place of each pending secret stands `{ pending: id }`. */
  readonly next: { readonly tenants: readonly Fields[] };
  /** Empty where nothing changes. */
  readonly lines: readonly string[];
  readonly pending: readonly PendingSecret[];
}

/** Lays a file over the stored resources. */
export function planResources(file: ResourceFile, stored: StoredResources, options: PlanOptions): Plan {
  const planner = new Planner(options);
  const tenants = new Map<string, Fields>(stored.tenants.map((tenant) => [tenant.id, { ...tenant }]));
  for (const given of file.tenants ?? []) {
    const old = stored.tenants.find(({ id }) => id === given.id);
    tenants.set(given.id, planner.tenant(given, old));
  }
  return { next: { tenants: [...tenants.values()] }, lines: planner.lines, pending: planner.pending };
}

const SINGULAR: Readonly<Record<NamedList, string>> = {
  domains: 'domain',
  users: 'user',
  groups: 'group',
  relays: 'relay',
  policies: 'policy',
  signatures: 'signature',
  desks: 'desk',
};

const SECRETS = ['password', 'secret', 'formerSecret'] as const;

class Planner {
  readonly lines: string[] = [];
  readonly pending: PendingSecret[] = [];
  readonly #options: PlanOptions;

  constructor(options: PlanOptions) {
    this.#options = options;
  }

  tenant(given: TenantResource, old: StoredTenant | undefined): Fields {
    const { id, ...rest } = given;
    const lists = Object.keys(NAMED_LISTS) as NamedList[];
    const scalars = Object.fromEntries(Object.entries(rest).filter(([key]) => !lists.includes(key as NamedList)));
    const base: Fields = { ...(old ?? emptyTenant(id)) };
    const merged = mergeFields(base, scalars, ['limits', 'notices']);
    if (old === undefined) this.lines.push(`+ tenant ${id}`);
    else this.#tellChanges(`tenant ${id}`, merged.changes);
    const named = lists.map(
      (list) => [list, this.#list(id, list, given[list], (old?.[list] ?? []) as readonly Fields[])] as const,
    );
    return { ...merged.fields, ...Object.fromEntries(named) };
  }

  // Those that the file names come in its order and first, since policies and signatures are ordered; the others keep theirs.
  #list(tenant: string, list: NamedList, given: readonly Fields[] | undefined, old: readonly Fields[]): Fields[] {
    if (given === undefined) return [...old];
    const keyOf = (item: Fields) => addressKey(String(item[NAMED_LISTS[list]]));
    const before = new Map(old.map((item) => [keyOf(item), item]));
    const named = new Map<string, Fields>();
    for (const item of given) {
      const key = keyOf(item);
      named.set(key, this.#item(tenant, list, item, named.get(key) ?? before.get(key)));
    }
    const others = old.filter((item) => !named.has(keyOf(item)));
    const next = [...named.values(), ...this.#pruned(tenant, list, others)];
    if (list !== 'policies' && list !== 'signatures') return inOldOrder(next, before, keyOf);
    this.#tellOrder(tenant, list, old.map(keyOf), next.map(keyOf));
    return next;
  }

  #tellOrder(tenant: string, list: NamedList, before: readonly string[], after: readonly string[]): void {
    const kept = before.filter((key) => after.includes(key));
    const now = after.filter((key) => before.includes(key));
    if (!isSame(kept, now)) this.lines.push(`~ ${tenant}: order of ${list}: ${after.join(', ')}`);
  }

  #pruned(tenant: string, list: NamedList, others: readonly Fields[]): readonly Fields[] {
    if (!this.#options.prune.includes(list)) return others;
    for (const item of others) {
      const note = list === 'users' ? ' (what is in the mailbox stays)' : '';
      this.lines.push(`- ${tenant}: ${SINGULAR[list]} ${String(item[NAMED_LISTS[list]])}${note}`);
    }
    return [];
  }

  #item(tenant: string, list: NamedList, given: Fields, old: Fields | undefined): Fields {
    const name = String(given[NAMED_LISTS[list]]);
    const label = `${tenant}: ${SINGULAR[list]} ${name}`;
    const plain = Object.fromEntries(Object.entries(given).filter(([key]) => !isSecretKey(key)));
    // Policies, signatures and desks are opaque here: the file's text replaces them whole.
    const opaque = list === 'policies' || list === 'signatures' || list === 'desks';
    const merged = mergeFields(old ?? { ...BLANK[list] }, plain, opaque ? [] : ['attributes', 'limits']);
    const fields: Record<string, unknown> = opaque ? { ...plain } : { ...merged.fields };
    const changes = opaque ? changesOfOpaque(old, plain) : [...merged.changes];
    if (!opaque) changes.push(...this.#secrets(`${tenant}/${list}/${name}`, label, given, old, fields));
    if (old === undefined) this.lines.push(`+ ${label}`);
    else this.#tellChanges(label, changes);
    return fields;
  }

  #tellChanges(label: string, changes: readonly string[]): void {
    for (const change of changes) this.lines.push(`~ ${label}: ${change}`);
  }

  #secrets(
    id: string,
    label: string,
    given: Fields,
    old: Fields | undefined,
    fields: Record<string, unknown>,
  ): string[] {
    const changes: string[] = [];
    for (const key of SECRETS) {
      const wanted = given[key] as PasswordResource | null | undefined;
      const before = old?.[key] as SecretJson | undefined;
      if (wanted === undefined || (wanted === null && before === undefined)) continue;
      if (wanted === null) {
        delete fields[key];
        changes.push(`${key} removed`);
      } else if (this.#maySet(key, wanted, before)) {
        const next = this.#secret(`${id}/${key}`, label, wanted, key !== 'password');
        fields[key] = next;
        if (before === undefined || !isSame(before, next)) changes.push(`${key} set`);
      }
    }
    return changes;
  }

  // A password belongs to its person from creation on; a connector's secret is configuration and follows the file.
  #maySet(key: (typeof SECRETS)[number], wanted: PasswordResource, before: SecretJson | undefined): boolean {
    if (before === undefined || this.#options.setPasswords) return true;
    return key !== 'password' && wanted.kind !== 'generate';
  }

  #secret(id: string, owner: string, wanted: PasswordResource, isConnector: boolean): unknown {
    if (wanted.kind === 'stored') return secretJson(wanted.secret);
    // It proves every mail, so it has a fast hash; `rules.ts` has seen that it is long enough for one.
    if (wanted.kind === 'plain' && isConnector) return { sha256: hash('sha256', wanted.plain) };
    this.pending.push({ id, owner, plain: wanted.kind === 'plain' ? wanted.plain : null });
    return { pending: id };
  }
}

const BLANK: Readonly<Record<NamedList, Fields>> = {
  domains: {},
  users: { aliases: [], roles: [], attributes: {}, disabled: false },
  groups: { members: [] },
  relays: { networks: [], wide: false, senders: [], disabled: false },
  policies: {},
  signatures: {},
  desks: {},
};

function isSecretKey(key: string): boolean {
  return (SECRETS as readonly string[]).includes(key);
}

function changesOfOpaque(old: Fields | undefined, given: Fields): string[] {
  return old === undefined || isSame(old, given) ? [] : ['changed'];
}

function inOldOrder(items: Fields[], before: ReadonlyMap<string, Fields>, keyOf: (item: Fields) => string): Fields[] {
  const order = new Map([...before.keys()].map((key, i) => [key, i]));
  const rank = (item: Fields) => order.get(keyOf(item)) ?? order.size;
  return items.sort((a, b) => rank(a) - rank(b));
}
