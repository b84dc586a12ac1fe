/**
 * One worker of inspection: takes mail that is due, has it judged, and writes the verdicts down.
 * ```
 *   due ─▶ claimed ─▶ judged ─▶ (a probe answered right behind it) ─▶ written down
 *             │          │                    │
 *             │          │                    └─ wrong, late, none: unfit. Nothing of what it judged since counts, its mail is due again
 *             │          └─ rules changed meanwhile: given back, judged anew
 *             └─ can't be judged: its rules not known here: later; content lost, or the inspector fails on this mail: set aside, or later
 * ```
 * What must never happen: a verdict that is written down before a probe behind it has come back right; mail over which a worker was lost,
 * inspected beside other mail; a claim that ends in nothing; more mails in memory than the bound.
 *
 * Carries H10 (workers are judged by their answers), H1 (a verdict counts only under the rules that it was made under), M4 (slow mail takes
 * one place of many).
 */
import type { ArrivedMail, Body, Claim, Outcome, RecipientNumber, Settlement, Verdict } from '#/model/index.ts';
import { Fault, isFault, within } from '#/model/index.ts';
import type { Blobs, Clock, Custody, InspectionWork, Inspector, Log, NoticeMaker, Routing } from '#/ports/index.ts';
import type { InspectLimits } from './limits.ts';
import type { InspectMeters } from './meters.ts';
import { outcomeOf } from './outcome.ts';
import { faultOf, type ProbeAnswer, probe } from './probe.ts';

export interface WorkerParts {
  readonly work: InspectionWork;
  readonly inspector: Inspector;
  readonly custody: Pick<Custody, 'body'>;
  /** Null where all content is in custody. */
  readonly blobs: Pick<Blobs, 'read'> | null;
  readonly routing: Pick<Routing, 'plan'>;
  readonly notices: NoticeMaker;
  readonly clock: Clock;
  readonly log: Log;
  readonly meters: InspectMeters;
  /** Its answers can't be trusted: give up the incarnation and end. `clean`: by its answers, not by a mail that it may hang on. */
  readonly onUnfit: (why: string, clean: boolean) => void;
}

/** A mail that is judged, waiting for the probe behind it. */
interface Judged {
  readonly claim: Claim;
  readonly beganAt: number;
  readonly outcomes: ReadonlyMap<RecipientNumber, Outcome> | Verdicts;
}

/** Verdicts, not yet compared with the rules of now. */
class Verdicts {
  readonly of: ReadonlyMap<RecipientNumber, Verdict>;

  constructor(of: ReadonlyMap<RecipientNumber, Verdict>) {
    this.of = of;
  }
}

export class InspectionWorker {
  readonly #parts: WorkerParts;
  readonly #limits: InspectLimits;
  readonly #stop = new AbortController();
  /** Aborts when what is under way has no more time. */
  readonly #late = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #judged: Judged[] = [];
  #confirming: Promise<void> | null = null;
  #isUnfit = false;
  #lookedAlone: number;
  readonly #running: Promise<void>;

  constructor(limits: InspectLimits, parts: WorkerParts) {
    this.#limits = limits;
    this.#parts = parts;
    this.#lookedAlone = Number.NEGATIVE_INFINITY;
    this.#running = this.#run();
  }

  /** Mails that are being judged or wait for their probe. */
  get mails(): number {
    return this.#underWay.size;
  }

