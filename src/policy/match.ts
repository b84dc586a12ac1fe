/** What a condition, or a whole rule, says: yes with its causes, no, or that a check was absent. Three-valued, so that a check that is down never decides what others already have. */
import type { Wording } from '#/model/index.ts';
import type { CheckId } from './asks.ts';

export type Match =
  | { readonly is: 'yes'; readonly causes: readonly Cause[] }
  | { readonly is: 'no' }
  /** `unanswered`: it hangs on a question that nobody has put to the mail. A live mail counts as if the check were down; of a past one it is not known. */
  | { readonly is: 'absent'; readonly checks: readonly CheckId[]; readonly unanswered: boolean };

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
  let away: Match = NO;
  for (const item of items) {
    const one = match(item);
    if (one.is === 'no') return NO;
    if (one.is === 'absent') away = bothAway(away, one);
    else causes.push(...one.causes);
  }
  return away.is === 'absent' ? away : { is: 'yes', causes };
}

/** One of them: one yes is yes, whoever is absent. */
export function oneOf<Item>(items: readonly Item[], match: (item: Item) => Match): Match {
  let away: Match = NO;
  for (const item of items) {
    const one = match(item);
    if (one.is === 'yes') return one;
    if (one.is === 'absent') away = bothAway(away, one);
  }
  return away;
}

/** `match`, unless an exception holds. */
export function except(match: Match, exception: Match): Match {
  if (match.is === 'no' || exception.is === 'yes') return NO;
  if (exception.is === 'no') return match;
  return bothAway(match, exception);
}

/** What is absent of the two, together. */
function bothAway(one: Match, other: Extract<Match, { is: 'absent' }>): Match {
  if (one.is !== 'absent') return other;
  const { checks, unanswered } = other;
  return { is: 'absent', checks: [...one.checks, ...checks], unanswered: one.unanswered || unanswered };
}
