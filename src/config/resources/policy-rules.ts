/** What is allowed in a tenant's policies and still likely a mistake. */
import { suggestion } from '#/codec/forms/index.ts';
import { addressKey } from '#/model/index.ts';
import { OWN_CHECKS, readRules, reviewRules } from '#/policy/index.ts';
import type { Finding, Path } from '../complaint.ts';
import type { RuleContext } from './rules.ts';
import type { StoredTenant } from './stored.ts';

/** Where a policy stands in the file; the tenant where the file does not name it. */
interface Places {
  item(tenant: string, list: string, key: string): Path | undefined;
}

/** Warnings about the rules that the tenant will have. */
export function checkPolicies(tenant: StoredTenant, places: Places, inspects: RuleContext['inspects']): Finding[] {
  return [...uninspected(tenant, places, inspects), ...reviewed(tenant, places)];
}

// H1: mail that rules concern never goes around them, so without a worker it waits for ever.
function* uninspected(
  { id, policies }: StoredTenant,
  places: Places,
  inspects: RuleContext['inspects'],
): Generator<Finding> {
  const [first] = policies;
  if (first === undefined || inspects === 'here') return;
  const path = places.item(id, 'policies', first.name) ?? [];
  const where =
    inspects === 'nowhere' ? 'no process has the role inspect' : 'no process of this host has the role inspect';
  const message = `${id} has rules, and ${where}: mail that they concern waits.`;
  const unless = inspects === 'nowhere' ? '' : ', unless another host has it';
  yield { path, severity: 'warning', message, remedy: `add inspect to roles in holdfast.yaml${unless}` };
}

/** What is said of a check that nobody has says nothing. */
export function* unknownChecks(
  { id, checks = {} }: StoredTenant,
  hooks: readonly string[],
  path: Path,
): Generator<Finding> {
  const known = [...OWN_CHECKS, ...hooks];
  for (const name of Object.keys(checks).filter((one) => !known.includes(one))) {
    const message = `checks of ${id} says something of ${name}, which is no check here.`;
    yield { path: [...path, 'checks', name], severity: 'warning', message, remedy: suggestion(name, known) };
  }
}

function reviewed(tenant: StoredTenant, places: Places): Finding[] {
  const { id, policies, groups, relays, domains } = tenant;
  if (policies.length === 0) return [];
  const context = {
    groups: new Set(groups.map(({ name }) => addressKey(name))),
    relays: new Set(relays.map(({ name }) => addressKey(name))),
    domains: new Set(domains.map(({ name }) => name.toLowerCase())),
  };
  return reviewRules(readRules(policies), context).map(({ entry, message, remedy }) => {
    const path = places.item(id, 'policies', policies[entry]?.name ?? '') ?? [];
    return { path, severity: 'warning', message, remedy };
  });
}
