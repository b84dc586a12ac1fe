/** Figures of the queue for `/metrics`. Labels name kinds, never addresses; destinations are counted by state, not named. */
import type { Counter, Gauge, Histogram, Meter } from '#/ports/index.ts';

/** Seconds; M2 calls one second or less typical. */
const FIRST_ATTEMPT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600];

export interface QueueMeters {
  readonly accepted: Counter;
  readonly handedOver: Counter;
  readonly settled: Counter;
  readonly lapsed: Counter;
  readonly withdrawn: Counter;
  readonly waiting: Gauge;
  readonly oldest: Gauge;
  readonly inMemory: Gauge;
  readonly inFlight: Gauge;
  readonly unsettled: Gauge;
  readonly destinations: Gauge;
  readonly freeDisk: Gauge;
  readonly reserve: Gauge;
  readonly firstAttempt: Histogram;
}

export function queueMeters(meter: Meter): QueueMeters {
  return {
    accepted: meter.counter('holdfast_queue_accepted_messages_total', 'Messages taken into custody by this process.'),
    handedOver: meter.counter(
      'holdfast_queue_handed_over_claims_total',
      'Claims that went from acceptance to delivery in memory.',
    ),
    settled: meter.counter('holdfast_queue_outcomes_total', 'Outcomes of recipients, by kind.'),
    lapsed: meter.counter('holdfast_queue_lapsed_total', 'Outcomes that came after their claim was lost.'),
    withdrawn: meter.counter('holdfast_queue_withdrawn_total', 'Late commits after a 451, withdrawn.'),
    waiting: meter.gauge('holdfast_queue_waiting_recipients', 'Recipients waiting in the store, unclaimed.'),
    oldest: meter.gauge('holdfast_queue_oldest_seconds', 'Age of the oldest waiting recipient.'),
    inMemory: meter.gauge('holdfast_queue_claims', 'Claims in memory: waiting in lanes, reserved or under way.'),
    inFlight: meter.gauge('holdfast_queue_slots', 'Connections that have a slot.'),
    unsettled: meter.gauge('holdfast_queue_unsettled', 'Outcomes that the store has not yet taken.'),
    destinations: meter.gauge('holdfast_queue_destinations', 'Destinations known, by state.'),
    freeDisk: meter.gauge('holdfast_disk_free_bytes', 'Free bytes where custody is kept.'),
    reserve: meter.gauge(
      'holdfast_disk_reserve_bytes',
      'Bytes kept free for the outcomes of the queue; accepting stops below.',
    ),
    firstAttempt: meter.histogram(
      'holdfast_queue_first_attempt_seconds',
      'From acceptance to the first attempt.',
      FIRST_ATTEMPT_BUCKETS,
    ),
  };
}

/** Figures of the periodic work. */
export interface JanitorMeters {
  readonly orphans: Counter;
  readonly scrubbed: Counter;
  readonly rolledOver: Counter;
  readonly balanced: Gauge;
}

export function janitorMeters(meter: Meter): JanitorMeters {
  return {
    orphans: meter.counter(
      'holdfast_orphans_total',
      'Rows that nothing would have moved, by fault and whether mended.',
    ),
    scrubbed: meter.counter('holdfast_scrub_passes_total', 'Passes over all content in custody.'),
    rolledOver: meter.counter('holdfast_rolled_over_rows_total', 'Rows moved out of the hot tables.'),
    balanced: meter.gauge('holdfast_books_balanced', '1 while every tenant balances.'),
  };
}
