/**
 * One slot's round: takes claims, finds or opens a session, and tells the queue what became of each.
 *
 * ```
 *   slot ─▶ claim ─▶ still this way? ─▶ signatures decided? ─▶ session ─▶ verdicts ─▶ outcomes (+ DSNs) ─▶ finish
 *                        │                    │                    │
 *                        └─ moved, held       └─ no: due again     └─ none: trouble, release
 * ```
 * What leaves is made by `leaving.ts`.
 * What must never happen: a round that ends without `release`; a claim with mail that must not leave in clear on a session that is not
 * verified (RFC 8689); a round that goes on for ever over a peer that drops each connection (restarts are counted per job).
 * Carries H4, M5.
 */
import type { BlobRef, BornMail, Claim, ClaimedRecipient, Outcome, PeerReply, RecipientNumber } from '#/model/index.ts';
import { within } from '#/model/index.ts';
import type { Clock, LocalDelivery, Log, Slot, UpstreamEar, Work } from '#/ports/index.ts';
import { bear } from './bear.ts';
import type { Births } from './births.ts';
import { type Copies, hasBcc } from './copies.ts';
import { decide, isOwnAttempt, type Times } from './decide.ts';
import { giveRest } from './give-rest.ts';
import { intoMailboxes } from './into-mailboxes.ts';
import { Job, type Verdict } from './job.ts';
import { Leaving, type LeavingParts } from './leaving.ts';
import type { OutboundMeters } from './meters.ts';
import { mayBeTold, type Notices } from './notices.ts';
import { hasPassword, type Passwords } from './passwords.ts';
import { planAgain } from './plan-again.ts';
import type { Pool } from './pool.ts';
import type { ConnectedHop, Reach, Reached } from './reach.ts';
import type { Routes } from './routes.ts';
import type { Feed, Session } from './session.ts';
import type { OutboundSettings } from './settings.ts';
import { type SignatureStage, undecided } from './signature-stage.ts';
import type { Sink } from './sink.ts';
import type { Sources } from './sources.ts';
import type { Standing } from './standing.ts';
import { unreadable } from './unreadable.ts';
import { repliesOf } from './upstream-replies.ts';

export interface RoundParts extends LeavingParts {
  readonly work: Work;
  readonly clock: Clock;
  readonly log: Log;
  readonly meters: OutboundMeters;
  readonly routes: Routes;
  readonly reach: Reach;
  readonly pool: Pool;
  readonly standing: Standing;
  readonly sources: Sources;
  readonly notices: Notices;
  readonly births: Births;
  readonly copies: Pick<Copies, 'left'>;
  readonly passwords: Pick<Passwords, 'left'>;
  readonly sink: Sink;
  readonly signatures: SignatureStage;
  /** Null where no mailboxes are reached from here. */
  readonly local: LocalDelivery | null;
  readonly upstreams: UpstreamEar;
  readonly settings: OutboundSettings;
  /** Aborts when opening a session is of no more use. */
  readonly stopping: AbortSignal;
}

/** Mails with REQUIRETLS that wait for their own session while another runs. */
const asideMax = 8;

export class Round implements Feed {
  readonly #slot: Slot;
  readonly #parts: RoundParts;
  readonly #times: Times;
  readonly #leaving: Leaving;
  /** Untried by the sessions so far; first in line for the next. */
  readonly #again: Job[] = [];
  /** Need a session of their own: verified TLS (RFC 8689 §4.2). */
  readonly #aside: Job[] = [];
  readonly #notices = new Set<Promise<void>>();
  #session: Session | null = null;
  #strict = false;
  #over = false;
  /** The address that its session left from is not trusted by the peer. */
  #isDistrusted = false;

