/** From a verdict to what custody does with one recipient. Pure. */
import type { ClaimedRecipient, DestinationKey, MailInCustody, Outcome, Verdict, Wording } from '#/model/index.ts';

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
const UNMADE: Wording = {
  en: 'A rule asks for a change of this mail that this release cannot make yet, so it waits for a person.',
  ja: 'ルールが求める変更をこの版ではまだ行えないため、担当者の判断を待っています。',
};

/** What the verdict asks of custody. A mail that is to be changed first waits for a person as long as nothing makes the change. */
export function outcomeOf(verdict: Verdict, context: OutcomeContext): Outcome {
  const { next: destination, now, againAt, recipient } = context;
  switch (verdict.kind) {
    case 'pass':
      if (verdict.changes.length > 0) return unmade(verdict, destination);
      return { kind: 'passed', destination, verdict };
    case 'hold': {
      if (verdict.changes.length > 0) return unmade(verdict, destination);
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

function unmade(verdict: Verdict, destination: DestinationKey): Outcome {
  const reason = { en: `${UNMADE.en} ${verdict.reason.en}`.trim(), ja: `${UNMADE.ja}${verdict.reason.ja}` };
  return { kind: 'suspended', destination, until: null, atEnd: 'expire', verdict: { ...verdict, reason } };
}

// Who sent it may be invented: a report would reach somebody who has nothing to do with it (design 1, Before and after the 250).
function refused(verdict: Verdict, text: string, { mail }: OutcomeContext): Outcome {
  if (mail.identity.kind === 'peer') return { kind: 'discarded', reason: reasonOf(verdict), verdict };
  return { kind: 'bounced', reply: { ...REFUSED, text }, verdict };
}

function reasonOf({ rule, reason }: Verdict): string {
  return [rule === null ? 'policy' : `policy: ${rule}`, reason.en].filter(Boolean).join('. ');
}
