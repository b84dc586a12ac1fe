/**
 * One worker of inspection: takes mail that is due, has it judged, and writes the verdicts down.
 * ```
 *   due ─▶ claimed ─▶ judged ─▶ (a probe answered right behind it) ─▶ written down
 *             │          │                    │
 *             │          │                    └─ wrong, late, none: unfit. Nothing of what it judged since counts, its mail is due again
 *             │          └─ rules changed meanwhile: given back, judged anew
 *             ├─ takes long: goes on in the slow lane (`lanes.ts`)
 *             └─ can't be judged: its rules not known here: later; content lost, or the inspector fails on this mail: set aside, or later
 * ```
 * What must never happen: a verdict that is written down before a probe behind it has come back right (`confirm.ts`); mail over which a worker
 * was lost, inspected beside other mail, or without an end before it; a claim that ends in nothing; more mails in memory than the bound.
 *
 * Carries H10 (workers are judged by their answers), H1 (a verdict counts only under the rules that it was made under), M4 (slow mail takes
 * a bounded part of a worker).
 */
import type { Claim, TenantId } from '#/model/index.ts';
import type { InspectionWork } from '#/ports/index.ts';
import { Confirmer, type ConfirmParts } from './confirm.ts';
import { textOf } from './in-time.ts';
import { Judge, type Judged, type JudgeParts } from './judge.ts';
import { type Lane, Lanes, type Place } from './lanes.ts';
import type { InspectLimits } from './limits.ts';
import type { ProbeAnswer } from './probe.ts';

export interface WorkerParts extends JudgeParts, ConfirmParts {
  readonly work: InspectionWork;
}

export class InspectionWorker {
  readonly #parts: WorkerParts;
  readonly #limits: InspectLimits;
  readonly #stop = new AbortController();
  readonly #lanes: Lanes;
  readonly #judge: Judge;
  readonly #confirmer: Confirmer;
  /** Monotonic ms of the last looks for mail that must be inspected alone, and for mail that waits in the slow lane. */
  #lookedAlone = Number.NEGATIVE_INFINITY;
  #lookedSlow = Number.NEGATIVE_INFINITY;
  #slowWanted = Promise.withResolvers<void>();
  /** Since when there has been something under way all the time, monotonic ms. */
  #busySince: number;
  /** Monotonic ms: mail that is inspected alone has had its turn, and until then all other has. */
  #othersUntil = Number.NEGATIVE_INFINITY;
  /** Whether more of it may wait. */
  #aloneLeft = false;
  readonly #running: Promise<void>;

  constructor(limits: InspectLimits, parts: WorkerParts) {
    this.#limits = limits;
    this.#parts = parts;
    this.#lanes = new Lanes(limits);
    this.#judge = new Judge(limits, parts);
    this.#confirmer = new Confirmer(limits, parts);
    this.#busySince = parts.clock.monotonic();
    this.#running = this.#run();
  }

  /** Part of the fast places that is taken, from 0 to 1: what waits in slow ones waits for others, and more workers would not help it. */
  get load(): number {
    return Math.min(1, this.#lanes.fast / this.#limits.mailsAtOnce);
  }

  /** Has the probe judged now, for whoever watches. */
  probe(): Promise<ProbeAnswer> {
    return this.#confirmer.probe();
  }

  /** Begins no mail any more, and lets what is under way end, within its time. What is not over by then is due again for others. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    const timer = setTimeout(() => this.#lanes.giveUpAll('late'), this.#limits.drainMs);
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
      if (this.#goesOn && !took)
        await Promise.race([this.#parts.work.wait(this.#stop.signal), this.#slowWanted.promise]);
    }
  }

  get #goesOn(): boolean {
    return !this.#stop.signal.aborted && !this.#confirmer.isUnfit;
  }

  /** Whether there may be more at once. */
  async #turn(): Promise<boolean> {
    if (this.#wantsAlone() && (await this.#calm(this.#limits.calmMs))) await this.#someAlone();
    await this.#fillSlow();
    if (!this.#lanes.hasFast) {
      await this.#lanes.freed();
      return true;
    }
    const claims = this.#goesOn ? await this.#parts.work.claim(this.#limits.claimRecipients) : [];
    // More mails than places: they wait here for one, as part of the same claim.
    for (const claim of claims) {
      while (!this.#lanes.hasFast) await this.#lanes.freed();
      if (this.#goesOn) void this.#begin(claim, 'fast');
      else this.#giveBack(claim);
    }
    return claims.length > 0;
  }

  #giveBack(claim: Claim): void {
    const outcomes = [...this.#judge.again(claim, 0)].map(([n, outcome]) => ({ n, outcome }));
    this.#parts.work.finish({ claim, outcomes, born: [], elapsedMs: 0, peer: null });
  }

  // ── one mail ──

  #begin(claim: Claim, lane: Lane): Promise<void> {
    const { tenant } = claim.mail;
    const place = this.#lanes.enter(lane, tenant, lane === 'slow' ? this.#parts.inspector.slow(tenant) : []);
    this.#show();
    return this.#inspect(claim, place).finally(() => {
      this.#lanes.leave(place);
      this.#show();
    });
  }

