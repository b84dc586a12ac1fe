/** How much of a time a component was up, by the formula that status pages share. */
import type { ComponentDay } from '#/model/index.ts';

/** A partial outage counts for so much of a major one; being slow does not count. */
const PARTIAL = 0.3;

/** 1 − (major + 0.3 × partial) / total, from 0 to 1, over minutes that were watched; null where none was. */
export function uptimeOf(days: readonly Pick<ComponentDay, 'minutes'>[]): number | null {
  let [total, lost] = [0, 0];
  for (const { minutes } of days) {
    for (const count of Object.values(minutes)) total += count;
    lost += (minutes.major_outage ?? 0) + PARTIAL * (minutes.partial_outage ?? 0);
  }
  return total === 0 ? null : 1 - lost / total;
}

/** Of a group: the mean of its children that were watched; null where none was. */
export function groupUptime(children: readonly (number | null)[]): number | null {
  const known = children.filter((one) => one !== null);
  return known.length === 0 ? null : known.reduce((sum, one) => sum + one, 0) / known.length;
}
