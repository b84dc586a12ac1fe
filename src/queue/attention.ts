/**
 * What time does to waiting mail: a delay notice, expiry, the end of a hold: mail held until a time goes on where it stopped, any
 * other expires at its deadline. A paced loop over claims, so any number of processes may run it.
 *
 * What must never happen: mail that expires without an attempt since the last start, unless its destination was seen to be down; mail
 * that expires or is released because a clock jumped (clock-guard.ts); an expiry without its DSN in the same transaction (design 1),
 * unless none can be made (notice.ts).
 *
 * A stranger's mail that was held (`no local delivery`, `outbound off`) expires with a DSN as well, though its sender may be forged: the
 * contract promises that the sender of expired mail is told, silence would lose mail, and a report with headers alone, days later and
 * one a mail, is of no use to anyone who forges.
 */
import {
  type ArrivedMail,
  type Claim,
  type ClaimedRecipient,
  type IncarnationId,
  isBeforeInspection,
  isProven,
  type Outcome,
  type PeerReply,
  within,
} from '#/model/index.ts';
import type { ClaimRequest, Clock, Custody, Log, NoticeMaker } from '#/ports/index.ts';
import type { ClockGuard } from './clock-guard.ts';
import { noticesOf } from './notice.ts';
import { nextDue } from './retry.ts';
import type { Schedule } from './schedule.ts';
import type { QueueSettings } from './settings.ts';
import { returned } from './settlements.ts';
import { reasonOf, type Settler } from './settler.ts';

export interface AttentionParts {
  readonly custody: Pick<Custody, 'claim'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly worker: IncarnationId;
  readonly notices: NoticeMaker;
  readonly guard: ClockGuard;
  readonly schedule: Schedule;
  readonly settler: Settler;
}

type Decided = { readonly n: number; readonly outcome: Outcome };

const HELD_TOO_LONG = 'It was held until its deadline, and nobody released it.';
/** Mail that could not be looked at is looked at again after this. */
const AGAIN_MS = 60_000;
const UNINSPECTED =
  'it could not be inspected in all the time that a mail may wait; it is inspected again when it is released';
const TOO_LONG = 'It could not be delivered in the time allowed.';

export class Attention {
  readonly #settings: QueueSettings;
  readonly #parts: AttentionParts;
  readonly #startedAt: number;

  constructor(settings: QueueSettings, parts: AttentionParts) {
    this.#settings = settings;
    this.#parts = parts;
    this.#startedAt = parts.clock.now();
  }

