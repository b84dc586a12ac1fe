/**
 * Writes down what inspection found out about mail, for dry runs: beside the way of the mail, in batches, and only of mail whose verdict was
 * written down.
 * ```
 *   noted ─▶ (its verdict is written down) ─▶ in a batch ─▶ (some seconds, or it is full) ─▶ kept
 *     └─ dropped: judged anew, or unfit          └─ no room, no store: a gap, which the next batch counts
 * ```
 * What must never happen: a mail that waits for this, or fails by it; facts of a worker that could not be trusted; more memory than the bound. What
 * a worker that dies had not yet written is lost: the flush interval's worth of mail, and of dry runs alone. Carries H1.
 */
import type { MailFacts, MailId, TenantId } from '#/model/index.ts';
import { newMailId, within } from '#/model/index.ts';
import type { Answers } from '#/policy/index.ts';
import type { Clock, Counter, Log, Meter, PastMails } from '#/ports/index.ts';
import { textOf } from '../in-time.ts';
import { BatchWriter } from './batch-form.ts';
import type { KeptMail } from './kept-mail.ts';
import type { PastLimits } from './limits.ts';

export interface PastKeeperParts {
  readonly past: Pick<PastMails, 'keep'>;
  /** Whether facts of this tenant's mail are to be kept now. */
  readonly keeps: (tenant: TenantId) => boolean;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Pick<Meter, 'counter'>;
}

export class PastKeeper implements AsyncDisposable {
  readonly #parts: PastKeeperParts;
  readonly #limits: PastLimits;
  readonly #missedTotal: Counter;
  readonly #pending = new Map<MailId, KeptMail>();
  readonly #batches = new Map<TenantId, BatchWriter>();
  /** Mails of a tenant that no batch has told of yet. */
  readonly #missed = new Map<TenantId, number>();
  /** One after the other: however many tenants there are, the store has one of them at a time. */
  #written: Promise<void> = Promise.resolve();
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #waitingChars = 0;
  /** Told once an outage. */
  #isAway = false;

  constructor(parts: PastKeeperParts, limits: PastLimits) {
    this.#parts = parts;
    this.#limits = limits;
    this.#missedTotal = parts.meter.counter(
      'holdfast_inspect_unkept_total',
      'Mails whose facts could not be kept for dry runs.',
    );
    this.#running = this.#run();
  }

  keeps(tenant: TenantId): boolean {
    return this.#parts.keeps(tenant);
  }

  /** What is known of a mail; nothing of it counts before `settled`. */
  note(id: MailId, facts: MailFacts, answers: Answers): void {
    // Who looks at a mail again knows it better; whoever never comes back makes room.
    this.#pending.delete(id);
    const [oldest] = this.#pending.keys();
    if (this.#pending.size >= this.#limits.pendingMax && oldest !== undefined) this.#lose(oldest);
    this.#pending.set(id, { id, at: this.#parts.clock.now(), facts: withoutTexts(facts), answers });
  }

  /** Its verdict was written down, or, `false`, was not and will not be. */
  settled(id: MailId, isWritten: boolean): void {
    const mail = this.#pending.get(id);
    if (mail === undefined) return;
    this.#pending.delete(id);
    if (isWritten) this.#add(mail);
  }

  /** Writes down what waits, within its time. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#flushAll();
    const done = new AbortController();
    const late = this.#parts.clock.sleep(this.#limits.drainMs, done.signal);
    await Promise.race([this.#written, late]);
    done.abort();
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#parts.clock.sleep(this.#limits.flushMs, this.#stop.signal);
      this.#flushAll();
    }
  }

  #add(mail: KeptMail): void {
    const { tenant } = mail.facts;
    const { mailCharsMax, waitingChars, batchMails, batchChars } = this.#limits;
    const batch = this.#batches.getOrInsertComputed(tenant, () => new BatchWriter());
    const before = batch.chars;
    if (this.#waitingChars >= waitingChars || !batch.take(mail, mailCharsMax)) {
      this.#miss(tenant, 1);
      return;
    }
    this.#waitingChars += batch.chars - before;
    if (batch.mails >= batchMails || batch.chars >= batchChars) this.#flush(tenant, batch);
  }

  #flushAll(): void {
    for (const [tenant, batch] of [...this.#batches]) this.#flush(tenant, batch);
  }

  #flush(tenant: TenantId, batch: BatchWriter): void {
    this.#batches.delete(tenant);
    if (batch.mails === 0) return;
    this.#written = this.#written.then(async () => {
      await this.#write(tenant, batch);
      this.#waitingChars -= batch.chars;
    });
  }

  async #write(tenant: TenantId, batch: BatchWriter): Promise<void> {
    const { past, clock, log } = this.#parts;
    const { mails, times } = batch;
    const missed = this.#missed.get(tenant) ?? 0;
    this.#missed.delete(tenant);
    try {
      const about = { id: newMailId(clock.now()), tenant, ...times, mails, missed };
      const content = await batch.octets();
      const { bounds, callMs } = this.#limits;
      const isKept = await past.keep({ ...about, content }, bounds, within(callMs));
      this.#isAway = false;
      if (isKept) return;
      this.#miss(tenant, mails);
    } catch (cause) {
      this.#miss(tenant, mails);
      if (!this.#isAway) log.warn('inspect.unkept', { why: textOf(cause) });
      this.#isAway = true;
    }
    this.#missed.set(tenant, (this.#missed.get(tenant) ?? 0) + missed);
  }

  #lose(id: MailId): void {
    const mail = this.#pending.get(id);
    this.#pending.delete(id);
    if (mail !== undefined) this.#miss(mail.facts.tenant, 1);
  }

  #miss(tenant: TenantId, mails: number): void {
    this.#missed.set(tenant, (this.#missed.get(tenant) ?? 0) + mails);
    this.#missedTotal.add(mails);
  }
}

// They may be large, and nothing of them is kept.
function withoutTexts(facts: MailFacts): MailFacts {
  return { ...facts, parts: facts.parts.map((part) => (part.text === null ? part : { ...part, text: null })) };
}
