/**
 * Reports come with the outcomes that they tell of, or not at all (design 1). One report tells of several recipients of a claim; where one of
 * them was lost to somebody else, the whole report is, and so are the outcomes that it would have told of: their next attempt, or the
 * next look at their time, makes one of its own. What was delivered stays delivered.
 *
 * What the rules of one recipient make of a mail (a forward, an answer) depends on nobody else: it comes with that recipient's outcome.
 */
import type { BornMail, Outcome, RecipientNumber, Settled } from '#/model/index.ts';

/** Whether people may be told of this outcome: as a failure, a delay, an act of somebody else, or as mail that waits for them. */
export function isTold(outcome: Outcome): boolean {
  if (outcome.kind === 'bounced' || outcome.kind === 'expired' || outcome.kind === 'acted') return true;
  if (outcome.kind === 'returned' && outcome.delayNotified) return true;
  return 'told' in outcome && outcome.told !== undefined && outcome.told.who !== '';
}

/**
 * What is recorded for an outcome whose report can't be sent: nobody was told, and it is looked at again, at once. What waits for people goes on
 * waiting as it was: its time is not over.
 */
export function untold(outcome: Outcome, now: number): Outcome {
  if (!isTold(outcome)) return outcome;
  const waitsOn =
    outcome.kind === 'acted' || (outcome.kind === 'bounced' && outcome.by !== undefined) || isReminder(outcome);
  return waitsOn ? { kind: 'untouched' } : { kind: 'returned', due: now, delayNotified: false };
}

function isReminder(outcome: Outcome): boolean {
  return outcome.kind === 'returned' && outcome.told !== undefined;
}

type Born = Pick<BornMail, 'bornOf'>;

/** Whether a report is among these: only then one recipient's loss touches the others. */
export function hasReport(born: readonly Born[]): boolean {
  return born.some(({ bornOf }) => bornOf === undefined);
}

/** Which of these come to be: reports with anything that settled, where they are `whole`; the others with their own recipient. */
export function bornWith<Mail extends Born>(
  born: readonly Mail[],
  outcomes: readonly { readonly n: RecipientNumber }[],
  answers: readonly Settled[],
  whole: boolean,
): readonly Mail[] {
  if (born.length === 0) return born;
  const settled = new Set(outcomes.filter((_, i) => answers[i] === 'settled').map(({ n }) => n));
  return born.filter(({ bornOf }) => (bornOf === undefined ? whole && settled.size > 0 : settled.has(bornOf)));
}
