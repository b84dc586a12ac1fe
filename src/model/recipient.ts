import { type DestinationKey, isBeforeInspection } from './destination.ts';
import { changesContent, type Verdict } from './verdict.ts';

/** A recipient's number inside its message, from 1. With the mail id it names a recipient wherever an address must not stand. */
export type RecipientNumber = number;

/** The contract's states; the value is the column of the books. */
export const RECIPIENT_STATES = {
  queued: 'queued',
  deferred: 'queued',
  held: 'held',
  approval: 'held',
  delivered: 'delivered',
  bounced: 'bounced',
  discarded: 'discarded',
  expired: 'expired',
} as const;

export type RecipientState = keyof typeof RECIPIENT_STATES;

/** States that custody still has to move. */
export type LiveState = 'queued' | 'deferred' | 'held' | 'approval';

/** States that are final. */
export type EndedState = 'delivered' | 'bounced' | 'discarded' | 'expired';

/** Whether a recipient in this state still waits for us or for a person. */
export function isLive(state: RecipientState): state is LiveState {
  return state === 'queued' || state === 'deferred' || state === 'held' || state === 'approval';
}

/** Why a recipient is held (contract). */
export type HeldReason =
  | 'outbound off'
  | 'no local delivery'
  | 'operator'
  | 'stopped by sender'
  | 'set-aside'
  | 'restored'
  | 'policy';

/** Whether a recipient waits because the changes that a verdict asks for could not be made when it was to leave: an operator lets it go as it is, or ends it. */
export function isUnmade({
  state,
  reason,
  destination,
  verdict,
}: {
  readonly state: RecipientState;
  readonly reason?: string;
  readonly destination: string;
  readonly verdict: Verdict | null;
}): boolean {
  const isSetAside = state === 'held' && reason === 'set-aside' && !isBeforeInspection(destination as DestinationKey);
  return isSetAside && verdict !== null && changesContent(verdict.changes);
}

/** Whether a recipient waits by policy's verdict, also where its sender has stopped the time: `held` is for those, `queue` is not (contract). */
export function waitsByVerdict({
  state,
  reason,
}: {
  readonly state: RecipientState;
  readonly reason?: string;
}): boolean {
  if (state === 'approval') return true;
  return state === 'held' && (reason === 'policy' || reason === 'stopped by sender');
}
