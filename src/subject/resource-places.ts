/** Resources that name a person, who changed what, and the small counters of identities. */
import type { Registry } from '#/ports/index.ts';
import { LINES_MAX } from './limits.ts';
import { timeOf } from './mail-places.ts';
import type { Person } from './person.ts';
import type { Place } from './place.ts';

type RegistryPart = Pick<Registry, 'load' | 'changes' | 'policySteps' | 'loadUsage'>;

export function resourcePlaces(registry: RegistryPart): readonly Place[] {
  return [resources(registry), steps(registry), usage(registry), changes(registry)];
}

function resources(registry: RegistryPart): Place {
  return {
    name: 'account',
    about:
      'Their account with its attributes, and every group, rule, contact and other entry of the resources that names them.',
    isShared: false,
    async page(person, _after, call) {
      const { resources: found } = await registry.load(call);
      const { tenants = [] } = (found ?? {}) as { readonly tenants?: readonly Readonly<Record<string, unknown>>[] };
      const own = tenants.filter(({ id }) => person.tenant === null || id === person.tenant);
      return { records: own.flatMap((tenant) => entriesOf(tenant, person)), next: null };
    },
  };
}

function entriesOf(tenant: Readonly<Record<string, unknown>>, person: Person): object[] {
  return Object.entries(tenant).flatMap(([kind, value]) => {
    const entries: readonly unknown[] = Array.isArray(value) ? value : [value];
    return entries
      .filter((entry) => person.mention.isWithin(entry))
      .map((entry) => ({ tenant: tenant.id, kind, entry: kind === 'users' ? withoutSecrets(entry) : named(entry) }));
  });
}

/** Hashes of passwords are no business of a file that is handed out. */
function withoutSecrets(entry: unknown): unknown {
  const { password: _password, ...shown } = entry as Readonly<Record<string, unknown>>;
  return shown;
}

/** Of an entry that names others too, what it is; its text is the tenant's. */
function named(entry: unknown): unknown {
  if (typeof entry !== 'object' || entry === null) return entry;
  const { name, address } = entry as { readonly name?: unknown; readonly address?: unknown };
  return { ...(name === undefined ? {} : { name }), ...(address === undefined ? {} : { address }) };
}

function steps(registry: RegistryPart): Place {
  return {
    name: 'rule-changes',
    about: 'Changes of the tenant’s rules that they made, or in which a rule named them.',
    isShared: false,
    async page({ tenant: own, mention }, _after, call) {
      const found = await registry.policySteps(own, LINES_MAX, call);
      const records = found
        .filter((step) => mention.isWithin(step))
        .map(({ tenant, version, at, by }) => ({ tenant, version, at: timeOf(at), by: mention.isIn(by) ? by : null }));
      return { records, next: null, isCut: found.length === LINES_MAX };
    },
  };
}

function usage(registry: RegistryPart): Place {
  return {
    name: 'usage',
    about: 'How much they sent on the last day on which they did, and when they were last seen.',
    isShared: false,
    async page({ tenant: own, mention }, _after, call) {
      const rows = await registry.loadUsage(call);
      const records = rows
        .filter(
          ({ tenant, identity }) => (own === null || tenant === own) && mention.isIn(identity.replace('user:', '')),
        )
        .map(({ lastSeen, lastErrorAt, ...row }) => {
          return { ...row, lastSeen: timeOf(lastSeen), lastErrorAt: timeOf(lastErrorAt) };
        });
      return { records, next: null };
    },
  };
}

function changes(registry: RegistryPart): Place {
  return {
    name: 'resource-changes',
    about: 'Changes of resources that they made, or whose lines name them.',
    isShared: true,
    async page({ mention }, _after, call) {
      const found = await registry.changes(LINES_MAX, call);
      const records = found
        .filter(({ by, lines }) => mention.isIn(by) || mention.isWithin(lines))
        .map(({ version, at, by, lines }) => {
          const isTheirs = mention.isIn(by);
          const shown = isTheirs ? lines : lines.filter((line) => mention.isIn(line));
          return { version, at: timeOf(at), by, lines: shown };
        });
      return { records, next: null, isCut: found.length === LINES_MAX };
    },
  };
}
