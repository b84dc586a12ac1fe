/** From read rules to what decides: one ordered list, its questions, its version. */
import { hash } from 'node:crypto';
import type { Direction, PolicyVersion } from '#/model/index.ts';
import type { Ask, CheckId } from './asks.ts';
import { canonical } from './canonical.ts';
import type { AbsencePolicy, Condition, Rule } from './rule.ts';

/** What decides about the mail of one tenant. Made once for a generation of its rules. */
export interface RuleSet {
  readonly version: PolicyVersion;
  /** The installation's first, then the tenant's own. */
  readonly rules: readonly Rule[];
  /** Every question once. */
  readonly asks: readonly Ask[];
  readonly absences: AbsencePolicies;
  /** Directions that any rule is for: mail of no other needs inspection. */
  readonly directions: ReadonlySet<Direction>;
}

/** What a check's absence does to mail that a rule asks it about; `hold` for those not named (design 2). */
export type AbsencePolicies = Readonly<Partial<Record<CheckId, AbsencePolicy>>>;

export interface RulesOfOwners {
  readonly installation: readonly Rule[];
  readonly tenant: readonly Rule[];
  readonly absences?: AbsencePolicies;
}

/** Puts the rules of both owners together. */
export function compileRules({ installation, tenant, absences = {} }: RulesOfOwners): RuleSet {
  const rules = [...installation, ...tenant];
  return {
    version: versionOf(rules, absences),
    rules,
    asks: asksOf(rules),
    absences,
    directions: new Set(rules.flatMap(({ when }) => directionsOf(when))),
  };
}

/** A hash of what the rules mean: the order of rules and every value in them, no order of keys, and no way of writing. */
function versionOf(rules: readonly Rule[], absences: AbsencePolicies): PolicyVersion {
  return hash('sha256', canonical({ rules, absences })).slice(0, 16) as PolicyVersion;
}

/** Every question of these rules, once. */
export function asksOf(rules: readonly Rule[]): Ask[] {
  const asks = new Map<string, Ask>();
  for (const { when, unless } of rules) {
    for (const condition of [...when, ...unless.flat()].flatMap(leavesOf)) {
      if (condition.kind === 'ask') asks.set(condition.ask.key, condition.ask);
    }
  }
  return [...asks.values()];
}

function leavesOf(condition: Condition): readonly Condition[] {
  return condition.kind === 'any' ? condition.of.flat() : [condition];
}

const ALL_DIRECTIONS: readonly Direction[] = ['outbound', 'internal', 'inbound'];

/** Directions that conditions leave open. */
export function directionsOf(when: readonly Condition[]): readonly Direction[] {
  return when
    .filter((condition) => condition.kind === 'direction')
    .reduce<readonly Direction[]>((left, { of }) => left.filter((one) => of.includes(one)), ALL_DIRECTIONS);
}
