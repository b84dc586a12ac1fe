/**
 * Doing what a person may do: recipient by recipient, each asked of `rights.ts` as it was just read and carried out by custody on the row as
 * it then stands. What another one was first at is counted apart, and nothing is done twice.
 */
import type { Call, HeldVerb, Wording } from '#/model/index.ts';
import { isProven } from '#/model/index.ts';
import type { OperationContext, QueueFilter, Trace, TracedRecipient } from '#/ports/index.ts';
import { type Asked, actOf, type Meant, rightToAct } from './asked.ts';
import { actInSettlement } from './claimed-acts.ts';
import { AGAIN_MS, SPARE_MS, TOGETHER } from './limits.ts';
import type { HeldParts } from './parts.ts';
import { isSender } from './rights.ts';
import { markOf } from './verdict-mark.ts';

/** What became of the recipients of one mail. */
export interface Tally {
  readonly done: number;
  /** Somebody or something else was first. */
  readonly late: number;
  /** Why it may not be done; one for each recipient. */
  readonly refused: readonly Wording[];
}

/** Does it to all of these recipients of one mail that it may be done to. */
export async function actOnMail(
  mail: Trace,
  asked: Asked,
  parts: HeldParts,
  { call }: Pick<OperationContext, 'call'>,
): Promise<Tally> {
  const { meant, refused } = sorted(mail, asked, parts);
  if (meant.length === 0) return { done: 0, late: 0, refused };
  let done = await doneTo(mail, meant, asked, parts, call);
  if (done < meant.length) done += await doneAgain(mail, meant, asked, parts, call);
  return { done, late: meant.length - done, refused };
}

function sorted(
  mail: Trace,
  asked: Asked,
  { directory }: HeldParts,
): { readonly meant: readonly Meant[]; readonly refused: readonly Wording[] } {
  const refused: Wording[] = [];
  const meant: Meant[] = [];
  for (const recipient of mail.recipients) {
    const right = rightToAct(mail, recipient, asked, directory.current());
    if (right.kind === 'may') meant.push({ recipient, forAll: right.forAll });
    else refused.push(right.why);
  }
  return { meant, refused };
}

/**
 * Once more, a moment later, to those that wait as they did: they were in the hands of somebody else, or of a look at their time, and a vote
 * of the same moment still has to be counted.
 */
async function doneAgain(
  mail: Trace,
  meant: readonly Meant[],
  asked: Asked,
  parts: HeldParts,
  call: Call,
): Promise<number> {
  const now = await asItStands(mail, meant, parts, call);
  if (sorted(now, asked, parts).meant.length === 0) return 0;
  if (performance.now() > call.deadlineAt - SPARE_MS - AGAIN_MS) return 0;
  await parts.clock.sleep(AGAIN_MS, call.signal);
  const later = await asItStands(mail, meant, parts, call);
  const still = sorted(later, asked, parts).meant;
  return still.length === 0 ? 0 : doneTo(later, still, asked, parts, call);
}

/** Of a mail those recipients that were meant and wait by the same verdict. */
async function asItStands(mail: Trace, meant: readonly Meant[], { journal }: HeldParts, call: Call): Promise<Trace> {
  const [now] = await journal.trace({ ids: [mail.id] }, 1, call);
  const before = new Map(meant.map(({ recipient }) => [recipient.n, recipient]));
  return { ...mail, recipients: (now?.recipients ?? []).filter((one) => isAlike(before.get(one.n), one)) };
}

function isAlike(before: TracedRecipient | undefined, now: TracedRecipient): boolean {
  if (before?.state !== now.state || before.reason !== now.reason) return false;
  return before.verdict !== null && now.verdict !== null && markOf(before.verdict) === markOf(now.verdict);
}

function doneTo(mail: Trace, meant: readonly Meant[], asked: Asked, parts: HeldParts, call: Call): Promise<number> {
  const { verb, reason } = asked;
  if (isProven(mail.identity) && !isOwnDoing(mail, asked, parts)) return actInSettlement(mail, meant, asked, parts);
  if (verb !== 'reject') return moveOf(mail, meant, { ...asked, verb }, parts, call);
  // A stranger's address, also behind a forward, may be invented: a report would reach somebody who has nothing to do with it (design 1).
  const told = reason === '' ? 'not approved' : `not approved: ${reason}`;
  return moveOf(mail, meant, { ...asked, verb: 'delete', reason: told }, parts, call);
}

/** Whether nobody else has to hear of it. A rejection always comes back to the sender as a report. */
function isOwnDoing(mail: Trace, { verb, actor }: Asked, { directory }: HeldParts): boolean {
  if (verb === 'reject' || actor.kind === 'operator' || actor.through !== null) return false;
  return isSender(mail, actor, directory.current());
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
