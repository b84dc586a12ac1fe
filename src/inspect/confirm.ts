/**
 * What was judged waits here for a probe behind it, and is then written down.
 * ```
 *   judged ─▶ waits ─▶ (a probe, begun after it, came back right) ─▶ compared with the rules of now ─▶ handed to the settler
 *                            └─ wrong, late, none: unfit. Nothing of it counts, its mail is due again
 * ```
 * What must never happen: a verdict that is written down before a probe behind it has come back right, or under rules that hold no more.
 * Carries H10, H1.
 */
import type { ArrivedMail, Claim, Outcome, RecipientNumber, Settlement, Verdict } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type {
  Clock,
  CopyMaker,
  InspectionWork,
  Inspector,
  Log,
  NoticeMaker,
  PeopleNotices,
  Routing,
  Telling,
} from '#/ports/index.ts';
import { inTime, textOf } from './in-time.ts';
import { type Judged, Verdicts } from './judge.ts';
import type { InspectLimits } from './limits.ts';
import type { InspectMeters } from './meters.ts';
import { outcomeOf } from './outcome.ts';
import type { PastKeeper } from './past/index.ts';
import { faultOf, type ProbeAnswer, probe } from './probe.ts';

export interface ConfirmParts {
  readonly work: Pick<InspectionWork, 'finish'>;
  readonly inspector: Inspector;
  readonly routing: Pick<Routing, 'plan'>;
  readonly notices: NoticeMaker;
  readonly people: PeopleNotices;
  readonly copies: CopyMaker;
  /** Keeps what was found out about mail that is written down; null: nothing is kept. */
  readonly past: Pick<PastKeeper, 'settled'> | null;
  readonly clock: Clock;
  readonly log: Log;
  readonly meters: InspectMeters;
  /** Its answers can't be trusted: give up the incarnation and end. `clean`: by its answers, not by a mail that it may hang on. */
  readonly onUnfit: (why: string, clean: boolean) => void;
}

/** A mail that is judged, waiting for the probe behind it. */
export interface JudgedMail {
  readonly claim: Claim;
  /** Monotonic ms. */
  readonly beganAt: number;
  readonly judged: Judged;
}

export class Confirmer {
  readonly #limits: InspectLimits;
  readonly #parts: ConfirmParts;
  #waiting: JudgedMail[] = [];
  #confirming: Promise<void> | null = null;
  #isUnfit = false;

  constructor(limits: InspectLimits, parts: ConfirmParts) {
    this.#limits = limits;
    this.#parts = parts;
  }

  /** A probe came back wrong, late or not at all: nothing is written down any more. */
  get isUnfit(): boolean {
    return this.#isUnfit;
  }

