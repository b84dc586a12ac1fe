/** From a verdict to what custody does with one recipient. Pure. */
import type { ClaimedRecipient, DestinationKey, MailInCustody, Outcome, Verdict } from '#/model/index.ts';
import { isProven } from '#/model/index.ts';

export interface OutcomeContext {
  readonly mail: Pick<MailInCustody, 'identity'>;
  readonly recipient: Pick<ClaimedRecipient, 'delayNotified'>;
  /** Where the recipient's mail goes behind inspection. */
  readonly next: DestinationKey;
  /** Wall-clock ms. */
  readonly now: number;
  /** Wall-clock ms at which a mail that can't be judged now is inspected again. */
  readonly againAt: number;
}

/** RFC 3463 §3.8: 5.7.1, delivery not authorized. */
const REFUSED = { code: 550, enhanced: '5.7.1', host: null } as const;

/** What the verdict asks of custody. Its changes go with it, and are made when the mail leaves. */
export function outcomeOf(verdict: Verdict, context: OutcomeContext): Outcome {
  const { next: destination, now, againAt, recipient } = context;
  switch (verdict.kind) {
    case 'pass':
      return { kind: 'passed', destination, verdict };
    case 'hold': {
      const until = verdict.forMs === null ? null : now + verdict.forMs;
      return { kind: 'suspended', destination, until, atEnd: verdict.atEnd, verdict };
    }
    case 'approve': {
      const until = verdict.expireMs === null ? null : now + verdict.expireMs;
      return { kind: 'approval', destination, until, verdict };
    }
    case 'reject':
      return refused(verdict, verdict.text, context);
    case 'discard':
      return { kind: 'discarded', reason: reasonOf(verdict), verdict };
    case 'defer':
      return { kind: 'returned', due: againAt, delayNotified: recipient.delayNotified };
  }
}

// Who sent it may be invented: a report would reach somebody who has nothing to do with it (design 1, Before and after the 250).
function refused(verdict: Verdict, text: string, { mail, next: destination }: OutcomeContext): Outcome {
  if (mail.identity.kind === 'peer') return { kind: 'discarded', reason: reasonOf(verdict), verdict };
  // A forward: its owner wants it, and who wrote it is not known here. Nobody is sent a report, and nothing is thrown away unseen.
  if (!isProven(mail.identity)) return { kind: 'suspended', destination, until: null, atEnd: 'expire', verdict };
  return { kind: 'bounced', reply: { ...REFUSED, text }, verdict };
}

function reasonOf({ rule, reason }: Verdict): string {
  return [rule === null ? 'policy' : `policy: ${rule}`, reason.en].filter(Boolean).join('. ');
}
