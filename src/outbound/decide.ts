/** What a verdict means for a recipient: pure choice from the verdict, the mail and the clock. */
import type { ClaimedRecipient, MailInCustody, Outcome, PeerReply } from '#/model/index.ts';
import type { Verdict } from './job.ts';

export interface Times {
  /** Wall-clock ms. */
  readonly now: number;
  /** When a recipient is due again after its so-many-th attempt. */
  retryAt(attempts: number): number;
}

/**
 * The outcome of one recipient. A report that can't be delivered ends discarded: never a report of a report (RFC 5321 §4.5.5).
 * Nothing expires here: time in a hold does not count and a clock may be wrong, which only the queue knows (queue/attention.ts).
 */
export function decide(verdict: Verdict, recipient: ClaimedRecipient, mail: MailInCustody, times: Times): Outcome {
  const { delayNotified, attempts } = recipient;
  switch (verdict.kind) {
    case 'taken':
      return { kind: 'delivered', reply: verdict.reply };
    case 'refused':
      return isReport(mail) ? discarded(verdict.reply) : { kind: 'bounced', reply: verdict.reply };
    case 'later':
      return {
        kind: 'deferred',
        reply: verdict.reply,
        due: times.retryAt(attempts + 1),
        delayNotified,
        mayHaveArrived: verdict.mayHaveArrived ?? false,
      };
    case 'untried':
      return { kind: 'returned', due: verdict.soon ? times.now : times.retryAt(attempts + 1), delayNotified };
    case 'decided':
      return verdict.outcome;
  }
}

/** Whether a probe of a closed destination also counts as the claim's own attempt: only when its own time has come. */
export function isOwnAttempt(recipients: readonly ClaimedRecipient[], times: Times): boolean {
  return recipients.some(({ attempts, lastAttemptAt }) => {
    if (attempts === 0 || lastAttemptAt === null) return true;
    return times.now - lastAttemptAt >= times.retryAt(attempts) - times.now;
  });
}

function isReport(mail: MailInCustody): boolean {
  return mail.purpose === 'dsn' || mail.purpose === 'notice';
}

function discarded(reply: PeerReply): Outcome {
  const words = [reply.code === 0 ? '' : String(reply.code), reply.enhanced ?? '', reply.text];
  return { kind: 'discarded', reason: `a report could not be delivered: ${words.filter(Boolean).join(' ')}` };
}
