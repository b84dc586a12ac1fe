/**
 * Mail whose acceptance was answered with 451 because the store did not say in time whether it holds it. It may hold it now, or in
 * a moment; the sender will send it again. So what turns up is withdrawn: discarded, counted, in the trace (design 4). Where
 * another worker has it already, the recipient may get it twice; that is said in the log.
 *
 * ```
 *   remember(mails) ─▶ unknown ──turned up──▶ withdrawn ──┐
 *                        └──────────nothing more of it for `KNOWN_MS`──▶ forgotten
 * ```
 * A mail turns up recipient by recipient: some claimed by us, some by nobody, some held. What must never happen: one of them that is
 * delivered because another one was withdrawn.
 * Should this process end first, the mail is delivered although its sender sends it again. What it had claimed lapses as from any worker that
 * was lost, marked possibly duplicate (an orderly end with unknown commits marks them too). What nobody had claimed, because its
 * destination was closed or had no room, goes without a mark: only this memory knew of it, and a store that answers late can't be asked
 * to write that down in time.
 */
import { type ArrivedMail, type Claim, type IncarnationId, type MailId, type Settled, within } from '#/model/index.ts';
import type { Clock, Custody, Log } from '#/ports/index.ts';
import { claimsOf } from './hand-over.ts';
import type { QueueMeters } from './meters.ts';
import { reasonOf } from './settler.ts';

export interface LateCommitsParts {
  readonly custody: Pick<Custody, 'settle' | 'claim'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly meters: QueueMeters;
  readonly worker: IncarnationId;
}

interface Unknown {
  readonly id: MailId;
  /** What is claimed by us, from its start or since it turned up; without its content. Discarded again and again until custody says so. */
  claims: readonly Claim[];
  /** Some of it has turned up. */
  withdrawn: boolean;
  /** Monotonic ms since when the store answers and knows nothing more of it. */
  absentSince: number | null;
}

/** What has not shown up for so long, from a store that answers, will not: the longest call is 30 s, and a claim in the making as long. */
const KNOWN_MS = 60_000;
/** Unknown commits remembered; above, the door closes until some are known. */
const UNKNOWN_MAX = 10_000;
const LOOKS_AT_ONCE = 100;
const CALL_MS = 10_000;
const WITHDRAWN = 'Its acceptance was answered with 451, and the sender sends it again.';

export class LateCommits {
  readonly #parts: LateCommitsParts;
  readonly #unknown = new Map<MailId, Unknown>();

  constructor(parts: LateCommitsParts) {
    this.#parts = parts;
  }

  /** Mails of which nothing is known yet. */
  get size(): number {
    return [...this.#unknown.values()].filter(({ withdrawn }) => !withdrawn).length;
  }

  /** No more can be remembered: nothing should be accepted. */
  get full(): boolean {
    return this.#unknown.size >= UNKNOWN_MAX;
  }

  remember(mails: readonly ArrivedMail[], ours: boolean): void {
    for (const { body: _body, ...mail } of mails) {
      const claims = ours ? claimsOf(mail) : [];
      this.#unknown.set(mail.id, { id: mail.id, claims, withdrawn: false, absentSince: null });
    }
  }

  /** Takes a claim that turned up from the store out of delivery; false when it is none of these. */
  withdraw(claim: Claim): boolean {
    const unknown = this.#unknown.get(claim.mail.id);
    if (unknown === undefined) return false;
    unknown.claims = [...unknown.claims, { ...claim, body: null }];
    this.#discard(unknown, claim).catch((cause: unknown) =>
      this.#parts.log.warn('queue.withdraw_failed', { message: unknown.id, why: reasonOf(cause) }),
    );
    return true;
  }

  /** Asks the store for some of them. */
  async look(): Promise<void> {
    const some = [...this.#unknown.values()].slice(0, LOOKS_AT_ONCE);
    for (const unknown of some) {
      // Behind the others, so that one that is never found does not keep them from being looked at.
      this.#unknown.delete(unknown.id);
      this.#unknown.set(unknown.id, unknown);
    }
    await Promise.all(some.map((unknown) => this.#lookFor(unknown)));
  }

  async #lookFor(unknown: Unknown): Promise<void> {
    try {
      const ours = await Promise.all(unknown.claims.map((claim) => this.#discard(unknown, claim)));
      // What nobody has claimed, held recipients too.
      const named = await this.#claimNamed(unknown.id);
      unknown.claims = [...unknown.claims, ...named.map((claim) => ({ ...claim, body: null }))];
      const others = await Promise.all(named.map((claim) => this.#discard(unknown, claim)));
      const answers = [...ours, ...others].flat();
      if (answers.includes('settled')) unknown.absentSince = null;
      else this.#absent(unknown, answers.includes('lapsed'));
    } catch (cause) {
      unknown.absentSince = null;
      this.#parts.log.warn('queue.withdraw_failed', { message: unknown.id, why: reasonOf(cause) });
    }
  }

  #claimNamed(id: MailId): Promise<readonly Claim[]> {
    const request = { kind: 'named', filter: { ids: [id] }, limit: 1_000 } as const;
    return this.#parts.custody.claim(request, this.#parts.worker, within(CALL_MS));
  }

  async #discard(unknown: Unknown, claim: Claim): Promise<readonly Settled[]> {
    const { custody, worker } = this.#parts;
    const outcomes = claim.recipients.map(({ n }) => ({
      n,
      outcome: { kind: 'discarded', reason: WITHDRAWN } as const,
    }));
    const settlement = { claim, outcomes, born: [], elapsedMs: 0, peer: null };
    const answers = await custody.settle(settlement, worker, within(CALL_MS));
    if (answers.includes('settled')) this.#turnedUp(unknown);
    return answers;
  }

  #turnedUp(unknown: Unknown): void {
    if (unknown.withdrawn) return;
    unknown.withdrawn = true;
    this.#parts.meters.withdrawn.add();
    this.#parts.log.warn('queue.withdrawn', { message: unknown.id });
  }

  #absent(unknown: Unknown, elsewhere: boolean): void {
    const now = this.#parts.clock.monotonic();
    unknown.absentSince ??= now;
    if (!elsewhere && now - unknown.absentSince < KNOWN_MS) return;
    this.#unknown.delete(unknown.id);
    // `lapsed` says that the row is there and somebody else works on it.
    if (elsewhere) this.#parts.log.warn('queue.withdrawn_too_late', { message: unknown.id });
    else if (!unknown.withdrawn) this.#parts.log.info('queue.commit_never_came', { message: unknown.id });
  }
}
