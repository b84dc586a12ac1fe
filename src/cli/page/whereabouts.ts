/** Where a recipient's mail is: read from its state and its events, before anything is put into words. */
import { type HeldReason, isLive, type RecipientState } from '#/model/index.ts';
import type { TracedMail, TracedRecipient, TraceEvent } from '../shapes.ts';

/** The facts that the first line of a trace is made of. Moments are wall-clock ms. */
export interface Whereabouts {
  readonly address: string;
  readonly state: RecipientState;
  readonly live: boolean;
  /** When it came into this state. */
  readonly since: number;
  /** From acceptance to now, or to its end, ms. */
  readonly afterMs: number;
  /** When something happens next by itself; null where ended or not known. */
  readonly next: number | null;
  /** Whether a held one then goes on; else it is given up. */
  readonly goesOn: boolean;
  /** Why it is held, dropped or given up. */
  readonly reason: string;
  readonly attempts: number;
  /** The other side's words. */
  readonly reply: string;
  readonly destination: string;
  readonly possiblyDuplicate: boolean;
}

const CHANGES_STATE: readonly string[] = [
  'accepted',
  'held',
  'approval',
  'released',
  'deferred',
  'delivered',
  'bounced',
  'discarded',
  'expired',
];

/** One recipient of a traced mail. */
export function whereabouts(mail: TracedMail, recipient: TracedRecipient, now: number): Whereabouts {
  const receivedAt = Date.parse(mail.receivedAt);
  const last = mail.events.findLast((event) => isOf(event, recipient) && CHANGES_STATE.includes(event.kind));
  const since = last === undefined ? receivedAt : Date.parse(last.at);
  const live = isLive(recipient.state);
  const due = recipient.due ?? null;
  return {
    address: recipient.address,
    state: recipient.state,
    live,
    since,
    afterMs: (live ? now : since) - receivedAt,
    next: live && due !== null ? Date.parse(due) : null,
    goesOn: (recipient.releaseAt ?? null) !== null,
    reason: recipient.reason,
    attempts: recipient.attempts,
    reply: recipient.lastReply,
    destination: recipient.destination ?? '',
    possiblyDuplicate: recipient.possiblyDuplicate,
  };
}

/** Whether an event tells of this recipient, or of the whole message. */
export function isOf(event: TraceEvent, recipient: TracedRecipient): boolean {
  return event.recipient === null || event.recipient === '' || event.recipient === recipient.address;
}

/** Reasons that hold much mail at once and end at once, when the configuration has been changed: then nobody wants to release it one by one. */
const OF_CONFIGURATION: readonly string[] = ['outbound off', 'no local delivery'] satisfies readonly HeldReason[];

/** Which of them hold recipients of a mail. */
export function heldAlike(all: readonly Whereabouts[]): readonly string[] {
  const reasons = all.filter(({ state }) => state === 'held').map(({ reason }) => reason);
  return OF_CONFIGURATION.filter((one) => reasons.includes(one));
}
