/** Settlements made or mended by the queue itself. Pure. */
import type { Claim, Outcome, Settlement } from '#/model/index.ts';

/** Octets of a claim's content that are in memory. */
export function bytesOf(claim: Claim): number {
  return claim.body?.kind === 'memory' ? claim.body.size : 0;
}

/** The settlement of a claim that nobody attempted: due again at `due`. */
export function returned(claim: Claim, due: number): Settlement {
  const outcomes = claim.recipients.map(({ n, delayNotified }) => ({
    n,
    outcome: { kind: 'returned', due, delayNotified } as const,
  }));
  return { claim, outcomes, born: [], elapsedMs: 0, peer: null };
}

/** The settlement of a claim that is given back as it was. */
export function untouched(claim: Claim): Settlement {
  const outcomes = claim.recipients.map(({ n }) => ({ n, outcome: { kind: 'untouched' } as const }));
  return { claim, outcomes, born: [], elapsedMs: 0, peer: null };
}

/** Whether a peer took the mail for anyone. */
export function delivers(settlement: Settlement): boolean {
  return settlement.outcomes.some(({ outcome }) => outcome.kind === 'delivered');
}

/** Recipients that the deliverer left out are given back: a claim ends whole, or its rest would be held by a living worker for ever (H5). */
export function complete(settlement: Settlement, now: number): Settlement {
  if (settlement.outcomes.length >= settlement.claim.recipients.length) return settlement;
  const told = new Set(settlement.outcomes.map(({ n }) => n));
  const rest = returned(settlement.claim, now).outcomes.filter(({ n }) => !told.has(n));
  return { ...settlement, outcomes: [...settlement.outcomes, ...rest] };
}

/** A probe that found the destination still down is an attempt of its mail only now and then, or it would fill the journal and wear out the retry table. */
export function quieten(settlement: Settlement, now: number, attemptMs: number): Settlement {
  const recipients = new Map(settlement.claim.recipients.map((recipient) => [recipient.n, recipient]));
  const outcomes = settlement.outcomes.map(({ n, outcome }) => {
    const recipient = recipients.get(n);
    const recent = recipient !== undefined && now - (recipient.lastAttemptAt ?? 0) < attemptMs;
    return { n, outcome: recent && outcome.kind === 'deferred' ? giveBackOf(outcome, now) : outcome };
  });
  return { ...settlement, outcomes };
}

function giveBackOf(outcome: Outcome & { kind: 'deferred' }, due: number): Outcome {
  return { kind: 'returned', due, delayNotified: outcome.delayNotified };
}
