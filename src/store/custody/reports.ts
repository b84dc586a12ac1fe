/**
 * Reports come with the outcomes that they tell of, or not at all (design 1). One report tells of several recipients of a claim; where one of
 * them was lost to somebody else, the whole report is, and so are the outcomes that it would have told of: their next attempt, or the
 * next look at their time, makes one of its own. What was delivered stays delivered.
 *
 * What comes of one recipient (a forward, an answer, the same mail at another tenant's door) depends on nobody else: it comes with that
 * recipient's outcome.
 */
import type { ArrivedRecipient, BornMail, Outcome, RecipientNumber, Settled } from '#/model/index.ts';

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

type Born = Pick<BornMail, 'bornOf'> & { readonly recipients: readonly ArrivedRecipient[] };

/** Whether a report is among these: only then one recipient's loss touches the others. */
export function hasReport(born: readonly Born[]): boolean {
  return born.some(({ bornOf }) => bornOf === undefined);
}

/** Those that are not born yet of their parent, by the names of all that were; and these names with theirs. */
export function bornOnce<Mail extends Pick<BornMail, 'once'>>(
  born: readonly Mail[],
  before: ReadonlySet<string>,
): { readonly born: readonly Mail[]; readonly names: ReadonlySet<string> } {
  const names = new Set(before);
  const fresh = born.filter(({ once }) => {
    if (once === undefined) return true;
    const isNew = !names.has(once);
    names.add(once);
    return isNew;
  });
  return { born: fresh, names };
}

/** Whether any of these may have been born before. */
export function hasOnce(born: readonly Pick<BornMail, 'once'>[]): boolean {
  return born.some(({ once }) => once !== undefined);
}

/** Which of these come to be, and for whom: reports with anything that settled, where they are `whole`; the others with their own recipients. */
export function bornWith<Mail extends Born>(
  born: readonly Mail[],
  outcomes: readonly { readonly n: RecipientNumber }[],
  answers: readonly Settled[],
  whole: boolean,
): readonly Mail[] {
  if (born.length === 0) return born;
  const settled = new Set(outcomes.filter((_, i) => answers[i] === 'settled').map(({ n }) => n));
  return born.flatMap((mail) => {
    const { bornOf } = mail;
    if (bornOf === undefined) return whole && settled.size > 0 ? [mail] : [];
    if (typeof bornOf === 'number') return settled.has(bornOf) ? [mail] : [];
    const recipients = mail.recipients.filter((_, i) => settled.has(bornOf[i] ?? 0));
    return recipients.length === 0 ? [] : [{ ...mail, recipients }];
  });
}
