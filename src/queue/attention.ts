/**
 * What time does to waiting mail: a delay notice, expiry, reminders, the end of a hold: mail held until a time goes on where it stopped, any
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
import type { ClaimRequest, Clock, Custody, Log, NoticeMaker, PeopleNotices, QueueFilter } from '#/ports/index.ts';
import type { ClockGuard } from './clock-guard.ts';
import { isOver, partOf, remind, wholeMessages } from './held-attention.ts';
import { noticesOf } from './notice.ts';
import { nextDue } from './retry.ts';
import type { Schedule } from './schedule.ts';
import type { QueueSettings } from './settings.ts';
import { returned, untouched } from './settlements.ts';
import { reasonOf, type Settler } from './settler.ts';

export interface AttentionParts {
  readonly custody: Pick<Custody, 'claim' | 'settle'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
  readonly worker: IncarnationId;
  readonly notices: NoticeMaker;
  readonly people: PeopleNotices;
  readonly guard: ClockGuard;
  readonly schedule: Schedule;
  readonly settler: Settler;
}

type Decided = { readonly n: number; readonly outcome: Outcome };

/** Recipients of one mail that are looked at beyond a batch: as many as a mail may have. */
const REST_MAX = 1_000;
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
    const held = await this.#held(now, limit);
    const late = await this.#each(await this.#claim({ kind: 'attention', now, limit }), (claim) =>
      this.#waitsLong(claim),
    );
    return held >= limit || late >= limit;
  }

  #claim(request: ClaimRequest): Promise<readonly Claim[]> {
    const { custody, worker } = this.#parts;
    return custody.claim(request, worker, within(this.#settings.pace.callMs));
  }

  /** Of held mail the wait is over, or people are to hear that it goes on. */
  async #held(now: number, limit: number): Promise<number> {
    const claims = wholeMessages(await this.#heldClaims(now, limit));
    const over = claims.flatMap((claim) => partOf(claim, (recipient) => isOver(recipient, now)));
    const waiting = claims.flatMap((claim) => partOf(claim, (recipient) => !isOver(recipient, now)));
    await this.#each(over, (claim) => this.#heldLongEnough(claim));
    await remind(waiting, { ...this.#parts, callMs: this.#settings.pace.callMs });
    return recipientsOf(claims);
  }

  /** What is over the bound of a batch tears its last mail apart, of which people would be told twice: its rest is claimed as well. */
  async #heldClaims(now: number, limit: number): Promise<readonly Claim[]> {
    const claims = await this.#claim({ kind: 'held', now, limit });
    const last = claims.at(-1);
    if (last === undefined || recipientsOf(claims) < limit) return claims;
    const ids = [last.mail.id];
    const [held, asked] = [
      await this.#rest({ ids, state: 'held', reason: 'policy' }),
      await this.#rest({ ids, state: 'approval' }),
    ];
    const rest = [...held, ...asked];
    // Of what nobody is told of only custody knows the end: it was not due, and stays as it is.
    for (const claim of rest.flatMap((one) => partOf(one, ({ verdict }) => verdict?.wait === undefined)))
      this.#parts.settler.submit(untouched(claim));
    return [...claims, ...rest.flatMap((one) => partOf(one, ({ verdict }) => verdict?.wait !== undefined))];
  }

  /**
   * What is claimed already has to be looked at, whatever becomes of this: it would stay with a worker that lives. Where the store fails, the
   * rest of the mail has a look of its own. The store gives only so many at a time.
   */
  async #rest(filter: QueueFilter): Promise<readonly Claim[]> {
    const rest: Claim[] = [];
    try {
      for (let left = REST_MAX; left > 0; ) {
        const step = await this.#claim({ kind: 'named', filter, limit: left });
        if (step.length === 0) break;
        rest.push(...step);
        left -= recipientsOf(step);
      }
    } catch (cause) {
      this.#parts.log.warn('queue.look_failed', { why: reasonOf(cause) });
    }
    return rest;
  }

  /** Works on claims; returns how many recipients ended or were told of. */
  async #each(claims: readonly Claim[], work: (claim: Claim) => Promise<number>): Promise<number> {
    const { log, settler } = this.#parts;
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
    const isHeldByPolicy = why === HELD_TOO_LONG && verdict !== null;
    if (isHeldByPolicy && !isProven(identity)) return { n, outcome: { kind: 'discarded', reason: why } };
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
    born.push(...this.#unreported(claim, ended));
    if (late.length > 0) born.push(...(await noticesOf(claim, late, 'delay', this.#parts)));
    this.#parts.settler.submit({ claim, outcomes, born, elapsedMs: 0, peer: null });
  }

  /** Who asked for no report of a failure is told in plain words that what was held of their mail has expired (contract, States). */
  #unreported(claim: Claim, ended: readonly Decided[]): readonly ArrivedMail[] {
    const numbers = new Set(ended.map(({ n }) => n));
    const silent = claim.recipients.filter(
      ({ n, verdict, notify }) => numbers.has(n) && verdict !== null && !notify.failure,
    );
    if (silent.length === 0) return [];
    try {
      return this.#parts.people.done(
        claim,
        silent.map(({ n }) => n),
        { deed: 'expire', by: null, comment: '' },
      );
    } catch (cause) {
      this.#parts.log.error('queue.notice_failed', {
        incident: true,
        message: claim.mail.id,
        kind: 'expire',
        why: reasonOf(cause),
      });
      return [];
    }
  }

  #newlyLate(claim: Claim, { n, outcome }: Decided): boolean {
    const before = claim.recipients.find((recipient) => recipient.n === n)?.delayNotified ?? false;
    return outcome.kind === 'returned' && outcome.delayNotified && !before;
  }
}

function recipientsOf(claims: readonly Claim[]): number {
  return claims.reduce((sum, { recipients }) => sum + recipients.length, 0);
}

function isSuccess({ code }: PeerReply): boolean {
  return code >= 200 && code < 300;
}
