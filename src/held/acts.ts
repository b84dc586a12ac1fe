/**
 * Doing what a person may do: recipient by recipient, each asked of `rights.ts` as it was just read and carried out by custody on the row as
 * it then stands. What another one was first at is counted apart, and nothing is done twice.
 */
import type { Call, Claim, ClaimedRecipient, Directory, HeldVerb, Outcome, Settlement } from '#/model/index.ts';
import { isProven, within } from '#/model/index.ts';
import type { HeldAct, OperationContext, QueueFilter, Trace, TracedRecipient } from '#/ports/index.ts';
import type { Actor } from './actor.ts';
import { CUSTODY_MS, REJECTED_MAX, TOGETHER } from './limits.ts';
import type { HeldParts } from './parts.ts';
import { type Right, rightOf } from './rights.ts';

/** An act as it was asked for. */
export interface Asked {
  readonly verb: HeldVerb;
  readonly actor: Actor;
  /** Empty where none was given. */
  readonly reason: string;
}

/** What became of the recipients of one mail. */
export interface Tally {
  readonly done: number;
  /** Somebody or something else was first. */
  readonly late: number;
  /** Why it may not be done; one for each recipient. */
  readonly refused: readonly string[];
}

const NEEDS_REASON = 'Say why: it is other people’s mail, and the reason is kept with what you do.';

/** Does it to all of these recipients of one mail that it may be done to. */
export async function actOnMail(
  mail: Trace,
  asked: Asked,
  parts: HeldParts,
  { call }: Pick<OperationContext, 'call'>,
): Promise<Tally> {
  const directory = parts.directory.current();
  const refused: string[] = [];
  const meant: Meant[] = [];
  for (const recipient of mail.recipients) {
    const right = rightToAct(mail, recipient, asked, directory);
    if (right.kind === 'may') meant.push({ recipient, forAll: right.forAll });
    else refused.push(right.why);
  }
  if (meant.length === 0) return { done: 0, late: 0, refused };
  const done = await doneTo(mail, meant, asked, parts, call);
  return { done, late: meant.length - done, refused };
}

function doneTo(mail: Trace, meant: readonly Meant[], asked: Asked, parts: HeldParts, call: Call): Promise<number> {
  const { verb, reason } = asked;
  if (verb !== 'reject') return moveOf(mail, meant, { ...asked, verb }, parts, call);
  if (isProven(mail.identity)) return rejectOf(mail, meant, asked, parts);
  // A stranger's address, also behind a forward, may be invented: a report would reach somebody who has nothing to do with it (design 1).
  const told = reason === '' ? 'not approved' : `not approved: ${reason}`;
  return moveOf(mail, meant, { ...asked, verb: 'delete', reason: told }, parts, call);
}

interface Meant {
  readonly recipient: TracedRecipient;
  readonly forAll: boolean;
}

/** Each by itself: another recipient of this mail may come to wait meanwhile, by a rule that says something else. */
async function moveOf(
  mail: Trace,
  meant: readonly Meant[],
  asked: Asked & { readonly verb: Exclude<HeldVerb, 'reject'> },
  parts: HeldParts,
  call: Call,
): Promise<number> {
  let done = 0;
  for (let from = 0; from < meant.length; from += TOGETHER) {
    const hits = await Promise.all(
      meant.slice(from, from + TOGETHER).map(async ({ recipient, forAll }) => {
        const filter: QueueFilter = { ids: [mail.id], recipient: recipient.n };
        return (await parts.custody.act(actOf(asked.verb, asked, forAll), filter, asked.actor.by, 1, call)).recipients;
      }),
    );
    done += hits.reduce((sum, hit) => sum + hit, 0);
  }
  return done;
}

function rightToAct(
  mail: Trace,
  recipient: Pick<TracedRecipient, 'state' | 'reason' | 'releaseAt' | 'verdict'>,
  { verb, actor, reason }: Asked,
  directory: Directory,
): Right {
  const right = rightOf(verb, mail, recipient, actor, directory);
  return right.kind === 'may' && right.needsReason && reason === '' ? { kind: 'mayNot', why: NEEDS_REASON } : right;
}

