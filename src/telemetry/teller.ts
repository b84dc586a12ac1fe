/**
 * Tells a collector what the journal says happened, window by window. The journal is the only buffer: no mail waits for a collector, and a collector
 * that is away costs no memory. What is told is what was committed; each host tells of its own work.
 *
 * States: one window at a time; it is told whole, or again (a collector may then have some spans twice, under the same names). What must never
 * happen: mail that waits for it; a window that is left out without a line in the log; a backlog that grows.
 */
import { type MailId, within } from '#/model/index.ts';
import {
  type Clock,
  type Counter,
  type Journal,
  type Log,
  type Meter,
  type RecipientPlace,
  Rounds,
  type Trace,
} from '#/ports/index.ts';
import { type CollectorSettings, tell, Unwanted } from './collector.ts';
import { TELEMETRY_LIMITS, type TelemetryLimits } from './limits.ts';
import { isSampled, type Span, spansOf } from './spans.ts';

export interface TelemetrySettings extends CollectorSettings {
  /** Share of messages that are told, 0 to 1. */
  readonly sample: number;
}

export interface TelemetryParts {
  readonly journal: Pick<Journal, 'affected' | 'trace'>;
  readonly clock: Clock;
  readonly log: Pick<Log, 'warn' | 'info'>;
  readonly meter: Pick<Meter, 'counter'>;
}

export class SpanTeller implements AsyncDisposable {
  readonly #parts: TelemetryParts;
  readonly #settings: TelemetrySettings;
  readonly #limits: TelemetryLimits;
  readonly #spans: Counter;
  readonly #rounds: Rounds;
  /** Wall-clock ms up to which all is told. What was before the start is not told. */
  #from: number;
  #isAway = false;

  constructor(parts: TelemetryParts, settings: TelemetrySettings, limits: TelemetryLimits = TELEMETRY_LIMITS) {
    this.#parts = parts;
    this.#settings = settings;
    this.#limits = limits;
    this.#spans = parts.meter.counter('holdfast_telemetry_spans_total', 'Spans of messages, by what became of them.');
    this.#from = parts.clock.now();
    this.#rounds = new Rounds(parts.clock, {
      work: async () => {
        const more = await this.step();
        if (this.#isAway) parts.log.info('telemetry.back');
        this.#isAway = false;
        return more ? 0 : limits.roundMs;
      },
      failed: (why) => {
        if (!this.#isAway) parts.log.warn('telemetry.away', { why });
        this.#isAway = true;
        return limits.againMs;
      },
    });
  }

  /** Works until it is disposed. */
  start(): this {
    this.#rounds.start();
    return this;
  }

  /** Tells the next window; whether another one waits. Rejects where it must be told again. */
  async step(): Promise<boolean> {
    const until = this.#parts.clock.now() - this.#limits.behindMs;
    // A clock that was set back.
    if (this.#from > until + this.#limits.lagMs) this.#from = until;
    if (until - this.#from > this.#limits.lagMs) this.#leaveOut(until - this.#limits.windowMs);
    const to = Math.min(until, this.#from + this.#limits.windowMs);
    if (to <= this.#from) return false;
    const window = { from: this.#from, to, host: this.#settings.host };
    let batch: Span[] = [];
    for (const trace of await this.#messagesOf(window)) {
      batch.push(...spansOf(trace, window));
      if (batch.length < this.#limits.spans) continue;
      await this.#tell(batch);
      batch = [];
    }
    if (batch.length > 0) await this.#tell(batch);
    this.#from = to;
    return to < until;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#rounds[Symbol.asyncDispose]();
  }

  /** Those with an event in the window that are of the share. */
  async #messagesOf({ from, to }: { readonly from: number; readonly to: number }): Promise<readonly Trace[]> {
    const { journal } = this.#parts;
    const ids = new Set<MailId>();
    let more = 0;
    for (let after: RecipientPlace | null = null; ; ) {
      const page = await journal.affected({ from, to }, after, this.#limits.page, this.#call());
      for (const { message } of page.items) {
        if (ids.has(message) || !isSampled(message, this.#settings.sample)) continue;
        if (ids.size < this.#limits.messages) ids.add(message);
        else more += 1;
      }
      after = page.next;
      if (after === null) break;
    }
    if (more > 0) this.#parts.log.warn('telemetry.too-many', { recipients: more });
    return ids.size === 0 ? [] : await journal.trace({ ids: [...ids] }, ids.size, this.#call());
  }

  async #tell(spans: readonly Span[]): Promise<void> {
    for (let at = 0; at < spans.length; at += this.#limits.spans) {
      const some = spans.slice(at, at + this.#limits.spans);
      try {
        await tell(some, this.#settings, this.#call());
        this.#spans.add(some.length, { outcome: 'told' });
      } catch (error) {
        if (!(error instanceof Unwanted)) throw error;
        this.#spans.add(some.length, { outcome: 'refused' });
        this.#parts.log.warn('telemetry.refused', { why: error.message });
      }
    }
  }

  #leaveOut(from: number): void {
    this.#parts.log.warn('telemetry.left-out', { from: this.#from, to: from });
    this.#from = from;
  }

  #call() {
    return within(this.#limits.callMs, this.#rounds.signal);
  }
}
