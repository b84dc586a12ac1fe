/** What a condition, or a whole rule, says: yes with its causes, no, or that a check was absent. Three-valued, so that a check that is down never decides what others already have. */
import type { Wording } from '#/model/index.ts';
import type { CheckId } from './asks.ts';

export type Match =
  | { readonly is: 'yes'; readonly causes: readonly Cause[] }
  | { readonly is: 'no' }
  | { readonly is: 'absent'; readonly checks: readonly CheckId[] };

export interface Cause {
  readonly text: Wording;
  /** Says only what kind of mail it is; told where nothing better is. */
  readonly weak?: boolean;
}

export const NO: Match = { is: 'no' };

/** Yes, for one cause. */
export function yes(en: string, ja: string, weak = false): Match {
  return { is: 'yes', causes: [{ text: { en, ja }, weak }] };
}

/** All of them: one no is no, whoever is absent. */
export function allOf<Item>(items: readonly Item[], match: (item: Item) => Match): Match {
  const causes: Cause[] = [];
  const checks: CheckId[] = [];
  for (const item of items) {
    const one = match(item);
    if (one.is === 'no') return NO;
    if (one.is === 'absent') checks.push(...one.checks);
    else causes.push(...one.causes);
  }
  return checks.length > 0 ? { is: 'absent', checks } : { is: 'yes', causes };
}

/** One of them: one yes is yes, whoever is absent. */
export function oneOf<Item>(items: readonly Item[], match: (item: Item) => Match): Match {
  const checks: CheckId[] = [];
  for (const item of items) {
    const one = match(item);
    if (one.is === 'yes') return one;
    if (one.is === 'absent') checks.push(...one.checks);
  }
  return checks.length > 0 ? { is: 'absent', checks } : NO;
}

/** `match`, unless an exception holds. */
export function except(match: Match, exception: Match): Match {
  if (match.is === 'no' || exception.is === 'yes') return NO;
  if (exception.is === 'no') return match;
  return { is: 'absent', checks: [...(match.is === 'absent' ? match.checks : []), ...exception.checks] };
}
