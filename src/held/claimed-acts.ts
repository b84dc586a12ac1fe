/**
 * Acts that somebody else hears of: a rejection, with its report, and what a person does to mail that is not their own, of which its sender is
 * told. What waits is claimed, looked at once more, and settled together with the mail that tells of it.
 */
import type { Claim, ClaimedRecipient, Outcome, Settlement } from '#/model/index.ts';
import { isNeighbour, within } from '#/model/index.ts';
import type { DoneToMail, QueueFilter, Trace } from '#/ports/index.ts';
import type { Actor } from './actor.ts';
import { type Asked, actOf, type Meant, rightToAct } from './asked.ts';
import { CUSTODY_MS, TOGETHER_CLAIMED_MAX } from './limits.ts';
import type { HeldParts } from './parts.ts';

const UNTOUCHED: Outcome = { kind: 'untouched' };

/** Does it to what is meant; returns to how many recipients. */
export async function actInSettlement(
  mail: Trace,
  meant: readonly Meant[],
  asked: Asked,
  parts: HeldParts,
): Promise<number> {
  const claims = await claimMeant(mail, meant, parts);
  const [first] = claims;
  if (first === undefined) return 0;
  // Whatever next hops they wait before: one mail tells of all of them.
  return actOnClaim({ ...first, recipients: claims.flatMap(({ recipients }) => recipients) }, mail, asked, parts);
}

/** All of them, or none: what was claimed before a step that fails would stay with a worker that lives, out of reach of people and of time (H5). */
async function claimMeant(
  mail: Trace,
  meant: readonly Meant[],
  { custody, worker, settleLater }: HeldParts,
): Promise<readonly Claim[]> {
  const claims: Claim[] = [];
  try {
    for (const { filter, count } of namesOf(mail, meant)) {
      const request = { kind: 'named', filter, limit: TOGETHER_CLAIMED_MAX } as const;
      // The store gives only so many at a time.
      for (let left = count; left > 0; ) {
        const step = await custody.claim(request, worker, within(CUSTODY_MS));
        if (step.length === 0) break;
        claims.push(...step);
        left -= step.reduce((sum, { recipients }) => sum + recipients.length, 0);
      }
    }
    return claims;
  } catch (cause) {
    for (const claim of claims) settleLater(untouched(claim));
    throw cause;
  }
}

function untouched(claim: Claim): Settlement {
  const outcomes = claim.recipients.map(({ n }) => ({ n, outcome: UNTOUCHED }));
  return { claim, outcomes, born: [], elapsedMs: 0, peer: null, component: 'cli' };
}

/** A claim by name, and how many recipients it is to bring. */
interface Named {
  readonly filter: QueueFilter;
  readonly count: number;
}

/** All that wait alike in one claim, so that one mail tells of all of them; each by itself where only some are meant. */
function namesOf(mail: Trace, meant: readonly Meant[]): readonly Named[] {
  const groups = Map.groupBy(meant, ({ recipient: { state, reason } }) =>
    state === 'held' ? `held ${reason}` : state,
  );
  return [...groups.values()].flatMap((group) => {
    const { state, reason } = group[0]?.recipient ?? { state: 'held', reason: 'policy' };
    const alike = state === 'held' ? { state, reason: reason as 'policy' | 'stopped by sender' } : { state };
    const filter: QueueFilter = { ids: [mail.id], ...alike };
    const all = mail.recipients.filter((one) => one.state === state && (state !== 'held' || one.reason === reason));
    if (all.length === group.length) return [{ filter, count: group.length }];
    return group.map(({ recipient: { n } }) => ({ filter: { ...filter, recipient: n }, count: 1 }));
  });
}