  constructor(slot: Slot, parts: RoundParts) {
    this.#slot = slot;
    this.#parts = parts;
    this.#leaving = new Leaving(slot.destination, parts);
    this.#times = {
      get now(): number {
        return parts.clock.now();
      },
      retryAt: (attempts) => parts.work.retryAt(attempts),
    };
  }

  /** Works until the slot has no more. Never rejects; the slot is released when it resolves. */
  async run(): Promise<void> {
    try {
      while (!this.#over && (await this.#turn())) await this.#noticesMade();
      this.#leave();
      await this.#noticesMade();
    } catch (error) {
      this.#parts.log.error('outbound.failed', { destination: this.#slot.destination, error: String(error) });
      this.#leave();
    } finally {
      this.#slot.release();
    }
  }

  /** Ends running transactions at once. */
  abort(): void {
    this.#session?.abort('was left: this server is stopping');
  }

  // ── as the feed of a session ──

  next(): Job | null {
    if (this.#over || this.#parts.stopping.aborted || this.#notices.size >= this.#parts.settings.limits.noticesMax)
      return null;
    for (;;) {
      const job = this.#strict ? this.#aside.shift() : (this.#again.shift() ?? this.#fresh());
      if (job === undefined || job === null) return null;
      if (this.#strict || !job.mail.needs.requireTls) return job;
      this.#aside.push(job);
      if (this.#aside.length >= asideMax) return null;
    }
  }

  done(job: Job): void {
    if (giveRest(job, this.#parts.sources, this.#parts.upstreams, this.#slot.destination)) {
      this.#isDistrusted = true;
      this.#over = true;
    }
    if (job.births.size === 0 && !job.crosses && !hasBcc(job.claim) && !hasPassword(job.claim)) {
      this.#conclude(job, []);
      return;
    }
    const { settings, ...parts } = this.#parts;
    const made = bear(job, { ...parts, limits: settings.limits })
      .then(async (born) => this.#conclude(job, [...born, ...(await this.#copies(job)), ...this.#passwords(job)]))
      .finally(() => this.#notices.delete(made));
    this.#notices.add(made);
  }

  /** Copies of what has left. What was delivered stays so without one: the log tells, and the next recipient who is served brings it. */
  async #copies(job: Job): Promise<readonly BornMail[]> {
    if (!hasBcc(job.claim) || ![...job.verdicts.values()].some(({ kind }) => kind === 'taken')) return [];
    try {
      if (job.body === null) await this.load(job);
      return job.body === null ? [] : this.#parts.copies.left(job, job.body);
    } catch (error) {
      this.#parts.log.error('outbound.not-copied', { incident: true, message: job.claim.mail.id, why: String(error) });
      return [];
    }
  }

  /** Of what has left. Should it fail, the mail stays delivered, and the operator has to tell the password. */
  #passwords(job: Job): readonly BornMail[] {
    try {
      return this.#parts.passwords.left(job);
    } catch (error) {
      this.#parts.log.error('outbound.no-password', { incident: true, message: job.claim.mail.id, why: String(error) });
      return [];
    }
  }

  #conclude(job: Job, born: readonly BornMail[]): void {
    job.giveRoom();
    const { claim } = job;
    const outcomes = claim.recipients.map((recipient) => ({ n: recipient.n, outcome: this.#outcome(job, recipient) }));
    const replies = repliesOf(job, this.#slot.destination);
    if (replies.length > 0)
      this.#parts.upstreams.ended(
        this.#slot.destination,
        claim.mail.tenant,
        replies,
        this.#parts.clock.monotonic() - job.begunAt,
      );
    const told = claim.recipients.some((recipient, i) => {
      const outcome = outcomes[i]?.outcome;
      return outcome !== undefined && mayBeTold(claim, recipient, outcome);
    });
    this.#parts.meters.ended(outcomes);
    if (!told) {
      this.#finish(job, outcomes, born);
      return;
    }
    const made = this.#finishWithNotices(job, outcomes, born).finally(() => this.#notices.delete(made));
    this.#notices.add(made);
  }

  redo(job: Job): void {
    if (job.mail.needs.requireTls) this.#aside.push(job);
    else this.#again.push(job);
  }

  busy(reply: PeerReply): void {
    this.#slot.trouble('busy', reply);
  }

  mayAttempt(): boolean {
    return this.#parts.work.mayAttempt();
  }

  load(job: Job): Promise<void> {
    return this.#leaving.load(job);
  }

  read(job: Job, ref: BlobRef): AsyncIterable<Uint8Array> {
    return this.#leaving.read(job, ref);
  }

  unreadable(job: Job, error: unknown): Verdict {
    return unreadable(job.claim, error, this.#parts.log);
  }

  // ── one session after the other ──

  /** One session's worth; false when there is nothing more. */
  async #turn(): Promise<boolean> {
    // Without a lease no session would take anything: what we hold goes back by `release`.
    if (!this.mayAttempt()) return false;
    this.#strict = false;
    const job = this.next();
    if (job !== null) this.#again.unshift(job);
    else if (this.#aside.length === 0) return false;
    this.#strict = job === null;
    const hop = this.#parts.routes.hop(this.#slot.destination);
    if (hop.kind === 'mx' || hop.kind === 'route' || hop.kind === 'cloud') await this.#connected(hop);
    else if (hop.kind === 'mailboxes') await this.#intoMailboxes();
    else if (hop.kind === 'neighbour') await this.#toNeighbour();
    else this.#atHome(hop.kind);
    return true;
  }

  async #connected(hop: ConnectedHop): Promise<void> {
    const session = (this.#strict ? null : this.#kept()) ?? this.#opened(await this.#open(hop));
    if (session === null) return;
    this.#session = session;
    const left = this.#parts.standing.enter(this.#slot.destination);
    try {
      const end = await session.run(this);
      if (end === 'lost' || this.#strict || this.#isDistrusted || this.#parts.stopping.aborted) session.quit();
      else this.#parts.pool.put(this.#slot.destination, session);
    } finally {
      left();
      this.#session = null;
    }
  }

  #kept(): Session | null {
    const session = this.#parts.pool.take(this.#slot.destination);
    if (session !== null) this.#slot.alive();
    return session;
  }

  #open(hop: ConnectedHop): Promise<Reached> {
    const { reach, stopping } = this.#parts;
    return reach.open(hop, { probe: this.#slot.probe, requireTls: this.#strict }, stopping);
  }

  #opened(reached: Reached): Session | null {
    if (reached.kind !== 'open') {
      this.#unreached(reached);
      return null;
    }
    const { destination } = this.#slot;
    this.#slot.alive();
    this.#parts.meters.opened();
    this.#parts.upstreams.opened(destination, reached.session.facts.target.host);
    return reached.session;
  }

  #unreached(reached: Exclude<Reached, { kind: 'open' }>): void {
    if (this.#parts.stopping.aborted) {
      this.#over = true;
      return;
    }
    if (reached.kind !== 'refused') this.#parts.upstreams.unreached(this.#slot.destination, reached.reply);
    if (reached.kind === 'later') {
      this.#down(reached.reply);
      return;
    }
    const job = (this.#strict ? this.#aside : this.#again).shift();
    // RFC 8689 §5: mail with REQUIRETLS that no host can carry so is returned, not sent without.
    const reply = reached.kind === 'unfit' ? { ...reached.reply, code: 550, enhanced: '5.7.30' } : reached.reply;
    job?.judgeRest({ kind: 'refused', reply });
    if (job !== undefined) this.done(job);
  }

  /** No host can be used now: one claim tells why in its trace, the others wait on the destination. */
  #down(reply: PeerReply): void {
    this.#over = true;
    const { destination, probe } = this.#slot;
    const others = this.#parts.standing.at(destination) > 0;
    this.#slot.trouble('down', reply);
    this.#parts.meters.down();
    this.#parts.log.warn('outbound.down', { destination, probe, reply: reply.text });
    const waiting = this.#strict ? this.#aside : this.#again;
    const [job] = waiting;
    // One connection too many, or only a look whether it is back: no attempt of the mail.
    if (job === undefined || others || (probe && !isOwnAttempt(job.claim.recipients, this.#times))) return;
    waiting.shift();
    job.judgeRest({ kind: 'later', reply });
    this.done(job);
  }

  /** A mail that was begun keeps the answers that it has (H4); what nobody touched goes back by `release`. */
  #leave(): void {
    for (const job of [...this.#again.splice(0), ...this.#aside.splice(0)]) {
      job.giveRoom();
      if (job.verdicts.size === 0) continue;
      job.judgeRest({ kind: 'untried', soon: true });
      this.done(job);
    }
  }

  async #intoMailboxes(): Promise<void> {
    const queue = this.#strict ? this.#aside : this.#again;
    const [job] = queue;
    if (job === undefined) return;
    const { local, stopping, settings } = this.#parts;
    const call = within(settings.limits.mailboxMs, stopping);
    const home = await intoMailboxes(
      job,
      { local, load: () => this.load(job), unreadable: (e) => this.unreadable(job, e) },
      call,
    );
    if (home.kind === 'away') {
      // Our own part is away, for seconds mostly: no attempt of the mail, which goes on as soon as a probe finds it back.
      this.#over = true;
      if (!stopping.aborted) this.#slot.trouble('down', home.reply);
      return;
    }
    queue.shift();
    if (home.kind === 'judged') this.#slot.alive();
    this.done(job);
  }

  /** Leaves its sender's custody delivered, and enters by the door of its recipients' tenant in the same settlement. */
  async #toNeighbour(): Promise<void> {
    const job = (this.#strict ? this.#aside : this.#again).shift();
    if (job === undefined) return;
    try {
      if (job.body === null) await this.load(job);
      if (!job.over) job.cross();
    } catch (error) {
      job.judgeRest(this.unreadable(job, error));
    }
    this.#slot.alive();
    this.done(job);
  }

  #atHome(kind: 'sink' | 'nowhere'): void {
    const job = (this.#strict ? this.#aside : this.#again).shift();
    if (job === undefined) return;
    const detail = 'There is no local delivery yet, and no LMTP route for the domain.';
    if (kind === 'nowhere')
      job.judgeRest({ kind: 'decided', outcome: { kind: 'held', reason: 'no local delivery', detail } });
    else {
      const reply = this.#parts.sink.take(job.claim, this.#times.now);
      job.judgeRest({ kind: 'taken', reply, reports: false, final: true });
      this.#slot.alive();
    }
    this.done(job);
  }

  // ── claims ──

  /** The next claim whose way is still this one. */
  #fresh(): Job | null {
    for (;;) {
      const claim = this.#slot.next();
      if (claim === null) return null;
      const job = new Job(claim, this.#parts.clock.monotonic());
      planAgain(job, this.#slot.destination, this.#parts.routes);
      if (job.waiting.length > 0 && this.#parts.signatures.concerns(claim)) {
        this.#signatureFirst(job);
        if (this.#notices.size >= this.#parts.settings.limits.noticesMax) return null;
        continue;
      }
      if (job.waiting.length > 0) this.#leaving.prepare(job);
      if (job.waiting.length > 0) return job;
      this.done(job);
    }
  }

  /** What its signatures are is written down first; then it is due at once. Who can't be signed any more waits for that with the others. */
  #signatureFirst(job: Job): void {
    const decided = this.#decideSignatures(job).finally(() => this.#notices.delete(decided));
    this.#notices.add(decided);
  }

  async #decideSignatures(job: Job): Promise<void> {
    const { waiting, claim } = job;
    const decided = await this.#parts.signatures.decide(claim, undecided(waiting), () => this.#leaving.whole(job));
    for (const { recipient, outcome } of decided) job.judge([recipient], { kind: 'decided', outcome });
    job.judgeRest({ kind: 'untried', soon: true });
    this.done(job);
  }

  #outcome(job: Job, recipient: ClaimedRecipient): Outcome {
    const verdict = job.verdicts.get(recipient.n) ?? { kind: 'untried', soon: true };
    return decide(verdict, recipient, job.claim.mail, this.#times);
  }

  #finish(job: Job, outcomes: OutcomeList, born: Parameters<Slot['finish']>[0]['born']): void {
    const elapsedMs = this.#parts.clock.monotonic() - job.begunAt;
    this.#slot.finish({ claim: job.claim, outcomes, born, elapsedMs, peer: job.peer });
  }

  async #finishWithNotices(job: Job, outcomes: OutcomeList, born: readonly BornMail[]): Promise<void> {
    const { notices } = this.#parts;
    // A report shows the mail as its sender knows it.
    const claim: Claim = job.body === null || job.isChanged ? job.claim : { ...job.claim, body: job.body };
    const relayed = outcomes.filter(({ n }) => reportFor(job, n) === 'relayed');
    const delivered = outcomes.filter(({ n }) => reportFor(job, n) === 'delivered');
    const made = await Promise.all(
      [
        notices.notice(claim, outcomes, 'failure'),
        notices.success(claim, relayed, 'relayed'),
        notices.success(claim, delivered, 'delivered'),
      ].map((notice) => notice.catch((cause: unknown) => this.#unmade(claim, cause))),
    );
    this.#finish(job, outcomes, [...born, ...made.filter((mail) => mail !== null)]);
  }

  // What the peer answered is true without a report of it, and not recording it would send the mail again (H4).
  #unmade({ mail }: Claim, cause: unknown): null {
    this.#parts.log.error('outbound.notice_failed', { incident: true, message: mail.id, why: String(cause) });
    return null;
  }

  async #noticesMade(): Promise<void> {
    if (this.#notices.size > 0) await Promise.all(this.#notices);
  }
}

type OutcomeList = readonly { readonly n: RecipientNumber; readonly outcome: Outcome }[];

/** Which success report is ours to send: none where the peer promised its own (RFC 3461 §5.2.2). */
function reportFor(job: Job, n: RecipientNumber): 'delivered' | 'relayed' | null {
  const verdict = job.verdicts.get(n);
  if (verdict?.kind !== 'taken' || verdict.reports) return null;
  return verdict.final ? 'delivered' : 'relayed';
}
