/**
 * Learns who writes to whom from mail that was delivered, beside the queue that settles it and never in its way: noted in memory, written in
 * groups about once a second.
 *
 * States of a pair: noted ─▶ written, or noted again where the store is away. What a crash loses was noted within the last second or so: its recipient counts as new
 * once more, which asks a person too often and lets nothing go unseen.
 *
 * What must never happen: a delivery that waits for it; memory without a bound; a pair of mail that nobody got.
 */
import type { MailAddress, Settlement, TenantId } from '#/model/index.ts';
import { addressKey, PROBE_TENANT, SYSTEM_TENANT, within } from '#/model/index.ts';
import type { Clock, Correspondence, Correspondents, Counter, DirectorySource, Log, Meter } from '#/ports/index.ts';
import { AWAY_MS, BATCH_PAIRS, GATHER_MS, LEARN_MS, RECENT_MAX, REST_MS, WAITING_MAX } from './limits.ts';
import { personHash } from './person-hash.ts';

export interface LearnerParts {
  readonly correspondents: Pick<Correspondents, 'learn'>;
  readonly directory: DirectorySource;
  /** Of the keyed hash. */
  readonly key: Buffer;
  readonly clock: Clock;
  readonly log: Log;
  readonly meter: Pick<Meter, 'counter'>;
}

interface Pair {
  readonly tenant: TenantId;
  readonly sender: string;
  readonly recipient: string;
}

const DAY_MS = 86_400_000;
const OURS: ReadonlySet<TenantId> = new Set([SYSTEM_TENANT, PROBE_TENANT]);

export class CorrespondenceLearner implements AsyncDisposable {
  readonly #parts: LearnerParts;
  readonly #leftOut: Counter;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  /** By their text; a pair that is written or waits is not noted twice a day. */
  readonly #waiting = new Map<string, Pair>();
  readonly #recent = new Set<string>();
  #day = 0;
  #isAway = false;

  /** Works until it is disposed; then what waits is written, where the store is there. */
  constructor(parts: LearnerParts) {
    this.#parts = parts;
    this.#leftOut = parts.meter.counter(
      'holdfast_correspondents_left_out_total',
      'Deliveries from which it was not learnt who writes to whom: the store was away for too long.',
    );
    this.#running = this.#run();
  }

  /** Takes note of what was settled: a look into a set for mail to people who were written to today. Never throws. */
  settled({ claim: { mail, recipients }, outcomes }: Settlement): void {
    // What was born of other mail, such as a forward, nobody has written.
    if (mail.purpose !== 'mail' || mail.parent !== null || OURS.has(mail.tenant)) return;
    const delivered = new Set(outcomes.flatMap(({ n, outcome }) => (outcome.kind === 'delivered' ? n : [])));
    if (delivered.size === 0) return;
    for (const { n, address, direction } of recipients) {
      if (direction !== 'outbound' || !delivered.has(n)) continue;
      this.#note({ tenant: mail.tenant, sender: mail.sender ?? '', recipient: address });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  #note(pair: Pair): void {
    this.#turnDay();
    const text = `${pair.tenant}\n${addressKey(pair.sender)}\n${addressKey(pair.recipient)}`;
    if (this.#recent.has(text)) return;
    if (this.#waiting.size >= WAITING_MAX) {
      this.#leftOut.add();
      return;
    }
    if (this.#recent.size >= RECENT_MAX) this.#recent.clear();
    this.#recent.add(text);
    this.#waiting.set(text, pair);
  }

  // The day of the last mail is what forgetting goes by: each day a pair is written once more.
  #turnDay(): void {
    const day = Math.floor(this.#parts.clock.now() / DAY_MS);
    if (day !== this.#day) this.#recent.clear();
    this.#day = day;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const isDone = await this.#write();
      const pauseMs = this.#waiting.size === 0 ? GATHER_MS : REST_MS;
      await this.#parts.clock.sleep(isDone ? pauseMs : AWAY_MS, signal);
    }
    while (!this.#isAway && this.#waiting.size > 0) await this.#write();
  }

  /** Writes some of what waits; false where that failed. */
  async #write(): Promise<boolean> {
    const { correspondents, log } = this.#parts;
    const some = [...this.#waiting].slice(0, BATCH_PAIRS);
    if (some.length === 0) return true;
    try {
      await correspondents.learn(
        some.map(([, pair]) => this.#hashed(pair)),
        within(LEARN_MS),
      );
    } catch (cause) {
      // Said once: it is tried again and again.
      if (!this.#isAway) log.warn('inspect.unlearnt', { why: cause instanceof Error ? cause.message : String(cause) });
      this.#isAway = true;
      return false;
    }
    this.#isAway = false;
    for (const [text] of some) this.#waiting.delete(text);
    return true;
  }

  #hashed({ tenant, sender, recipient }: Pair): Correspondence {
    const { key, directory } = this.#parts;
    const hash = (address: string) => personHash(key, tenant, address);
    return { tenant, sender: hash(personOf(sender, directory)), recipient: hash(recipient), day: this.#day };
  }
}

/** A user is one person under all of their addresses. */
function personOf(sender: string, directory: DirectorySource): string {
  return sender === '' ? '' : (directory.current().user(sender as MailAddress)?.user.address ?? sender);
}
