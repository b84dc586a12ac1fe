/** What delivery counts for `/metrics`. */
import type { Outcome } from '#/model/index.ts';
import type { Counter, Labels, Meter } from '#/ports/index.ts';

export class OutboundMeters {
  readonly #outcomes: Counter;
  readonly #opened: Counter;
  readonly #down: Counter;
  readonly #labels = new Map<Outcome['kind'], Labels>();

  constructor(meter: Meter) {
    this.#outcomes = meter.counter('holdfast_outbound_recipients_total', 'Recipients whose attempt ended, by outcome.');
    this.#opened = meter.counter('holdfast_outbound_sessions_total', 'Sessions opened with peers.');
    this.#down = meter.counter('holdfast_outbound_unreachable_total', 'Times no host of a destination could be used.');
  }

  ended(outcomes: readonly { readonly outcome: Outcome }[]): void {
    for (const { outcome } of outcomes) {
      const labels = this.#labels.getOrInsertComputed(outcome.kind, (kind) => ({ outcome: kind }));
      this.#outcomes.add(1, labels);
    }
  }

  opened(): void {
    this.#opened.add();
  }

  down(): void {
    this.#down.add();
  }
}