  /** Has the probe judged now. */
  probe(): Promise<ProbeAnswer> {
    return probe(this.#parts.inspector, within(this.#limits.probeMs));
  }

  /** Resolves when it was handed to the settler, behind a probe that was begun after it, or when the worker is unfit. Never rejects. */
  async confirm(mail: JudgedMail): Promise<void> {
    this.#waiting.push(mail);
    // One probe is for all that waits; who comes while it is under way waits for the next one.
    await this.#confirming;
    this.#confirming ??= this.#confirm().finally(() => {
      this.#confirming = null;
    });
    await this.#confirming;
  }

  async #confirm(): Promise<void> {
    const judged = this.#waiting;
    this.#waiting = [];
    if (judged.length === 0 || this.#isUnfit) return;
    const beganAt = this.#parts.clock.monotonic();
    try {
      const fault = faultOf(await inTime(this.probe(), this.#limits.probeMs));
      if (fault !== null) return this.#unfit(fault, true);
    } catch (cause) {
      return this.#unfit(`a probe was not answered: ${textOf(cause)}`, false);
    }
    this.#parts.meters.probe.observe((this.#parts.clock.monotonic() - beganAt) / 1_000);
    if (this.#isUnfit) return;
    await Promise.all(judged.map((each) => this.#writeDown(each)));
  }

  #unfit(why: string, clean: boolean): void {
    if (this.#isUnfit) return;
    this.#isUnfit = true;
    this.#parts.log.error('inspect.unfit', { incident: true, why, clean });
    this.#parts.onUnfit(why, clean);
  }

  async #writeDown({ claim, beganAt, judged }: JudgedMail): Promise<void> {
    const { clock, meters, work } = this.#parts;
    const decided = claim.recipients.map((recipient) => {
      const outcome = judged instanceof Verdicts ? this.#outcome(claim, recipient, judged.of) : judged.get(recipient.n);
      return {
        n: recipient.n,
        outcome: outcome ?? { kind: 'returned', due: clock.now(), delayNotified: false },
      } as const;
    });
    const elapsedMs = clock.monotonic() - beganAt;
    for (const { outcome } of decided) meters.recipients.add(1, { outcome: outcome.kind });
    meters.seconds.observe(elapsedMs / 1_000);
    const copies = await this.#copies(claim, decided);
    const isJudged = judged instanceof Verdicts && decided.every(({ outcome }) => outcome.kind !== 'returned');
    this.#parts.past?.settled(claim.mail.id, isJudged && copies !== null);
    if (copies === null) {
      work.finish({ ...returned(claim, clock.now() + this.#limits.againMs), elapsedMs });
      return;
    }
    const { outcomes, born } = this.#told(claim, decided);
    const reports = await this.#reports(claim, decided);
    work.finish({ claim, outcomes, born: [...reports, ...born, ...copies], elapsedMs, peer: null });
  }

  /** What rules have archived; null where that can't be made now, and the mail must not go without. */
  async #copies(claim: Claim, decided: Settlement['outcomes']): Promise<Settlement['born'] | null> {
    try {
      return await this.#parts.copies.archived(claim, decided, within(this.#limits.readMs));
    } catch (cause) {
      this.#parts.log.warn('inspect.not-archived', { message: claim.mail.id, why: textOf(cause) });
      return null;
    }
  }

  /** What people hear of it (ports/people-notices.ts); where that can't be said nobody does, and the mail goes its way. */
  #told(claim: Claim, decided: Settlement['outcomes']): Telling {
    try {
      return this.#parts.people.judged(claim, decided);
    } catch (cause) {
      this.#noticeFailed(claim, 'decision', cause);
      return { claim, outcomes: decided, born: [] };
    }
  }

  /**
   * Compared with the rules that this process knows at this moment. It learns of a change within seconds of it (the directory's poll), so a
   * verdict may be carried out under rules that were replaced seconds ago; one that is older than what is known here never is.
   */
  #outcome(
    { mail }: Claim,
    recipient: Claim['recipients'][number],
    verdicts: ReadonlyMap<RecipientNumber, Verdict>,
  ): Outcome | undefined {
    const verdict = verdicts.get(recipient.n);
    if (verdict === undefined || verdict.version !== this.#parts.inspector.version(mail.tenant)) {
      this.#parts.meters.stale.add();
      return undefined;
    }
    const now = this.#parts.clock.now();
    const { address } = recipient;
    const { destination: next } = this.#parts.routing.plan(address, mail.purpose, mail.tenant, mail.identity);
    return outcomeOf(verdict, { mail, recipient, next, now, againAt: now + this.#limits.againMs });
  }

  /** The DSN of what was refused; without it where none can be made, and the log tells (as `queue/notice.ts` does). */
  async #reports(claim: Claim, decided: Settlement['outcomes']): Promise<readonly ArrivedMail[]> {
    const refused = decided.filter(({ outcome }) => outcome.kind === 'bounced');
    if (refused.length === 0) return [];
    try {
      const notice = await this.#parts.notices.notice(claim, refused, 'failure');
      return notice === null ? [] : [notice];
    } catch (cause) {
      this.#noticeFailed(claim, 'failure', cause);
      return [];
    }
  }

  #noticeFailed({ mail }: Claim, kind: string, cause: unknown): void {
    this.#parts.log.error('queue.notice_failed', { incident: true, message: mail.id, kind, why: textOf(cause) });
  }
}

/** Given back unjudged. */
function returned(claim: Claim, due: number): Settlement {
  const outcomes = claim.recipients.map(({ n, delayNotified }) => {
    return { n, outcome: { kind: 'returned', due, delayNotified } as const };
  });
  return { claim, outcomes, born: [], elapsedMs: 0, peer: null };
}