async function actOnClaim(claim: Claim, mail: Trace, asked: Asked, parts: HeldParts): Promise<number> {
  const directory = parts.directory.current();
  // Looked at again: between reading and claiming, it may have been let go, or another recipient may have come to wait.
  const outcomes = claim.recipients.map((recipient) => {
    const before = mail.recipients.find(({ n }) => n === recipient.n);
    const now = { ...recipient, reason: recipient.state === 'held' ? (before?.reason ?? 'policy') : '' };
    const right = before === undefined ? null : rightToAct(mail, now, asked, directory);
    const outcome = right?.kind === 'may' ? outcomeOf(mail, recipient, asked, right.forAll) : UNTOUCHED;
    return { n: recipient.n, outcome };
  });
  const hit = new Set(outcomes.filter(({ outcome }) => outcome.kind !== 'untouched').map(({ n }) => n));
  const born = hit.size === 0 ? [] : await bornOf(claim, outcomes, asked, parts);
  const settlement: Settlement = { claim, outcomes, born, elapsedMs: 0, peer: null, component: 'cli' };
  try {
    const answers = await parts.custody.settle(settlement, parts.worker, within(CUSTODY_MS));
    return outcomes.filter(({ n }, i) => hit.has(n) && answers[i] === 'settled').length;
  } catch {
    // The claim is ours and must end: repeated in the background until custody takes it.
    parts.settleLater(settlement);
    return hit.size;
  }
}

function outcomeOf(mail: Trace, recipient: ClaimedRecipient, asked: Asked, forAll: boolean): Outcome {
  const { verb, actor } = asked;
  if (verb !== 'reject') return { kind: 'acted', act: actOf(verb, asked, forAll), by: actor.by };
  return refusalOf(mail, recipient, asked);
}

// RFC 3463 §3.8: 5.7.1, delivery not authorized.
function refusalOf({ identity, tenant }: Trace, { verdict }: ClaimedRecipient, { actor, reason }: Asked): Outcome {
  const reply = { code: 550, enhanced: '5.7.1', host: null };
  // Its report leaves the tenant: of who decides there, by what rules, and why, another one of this installation hears as little as a stranger.
  if (isNeighbour(identity, tenant))
    return { kind: 'bounced', reply: { ...reply, text: 'Not approved' }, by: actor.by };
  const name = verdict?.rule ?? null;
  const by = doerOf(actor);
  const rule = name === null ? '' : ` (rule “${name}”)`;
  const text = `Not approved${by === null ? '' : ` by ${by}`}${rule}${reason === '' ? '' : `: ${reason}`}`;
  return { kind: 'bounced', reply: { ...reply, text }, by: actor.by };
}

// A report that can't be made must not keep the mail from ending (H5).
async function bornOf(
  claim: Claim,
  outcomes: Settlement['outcomes'],
  asked: Asked,
  { notices, people, log }: HeldParts,
): Promise<Settlement['born']> {
  try {
    const { verb, actor, reason } = asked;
    if (verb !== 'reject') {
      const moved = outcomes.filter(({ n, outcome }) =>
        isMoved(
          claim.recipients.find((one) => one.n === n),
          outcome,
        ),
      );
      const what: DoneToMail = { deed: verb, by: doerOf(actor), comment: reason };
      return people.done(
        claim,
        moved.map(({ n }) => n),
        what,
      );
    }
    const ended = outcomes.filter(({ outcome }) => outcome.kind === 'bounced');
    const report = await notices.notice(claim, ended, 'failure');
    return report === null ? [] : [report];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    log.error('queue.notice_failed', { incident: true, message: claim.mail.id, kind: asked.verb, why });
    return [];
  }
}

/** A vote that others must follow changes nothing that its sender could see. */
function isMoved(recipient: ClaimedRecipient | undefined, outcome: Outcome): boolean {
  if (outcome.kind !== 'acted') return false;
  const { act } = outcome;
  const verdict = recipient?.verdict;
  if (act.kind !== 'approve' || act.forAll || verdict?.kind !== 'approve') return true;
  return (verdict.agreed?.length ?? 0) + 1 >= verdict.least;
}

/** Whose name the sender hears: who really acted; null is the operator. */
function doerOf(actor: Actor): DoneToMail['by'] {
  if (actor.kind === 'operator') return null;
  return actor.through === null
    ? actor.address
    : actor.through.includes('@')
      ? (actor.through as DoneToMail['by'])
      : null;
}