  #show(): void {
    this.#parts.meters.underWay.set(this.#lanes.fast, { lane: 'fast' });
    this.#parts.meters.underWay.set(this.#lanes.slow, { lane: 'slow' });
  }

  /** Ends when the mail's claim has been handed to the settler, or the worker is unfit. Never rejects. */
  async #inspect(claim: Claim, place: Place): Promise<void> {
    const beganAt = this.#parts.clock.monotonic();
    const judged = await (place.lane === 'fast' ? this.#judgeSoon(claim, place) : this.#judge.judge(claim, place));
    await this.#confirmer.confirm({ claim, beganAt, judged });
  }

  /** In a fast place, where nothing stays for long. */
  async #judgeSoon(claim: Claim, place: Place): Promise<Judged> {
    if (this.#parts.inspector.slow(place.tenant).length > 0) return this.#sentToSlow(claim);
    const timer = setTimeout(() => this.#takesLong(place), this.#limits.slowAfterMs);
    try {
      const judged = await this.#judge.judge(claim, place);
      if (place.givenUp === 'slow') this.#lookSlowSoon();
      return judged;
    } finally {
      clearTimeout(timer);
    }
  }

  #sentToSlow(claim: Claim): Judged {
    this.#lookSlowSoon();
    return this.#judge.later(claim);
  }

  #takesLong(place: Place): void {
    this.#parts.meters.slow.add();
    if (!this.#lanes.slowDown(place, this.#parts.inspector.slow(place.tenant))) place.giveUp('slow');
  }

  // ── the slow lane ──

  #lookSlowSoon(): void {
    this.#lookedSlow = Number.NEGATIVE_INFINITY;
    this.#slowWanted.resolve();
  }

  /** Takes what waits in the store's slow lane, tenants in turn, as far as there are places for it. */
  async #fillSlow(): Promise<void> {
    this.#slowWanted = Promise.withResolvers();
    const now = this.#parts.clock.monotonic();
    if (now - this.#lookedSlow < this.#limits.slowLookMs || this.#keepsSlowEmpty(now)) return;
    this.#lookedSlow = now;
    const room = (tenant: TenantId): number =>
      Math.min(this.#limits.slowTurn, this.#lanes.slowRoom(tenant, this.#parts.inspector.slow(tenant)));
    // No more than there are places, or slow mail that is fast again would keep all other waiting.
    for (let begun = 0; begun < this.#limits.slowAtOnce && this.#goesOn; ) {
      const claims = await this.#parts.work.claimSlow(room);
      if (claims.length === 0) return;
      for (const claim of claims) void this.#begin(claim, 'slow').finally(() => this.#lookSlowSoon());
      begun += claims.length;
    }
    this.#lookSlowSoon();
  }

  /** Slow mail that never ends must not keep from its turn what has to be inspected alone. */
  #keepsSlowEmpty(now: number): boolean {
    return now >= this.#othersUntil && (this.#aloneLeft || now - this.#busySince > this.#limits.aloneLatestMs);
  }

  // ── mail that is inspected alone ──

  #wantsAlone(): boolean {
    const now = this.#parts.clock.monotonic();
    if (now < this.#othersUntil) return false;
    const isCalm = this.#lanes.size === 0;
    if (isCalm && this.#keepsSlowEmpty(now)) return true;
    return now - this.#lookedAlone >= (isCalm ? this.#limits.idleAloneMs : this.#limits.aloneMs);
  }

  /** Whether nothing is under way any more, by then. */
  async #calm(waitMs: number): Promise<boolean> {
    this.#lookedAlone = this.#parts.clock.monotonic();
    const enough = Number.isFinite(waitMs)
      ? this.#parts.clock.sleep(waitMs, this.#stop.signal).then(() => 'enough')
      : NEVER;
    while (this.#lanes.size > 0 && !this.#confirmer.isUnfit) {
      if ((await Promise.race([enough, this.#lanes.freed()])) === 'enough') break;
    }
    if (this.#lanes.size > 0) return false;
    this.#busySince = this.#parts.clock.monotonic();
    return true;
  }

  /** One after the other, for a turn; then other mail has as long: one lost worker may leave many, and each may wait for a server that is slow. */
  async #someAlone(): Promise<void> {
    const beganAt = this.#parts.clock.monotonic();
    let now = beganAt;
    do {
      const claim = await this.#parts.work.claimAlone();
      this.#aloneLeft = claim !== null;
      if (claim === null) break;
      this.#parts.log.warn('inspect.alone', { message: claim.mail.id });
      await this.#begin(claim, 'alone');
      await this.#settledAll();
      now = this.#parts.clock.monotonic();
    } while (this.#goesOn && now - beganAt < this.#limits.aloneTurnMs);
    this.#busySince = now;
    this.#othersUntil = now + (now - beganAt);
  }

  /** Its outcome has to be durable before the next one is begun: it would be lost with it, and look guilty. */
  async #settledAll(): Promise<void> {
    while (this.#parts.work.unsettled > 0 && this.#goesOn)
      await this.#parts.clock.sleep(SETTLED_LOOK_MS, this.#stop.signal);
  }
}

const NEVER = new Promise<never>(() => {});
const SETTLED_LOOK_MS = 5;