function actOf(verb: Exclude<HeldVerb, 'reject'>, { actor, reason: comment }: Asked, forAll: boolean): HeldAct {
  switch (verb) {
    case 'release':
      return { kind: 'letGo', comment };
    case 'stop':
      return { kind: 'stop', comment };
    case 'delete':
      return { kind: 'delete', reason: comment === '' ? 'deleted by its sender' : comment };
    case 'approve':
      return { kind: 'approve', person: actor.kind === 'person' ? actor.address : actor.by, forAll, comment };
  }
}

/** Claims what waits for approval and ends it with one report; returns how many ended. */
async function rejectOf(mail: Trace, meant: readonly Meant[], asked: Asked, parts: HeldParts): Promise<number> {
  // All that wait for approval in one claim: one report tells of all of them.
  const whole = meant.length === mail.recipients.filter(({ state }) => state === 'approval').length;
  const named: QueueFilter = { ids: [mail.id], state: 'approval' };
  const filters = whole ? [named] : meant.map(({ recipient: { n } }) => ({ ...named, recipient: n }));
  let done = 0;
  for (const filter of filters) {
    const request = { kind: 'named', filter, limit: REJECTED_MAX } as const;
    const claims = await parts.custody.claim(request, parts.worker, within(CUSTODY_MS));
    for (const claim of claims) done += await rejectClaim(claim, mail, asked, parts);
  }
  return done;
}

async function rejectClaim(claim: Claim, mail: Trace, asked: Asked, parts: HeldParts): Promise<number> {
  const directory = parts.directory.current();
  const ends = new Map(mail.recipients.map(({ n, due }) => [n, due]));
  // Looked at again: between reading and claiming, it may have been let go, or another recipient may have come to wait.
  const outcomes = claim.recipients.map((recipient) => {
    const now = { ...recipient, reason: recipient.state === 'held' ? 'policy' : '' };
    const may = recipient.state === 'approval' && rightToAct(mail, now, asked, directory).kind === 'may';
    const due = ends.get(recipient.n) ?? parts.clock.now();
    return { n: recipient.n, outcome: may ? refusalOf(recipient, asked) : givenBack(due) };
  });
  const ended = outcomes.filter(({ outcome }) => outcome.kind === 'bounced');
  const born = ended.length === 0 ? [] : await reportOf(claim, ended, parts);
  const settlement: Settlement = { claim, outcomes, born, elapsedMs: 0, peer: null };
  try {
    const answers = await parts.custody.settle(settlement, parts.worker, within(CUSTODY_MS));
    return outcomes.filter(({ outcome }, i) => outcome.kind === 'bounced' && answers[i] === 'settled').length;
  } catch {
    // The claim is ours and must end: repeated in the background until custody takes it.
    parts.settleLater(settlement);
    return ended.length;
  }
}

function givenBack(due: number): Outcome {
  return { kind: 'returned', due, delayNotified: false };
}

// RFC 3463 §3.8: 5.7.1, delivery not authorized.
function refusalOf({ verdict }: ClaimedRecipient, { actor, reason }: Asked): Outcome {
  const name = verdict?.rule ?? null;
  const rule = name === null ? '' : ` (rule “${name}”)`;
  const text = `Not approved${rule}${reason === '' ? '' : `: ${reason}`}`;
  return { kind: 'bounced', reply: { code: 550, enhanced: '5.7.1', text, host: null }, by: actor.by };
}

// A report that can't be made must not keep the mail from ending (H5).
async function reportOf(
  claim: Claim,
  ended: Settlement['outcomes'],
  { notices, log }: HeldParts,
): Promise<Settlement['born']> {
  try {
    const report = await notices.notice(claim, ended, 'failure');
    return report === null ? [] : [report];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    log.error('queue.notice_failed', { incident: true, message: claim.mail.id, kind: 'failure', why });
    return [];
  }
}
