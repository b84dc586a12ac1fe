/** Whether one rule's conditions leave nothing that another one's would not also take: sure answers only, "no" where it can't be told. */
import { canonical } from './canonical.ts';
import type { Condition, Range, Rule, Selector } from './rule.ts';

const LEAVES: ReadonlySet<Condition['kind']> = new Set(['ask', 'any', 'unread', 'senders', 'recipients']);

/** Whether every recipient that `narrow` holds for is one that `wide` holds for. */
export function isCoveredBy(narrow: Rule, wide: Rule): boolean {
  // A rule that lets mail go does so only where it could read all of it, and leaves the rest to the next ones.
  const leavesSome = wide.action.decision.kind === 'pass' && wide.when.some(({ kind }) => LEAVES.has(kind));
  if (leavesSome || wide.unless.length > 0) return false;
  return wide.when.every((condition) => narrow.when.some((one) => implies(one, condition)));
}

function implies(one: Condition, other: Condition): boolean {
  if (canonical(one) === canonical(other)) return true;
  // A condition that implies one alternative implies all of them together.
  if (other.kind === 'any') return other.of.some((list) => list.every((condition) => implies(one, condition)));
  if (one.kind === 'direction' && other.kind === 'direction')
    return one.of.every((direction) => other.of.includes(direction));
  if (one.kind === 'recipients' && other.kind === 'recipients') return areAmong(one.of, other.of);
  if (one.kind === 'senders' && other.kind === 'senders') return areAmong(one.of, other.of);
  if (one.kind === 'count' && other.kind === 'count') return one.of === other.of && isInside(one.range, other.range);
  if (one.kind === 'size' && other.kind === 'size') return isInside(one.range, other.range);
  if (one.kind === 'unread' && other.kind === 'unread') return one.why.every((why) => other.why.includes(why));
  if (one.kind === 'ask' && other.kind === 'ask')
    return one.ask.key === other.ask.key && isInside(one.range, other.range);
  return false;
}

function areAmong(few: readonly Selector[], many: readonly Selector[]): boolean {
  const known = new Set(many.map(canonical));
  return few.every((one) => known.has(canonical(one)) || isInDomain(one, many));
}

function isInDomain(one: Selector, many: readonly Selector[]): boolean {
  if (one.kind !== 'address') return false;
  const domain = one.address.slice(one.address.lastIndexOf('@') + 1);
  return many.some((other) => other.kind === 'domain' && !other.below && other.domain === domain);
}

function isInside(narrow: Range, wide: Range): boolean {
  const low = wide.min === null || (narrow.min !== null && narrow.min >= wide.min);
  const high = wide.max === null || (narrow.max !== null && narrow.max <= wide.max);
  return low && high;
}
