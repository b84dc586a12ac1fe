/** Whether a claim's way is still this one: a changed route moves what waits (design 5), and a rule that came meanwhile has its say (H1). */
import {
  type DestinationKey,
  INSPECT_DESTINATION,
  isBeforeInspection,
  isPinned,
  NEIGHBOUR_DESTINATION,
  type Outcome,
} from '#/model/index.ts';
import type { Job } from './job.ts';
import type { Routes } from './routes.ts';

/** What stands before a next hop. */
const STEPS: ReadonlySet<DestinationKey> = new Set([INSPECT_DESTINATION, NEIGHBOUR_DESTINATION]);

const heldDetail: Readonly<Record<string, string>> = {
  'outbound off': 'Outbound is off, and no route covers the domain.',
  'no local delivery': 'There is no local delivery yet, and no LMTP route for the domain.',
};

/** Judges those whose way is another one by now; they wait no more in this job. */
export function planAgain(job: Job, destination: DestinationKey, routes: Pick<Routes, 'plan' | 'enter'>): void {
  if (isBeforeInspection(destination)) {
    // Nobody offers it to us; if somebody did, the mail must not go on from here uninspected.
    job.judgeRest({ kind: 'untried', soon: false });
    return;
  }
  const { tenant, purpose, identity } = job.claim.mail;
  for (const recipient of job.claim.recipients) {
    // No rule concerned it when it came. One that does by now has its say, or it would be led around by waiting (H1).
    const plan = recipient.judged
      ? routes.plan(recipient.address, purpose, tenant, identity)
      : routes.enter(recipient, tenant, purpose, identity);
    // No reroute leads around the rules of those whom it goes to.
    if (isPinned(destination) && !STEPS.has(plan.destination)) continue;
    if (plan.destination === destination && plan.held === null) continue;
    const outcome: Outcome =
      plan.held === null
        ? { kind: 'moved', destination: plan.destination }
        : { kind: 'held', reason: plan.held, detail: heldDetail[plan.held] ?? '' };
    job.judge([recipient], { kind: 'decided', outcome });
    job.waiting = job.waiting.filter((one) => one !== recipient);
  }
}
