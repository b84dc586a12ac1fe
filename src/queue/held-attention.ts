/**
 * Held mail whose time to be looked at has come: its end, or a moment at which people are to hear that it still waits. A mail that waits before
 * several next hops is one here: people are told of it once.
 *
 * What must never happen: a reminder that ends a hold, or a hold that ends before its time; a notice without the outcome that says that it was
 * sent, in one transaction; people told by a digest of mail that custody does not know to be told of before the digest is durable.
 */
import type {
  ArrivedMail,
  Claim,
  ClaimedRecipient,
  IncarnationId,
  MailId,
  Outcome,
  Settlement,
} from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Clock, Custody, Log, PeopleNotices, Telling } from '#/ports/index.ts';
import { returned } from './settlements.ts';
import { reasonOf, type Settler } from './settler.ts';

export interface HeldAttentionParts {
  readonly custody: Pick<Custody, 'settle'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly worker: IncarnationId;
  readonly people: PeopleNotices;
  readonly settler: Settler;
  /** Deadline of one call to the store. */
  readonly callMs: number;
}

/** Mail whose people could not be told now is looked at again after this. */
const AGAIN_MS = 60_000;

/** Claims of one message as one, whatever they wait for. */
export function wholeMessages(claims: readonly Claim[]): readonly Claim[] {
  const whole = new Map<MailId, Claim>();
  for (const claim of claims) {
    const before = whole.get(claim.mail.id);
    const recipients = [...(before?.recipients ?? []), ...claim.recipients];
    whole.set(claim.mail.id, { ...(before ?? claim), recipients });
  }
  return [...whole.values()];
}

/** Whether its wait is over; of mail of which nobody is told, whatever made it due is its end. */
export function isOver({ releaseAt, verdict }: ClaimedRecipient, now: number): boolean {
  if (releaseAt !== null && releaseAt <= now) return true;
  return verdict?.wait === undefined || verdict.wait.until <= now;
}

/** The recipients of a claim that are like this, as a claim of their own; none where there are none. */
export function partOf(claim: Claim, like: (recipient: ClaimedRecipient) => boolean): readonly Claim[] {
  const recipients = claim.recipients.filter(like);
  return recipients.length === 0 ? [] : [{ ...claim, recipients }];
}

/** Tells people of mail that still waits. Never rejects. */
export async function remind(claims: readonly Claim[], parts: HeldAttentionParts): Promise<void> {
  if (claims.length === 0) return;
  const { tellings, digests } = tellingsOf(claims, parts);
  const [first, ...others] = tellings;
  if (first === undefined) return;
  const isTold = digests.length === 0 ? later(first, parts) : await settledWith(first, digests, parts);
  for (const telling of others) {
    if (isTold) later(telling, parts);
    else parts.settler.submit(returned(telling.claim, parts.clock.now() + AGAIN_MS));
  }
}

function tellingsOf(
  claims: readonly Claim[],
  { people, log, clock }: HeldAttentionParts,
): ReturnType<PeopleNotices['waiting']> {
  try {
    return people.waiting(claims);
  } catch (cause) {
    log.error('queue.notice_failed', {
      incident: true,
      message: claims[0]?.mail.id ?? '',
      kind: 'reminder',
      why: reasonOf(cause),
    });
    const due = clock.now() + AGAIN_MS;
    const again = ({ n }: ClaimedRecipient) => ({
      n,
      outcome: { kind: 'returned', due, delayNotified: false } as Outcome,
    });
    return {
      tellings: claims.map((claim) => ({ claim, outcomes: claim.recipients.map(again), born: [] })),
      digests: [],
    };
  }
}

function later(telling: Telling, { settler }: HeldAttentionParts): true {
  settler.submit(settlementOf(telling, []));
  return true;
}

/** Whether it was durable at once; where that is not known it is recorded in the background. */
async function settledWith(
  telling: Telling,
  digests: readonly ArrivedMail[],
  parts: HeldAttentionParts,
): Promise<boolean> {
  const settlement = settlementOf(telling, digests);
  try {
    const answers = await parts.custody.settle(settlement, parts.worker, within(parts.callMs));
    return answers.every((answer) => answer === 'settled');
  } catch (cause) {
    parts.log.warn('queue.settle_repeated', { message: telling.claim.mail.id, why: reasonOf(cause) });
    parts.settler.submit(settlement);
    return false;
  }
}

function settlementOf({ claim, outcomes, born }: Telling, digests: readonly ArrivedMail[]): Settlement {
  return { claim, outcomes, born: [...born, ...digests], elapsedMs: 0, peer: null };
}
