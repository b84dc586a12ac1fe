/** Figures of inspection for `/metrics`; no rule, no address in a label. */
import type { Counter, Gauge, Histogram, Meter } from '#/ports/index.ts';

const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60];

export interface InspectMeters {
  readonly recipients: Counter;
  readonly stale: Counter;
  readonly underWay: Gauge;
  readonly slow: Counter;
  readonly seconds: Histogram;
  readonly probe: Histogram;
}

export function inspectMeters(meter: Meter): InspectMeters {
  return {
    recipients: meter.counter('holdfast_inspect_recipients_total', 'Recipients judged, by outcome.'),
    stale: meter.counter('holdfast_inspect_stale_total', 'Verdicts that were dropped because the rules had changed.'),
    underWay: meter.gauge('holdfast_inspect_mails', 'Mails that are being inspected, by lane.'),
    slow: meter.counter('holdfast_inspect_slow_total', 'Mails that took too long for the fast lane.'),
    seconds: meter.histogram('holdfast_inspect_seconds', 'From the claim of a mail to its verdict.', BUCKETS),
    probe: meter.histogram('holdfast_inspect_probe_seconds', 'Time that a probe took.', BUCKETS),
  };
}
