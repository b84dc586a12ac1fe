/**
 * Reports come with the outcomes that they tell of, or not at all (design 1). One report tells of several recipients of a claim; where one of
 * them was lost to somebody else, the whole report is, and so are the outcomes that it would have told of: their next attempt, or the
 * next look at their time, makes one of its own. What was delivered stays delivered.
 */
import type { Outcome } from '#/model/index.ts';

/** Whether a sender may be told of this outcome as a failure or a delay. */
export function isTold(outcome: Outcome): boolean {
  return (
    outcome.kind === 'bounced' || outcome.kind === 'expired' || (outcome.kind === 'returned' && outcome.delayNotified)
  );
}

/** What is recorded for an outcome whose report can't be sent: given back, due at `now`, nobody told. */
export function untold(outcome: Outcome, now: number): Outcome {
  return isTold(outcome) ? { kind: 'returned', due: now, delayNotified: false } : outcome;
}