  /** One round; returns whether there may be more to do at once. */
  async look(): Promise<boolean> {
    if (!(await this.#parts.guard.look())) return false;
    const limit = this.#settings.pace.attentionBatch;
    const now = this.#parts.clock.now();
    const held = await this.#each({ kind: 'held', now, limit }, (claim) => this.#heldLongEnough(claim));
    const late = await this.#each({ kind: 'attention', now, limit }, (claim) => this.#waitsLong(claim));
    return held >= limit || late >= limit;
  }

  /** Works on what a request claims; returns how many recipients ended or were told of. */
  async #each(request: ClaimRequest, work: (claim: Claim) => Promise<number>): Promise<number> {
    const { custody, worker, log, settler } = this.#parts;
    const claims = await custody.claim(request, worker, within(this.#settings.pace.callMs));
    const done = await Promise.all(
      claims.map((claim) =>
        work(claim).catch((cause: unknown) => {
          log.error('queue.attention_failed', { message: claim.mail.id, why: reasonOf(cause) });
          settler.submit(returned(claim, this.#parts.clock.now() + AGAIN_MS));
          return 0;
        }),
      ),
    );
    return done.reduce((sum, each) => sum + each, 0);
  }

  async #heldLongEnough(claim: Claim): Promise<number> {
    await this.#settle(
      claim,
      claim.recipients.map((recipient) =>
        recipient.releaseAt === null ? this.#expired(claim, recipient, HELD_TOO_LONG) : this.#goesOn(recipient),
      ),
    );
    return claim.recipients.length;
  }

  // Custody releases what is given back and whose `releaseAt` has come.
  #goesOn({ n, delayNotified }: ClaimedRecipient): Decided {
    return { n, outcome: { kind: 'returned', due: this.#parts.clock.now(), delayNotified } };
  }

  async #waitsLong(claim: Claim): Promise<number> {
    const outcomes = claim.recipients.map((recipient) => this.#decide(claim, recipient));
    const told = outcomes.filter(({ outcome }) => outcome.kind !== 'returned' || outcome.delayNotified).length;
    // Nothing to tell: it needs its last attempt, as soon as there is room for it.
    if (told === 0 && this.#parts.schedule.adopt(claim)) return 0;
    await this.#settle(claim, outcomes);
    return told;
  }

  /** First the delay notice, then the end; `delayNotified` says which of the two is due. */
  #decide(claim: Claim, recipient: ClaimedRecipient): Decided {
    const { delayNoticeMs, expireMs } = this.#settings.retry;
    if (!recipient.delayNotified && delayNoticeMs < expireMs) return this.#returned(recipient, true);
    // Nobody has inspected it in all that time: a person has to see why, and others must not wait behind it.
    if (isBeforeInspection(claim.destination))
      return { n: recipient.n, outcome: { kind: 'held', reason: 'set-aside', detail: UNINSPECTED } };
    if (this.#triedSinceStart(claim, recipient)) return this.#expired(claim, recipient, TOO_LONG);
    return this.#returned(recipient, false);
  }

  #triedSinceStart(claim: Claim, recipient: ClaimedRecipient): boolean {
    if (recipient.attempts > 0 && (recipient.lastAttemptAt ?? 0) >= this.#startedAt) return true;
    return this.#parts.schedule.destination(claim.destination).foundDown;
  }

  #returned({ n, attempts, lastAttemptAt, delayNotified }: ClaimedRecipient, notified: boolean): Decided {
    const now = this.#parts.clock.now();
    const due =
      notified && attempts > 0 && lastAttemptAt !== null
        ? Math.max(now, nextDue(attempts, lastAttemptAt, this.#settings.retry, this.#parts.random()))
        : now;
    return { n, outcome: { kind: 'returned', due, delayNotified: notified || delayNotified } };
  }

  #expired(claim: Claim, { n, lastReply, verdict }: ClaimedRecipient, why: string): Decided {
    const { purpose, identity } = claim.mail;
    // A DSN that fails ends discarded and is counted; nobody is told of it.
    if (purpose === 'dsn' || purpose === 'notice') return { n, outcome: { kind: 'discarded', reason: why } };
    // What policy held of a stranger is not bounced: who is named as its sender may be a bystander (design 1, Before and after the 250).
    if (verdict !== null && !isProven(identity)) return { n, outcome: { kind: 'discarded', reason: why } };
    // It is in its mailbox, and only what its rules were to make of it is not (outbound/bear.ts): no failure to tell the sender of.
    if (why === TOO_LONG && lastReply !== null && isSuccess(lastReply)) {
      this.#parts.log.error('queue.forward_given_up', { message: claim.mail.id, n });
      return { n, outcome: { kind: 'delivered', reply: lastReply } };
    }
    // RFC 3463 §3.5: 4.4.7 is delivery time expired.
    const reply =
      why === TOO_LONG && lastReply !== null ? lastReply : { code: 0, enhanced: '4.4.7', text: why, host: null };
    return { n, outcome: { kind: 'expired', reply } };
  }

  async #settle(claim: Claim, outcomes: readonly Decided[]): Promise<void> {
    const born: ArrivedMail[] = [];
    const ended = outcomes.filter(({ outcome }) => outcome.kind === 'expired');
    const late = outcomes.filter((each) => each.outcome.kind === 'returned' && this.#newlyLate(claim, each));
    if (ended.length > 0) born.push(...(await noticesOf(claim, ended, 'failure', this.#parts)));
    if (late.length > 0) born.push(...(await noticesOf(claim, late, 'delay', this.#parts)));
    this.#parts.settler.submit({ claim, outcomes, born, elapsedMs: 0, peer: null });
  }

  #newlyLate(claim: Claim, { n, outcome }: Decided): boolean {
    const before = claim.recipients.find((recipient) => recipient.n === n)?.delayNotified ?? false;
    return outcome.kind === 'returned' && outcome.delayNotified && !before;
  }
}

function isSuccess({ code }: PeerReply): boolean {
  return code >= 200 && code < 300;
}