  /** Has the probe judged now, for whoever watches. */
  probe(): Promise<ProbeAnswer> {
    return probe(this.#parts.inspector, within(this.#limits.probeMs));
  }

  /** Begins no mail any more, and lets what is under way end, within its time. What is not over by then is due again for others. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    const timer = setTimeout(() => this.#late.abort(), this.#limits.drainMs);
    await this.#running;
    await this.#calm(Number.POSITIVE_INFINITY);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    while (this.#goesOn) {
      const took = await this.#turn().catch((cause: unknown) => {
        this.#parts.log.warn('inspect.claim-failed', { why: textOf(cause) });
        return false;
      });
      if (this.#goesOn && !took) await this.#parts.work.wait(this.#stop.signal);
    }
  }

  get #goesOn(): boolean {
    return !this.#stop.signal.aborted && !this.#isUnfit;
  }

  /** Whether there may be more at once. */
  async #turn(): Promise<boolean> {
    if (this.#wantsAlone() && (await this.#calm(this.#limits.calmMs))) await this.#eachAlone();
    const places = this.#limits.mailsAtOnce - this.#underWay.size;
    if (places <= 0) {
      await Promise.race(this.#underWay);
      return true;
    }
    const claims = this.#goesOn ? await this.#parts.work.claim(this.#limits.claimRecipients) : [];
    // More mails than places: they wait here for one, as part of the same claim.
    for (const claim of claims) {
      while (this.#underWay.size >= this.#limits.mailsAtOnce) await Promise.race(this.#underWay);
      if (this.#goesOn) void this.#begin(claim);
      else this.#giveBack(claim);
    }
    return claims.length > 0;
  }

  #giveBack(claim: Claim): void {
    const outcomes = [...this.#again(claim, 0)].map(([n, outcome]) => ({ n, outcome }));
    this.#parts.work.finish({ claim, outcomes, born: [], elapsedMs: 0, peer: null });
  }

  // ── one mail ──

  #begin(claim: Claim): Promise<void> {
    const done = this.#inspect(claim).finally(() => this.#underWay.delete(done));
    this.#underWay.add(done);
    this.#parts.meters.underWay.set(this.#underWay.size);
    return done;
  }

  /** Ends when the mail's claim has been handed to the settler, or the worker is unfit. Never rejects. */
  async #inspect(claim: Claim): Promise<void> {
    const beganAt = this.#parts.clock.monotonic();
    const outcomes = await this.#judge(claim);
    this.#judged.push({ claim, beganAt, outcomes });
    await this.#confirmed();
  }

  async #judge(claim: Claim): Promise<Judged['outcomes']> {
    if (!this.#goesOn && this.#late.signal.aborted) return this.#again(claim, 0);
    try {
      const body =
        claim.body ?? (await this.#parts.custody.body(claim.mail.id, within(this.#limits.readMs, this.#late.signal)));
      return new Verdicts(await this.#verdicts(claim, body));
    } catch (cause) {
      return this.#unjudged(claim, cause);
    }
  }

  async #verdicts(claim: Claim, body: Body): Promise<ReadonlyMap<RecipientNumber, Verdict>> {
    const { mail, recipients, everybody = recipients } = claim;
    const asked = recipients.map(({ n }) => n);
    const call = within(this.#limits.mailMs, this.#late.signal);
    const inspected = { mail, asked, everybody, content: this.#contentOf(claim, body) };
    const verdicts = await inTime(this.#parts.inspector.inspect(inspected, call), this.#limits.mailMs);
    const missing = asked.find((n) => verdicts.get(n) === undefined);
    if (missing !== undefined) throw new Error(`there is no verdict for recipient ${missing}`);
    return verdicts;
  }

  #contentOf({ mail }: Claim, body: Body): Uint8Array | AsyncIterable<Uint8Array> {
    if (body.kind === 'memory')
      return body.chunks.length === 1 ? (body.chunks[0] as Uint8Array) : Buffer.concat(body.chunks);
    const { blobs } = this.#parts;
    if (blobs === null) throw new Fault('store.unavailable', 'large content without a blob store');
    return blobs.read(mail.tenant, body.ref, within(this.#limits.readMs, this.#late.signal));
  }

  // A store that is away has the content later. What is lost, and what the inspector fails on, is for a person to see (H5).
  #unjudged(claim: Claim, cause: unknown): ReadonlyMap<RecipientNumber, Outcome> {
    const { log } = this.#parts;
    const message = claim.mail.id;
    if (this.#late.signal.aborted) return this.#again(claim, 0);
    const isLost = LOST.some((code) => isFault(cause, code));
    if (cause instanceof Fault && !isLost) {
      log.warn('inspect.unread', { message, why: cause.code });
      return this.#again(claim, isFault(cause, 'rules.unknown') ? this.#limits.rulesAgainMs : this.#limits.againMs);
    }
    log.error('inspect.set-aside', { incident: true, message, why: textOf(cause) });
    const detail = isLost
      ? CONTENT_LOST
      : `inspection failed on it: ${textOf(cause)}; it is inspected again when it is released`;
    return new Map(claim.recipients.map(({ n }) => [n, { kind: 'held', reason: 'set-aside', detail }]));
  }

  #again(claim: Claim, afterMs: number): ReadonlyMap<RecipientNumber, Outcome> {
    const due = this.#parts.clock.now() + afterMs;
    return new Map(claim.recipients.map(({ n, delayNotified }) => [n, { kind: 'returned', due, delayNotified }]));
  }

  // ── mail that is inspected alone ──

  #wantsAlone(): boolean {
    const agoMs = this.#parts.clock.monotonic() - this.#lookedAlone;
    return agoMs >= (this.#underWay.size === 0 ? this.#limits.idleAloneMs : this.#limits.aloneMs);
  }

  /** Whether nothing is under way any more, by then. */
  async #calm(waitMs: number): Promise<boolean> {
    this.#lookedAlone = this.#parts.clock.monotonic();
    const enough = Number.isFinite(waitMs)
      ? this.#parts.clock.sleep(waitMs, this.#stop.signal).then(() => 'enough')
      : NEVER;
    while (this.#underWay.size > 0 && !this.#isUnfit) {
      if ((await Promise.race([enough, ...this.#underWay])) === 'enough') break;
    }
    return this.#underWay.size === 0;
  }

  async #eachAlone(): Promise<void> {
    while (this.#goesOn) {
      const claim = await this.#parts.work.claimAlone();
      if (claim === null) return;
      this.#parts.log.warn('inspect.alone', { message: claim.mail.id });
      await this.#begin(claim);
      await this.#settledAll();
    }
  }

  /** Its outcome has to be durable before the next one is begun: it would be lost with it, and look guilty. */
  async #settledAll(): Promise<void> {
    while (this.#parts.work.unsettled > 0 && this.#goesOn)
      await this.#parts.clock.sleep(SETTLED_LOOK_MS, this.#stop.signal);
  }

  // ── behind the probe ──

  /** Resolves when all that is judged by now was written down, behind a probe that was begun after it. */
  async #confirmed(): Promise<void> {
    // One probe is for all that waits; who comes while it is under way waits for the next one.
    await this.#confirming;
    this.#confirming ??= this.#confirm().finally(() => {
      this.#confirming = null;
    });
    await this.#confirming;
  }

  async #confirm(): Promise<void> {
    const judged = this.#judged;
    this.#judged = [];
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

  async #writeDown({ claim, beganAt, outcomes }: Judged): Promise<void> {
    const { clock, meters, work } = this.#parts;
    const decided = claim.recipients.map((recipient) => {
      const outcome =
        outcomes instanceof Verdicts ? this.#outcome(claim, recipient, outcomes.of) : outcomes.get(recipient.n);
      return {
        n: recipient.n,
        outcome: outcome ?? { kind: 'returned', due: clock.now(), delayNotified: false },
      } as const;
    });
    const elapsedMs = clock.monotonic() - beganAt;
    for (const { outcome } of decided) meters.recipients.add(1, { outcome: outcome.kind });
    meters.seconds.observe(elapsedMs / 1_000);
    const settlement: Settlement = {
      claim,
      outcomes: decided,
      born: await this.#reports(claim, decided),
      elapsedMs,
      peer: null,
    };
    work.finish(settlement);
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
    const { destination: next } = this.#parts.routing.plan(recipient.address, mail.purpose);
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
      this.#parts.log.error('queue.notice_failed', {
        incident: true,
        message: claim.mail.id,
        kind: 'failure',
        why: textOf(cause),
      });
      return [];
    }
  }
}

const LOST = ['body.missing', 'body.damaged', 'key.missing'] as const;
const CONTENT_LOST = 'its content can’t be read from our disk; restore it from a backup, then release it';
const NEVER = new Promise<never>(() => {});
const SETTLED_LOOK_MS = 5;

/** An inspector that forgets its deadline is not waited for; a second is for those that keep it. */
async function inTime<T>(work: Promise<T>, ms: number): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${ms / 1_000} s`)), ms + 1_000);
  try {
    return await Promise.race([work, promise]);
  } finally {
    clearTimeout(timer);
  }
}

function textOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
