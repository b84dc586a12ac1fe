/** Rows in the shapes that the ports speak of. */
import type {
  ArrivedMail,
  ArrivedRecipient,
  Claim,
  ClaimedRecipient,
  ClaimToken,
  JournalEvent,
  LiveState,
  MailInCustody,
  RecipientFacts as Reached,
} from '#/model/index.ts';
import type { Trace, TracedRecipient } from '#/ports/index.ts';
import type { Progress } from './moves.ts';
import { replyText } from './progress.ts';

/** The part of a recipient that stays as it arrived. */
export type RecipientFacts = Pick<ArrivedRecipient, 'n' | 'address' | 'original' | 'orcpt' | 'notify' | 'direction'>;

/** One recipient that was claimed for a worker. */
export interface ClaimedRow {
  readonly facts: RecipientFacts;
  readonly progress: Progress;
  readonly token: ClaimToken;
}

/** A message without its recipients and its content. */
export function withoutRecipients(mail: ArrivedMail): MailInCustody {
  const { recipients: _recipients, body: _body, ...rest } = mail;
  return rest;
}

/** One claim a message and destination, in the order in which the rows come. Content is the caller's to add. */
export function groupClaims(
  rows: readonly (ClaimedRow & { readonly mail: MailInCustody })[],
): (Omit<Claim, 'body'> & { recipients: ClaimedRecipient[] })[] {
  const claims = new Map<string, Omit<Claim, 'body'> & { recipients: ClaimedRecipient[] }>();
  for (const row of rows) {
    const { destination } = row.progress;
    const key = `${row.mail.id} ${destination}`;
    claims
      .getOrInsertComputed(key, () => ({ mail: row.mail, destination, recipients: [] }))
      .recipients.push(claimedRecipient(row));
  }
  return [...claims.values()];
}

/** One claim a message and destination again, where steps have cut them. */
export function joinClaims(claims: readonly Claim[]): Claim[] {
  const joined = new Map<string, Claim>();
  for (const claim of claims) {
    const key = `${claim.mail.id} ${claim.destination}`;
    const before = joined.get(key);
    if (before === undefined) joined.set(key, claim);
    else {
      const recipients = [...before.recipients, ...claim.recipients];
      joined.set(key, { ...before, recipients, body: before.body ?? claim.body });
    }
  }
  return [...joined.values()];
}

function claimedRecipient({ facts, progress, token }: ClaimedRow): ClaimedRecipient {
  const { attempts, lastAttemptAt, lastReply, delayNotified, possiblyDuplicate, judged, verdict } = progress;
  const state = progress.state as LiveState;
  const releaseAt = releaseOf(progress);
  const rest = { lastAttemptAt, lastReply, delayNotified, possiblyDuplicate, releaseAt, judged, verdict };
  return { ...facts, token, state, attempts, ...rest };
}

/** What inspection asks of a recipient whom it does not judge: that the mail reaches them too. */
export function reached({ n, address, original, direction }: Reached): Reached {
  return { n, address, original, direction };
}

function releaseOf({ state, due }: Progress): number | null {
  return state === 'held' || state === 'approval' ? due : null;
}

/** A message as trace and queue lists show it. */
export function traceOf(
  mail: MailInCustody,
  recipients: readonly { readonly facts: RecipientFacts; readonly progress: Progress }[],
  events: readonly JournalEvent[],
): Trace {
  return {
    id: mail.id,
    parent: mail.parent,
    tenant: mail.tenant,
    from: mail.sender,
    identity: mail.identity,
    subject: mail.facts.subject,
    messageId: mail.facts.messageId,
    size: mail.size,
    receivedAt: mail.receivedAt,
    recipients: recipients.map(({ facts, progress }) => tracedRecipient(facts, progress)),
    events,
  };
}

// A held one shows its deadline as due.
function tracedRecipient(facts: RecipientFacts, progress: Progress): TracedRecipient {
  const { n, address, original, direction } = facts;
  const { state, reason, destination, attempts, lastReply, possiblyDuplicate, verdict } = progress;
  const due = progress.endedAt === null ? (progress.due ?? verdict?.wait?.until ?? progress.attentionAt) : null;
  return {
    n,
    address,
    original,
    direction,
    state,
    reason,
    destination,
    due,
    releaseAt: releaseOf(progress),
    attempts,
    lastReply: replyText(lastReply),
    possiblyDuplicate,
    verdict,
  };
}

/** Quantiles of a list of ms, as `firstAttempts` gives them; zeros for an empty one. */
export function quantiles(waits: readonly number[]): { count: number; p50: number; p95: number; p99: number } {
  const sorted = [...waits].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
}
