/** From what was observed to the figures of the rules. Pure. */
import type { TimedStage, Upstream } from '#/model/index.ts';
import type { Depth } from '#/ports/index.ts';
import { isInspection, isMailboxes, isUpstream, overdueOf } from './flow.ts';
import { shareLeast, windowMs } from './limits.ts';
import type { Measure, Measures } from './measures.ts';
import type { RoleLook } from './observer.ts';
import { quantileOf, type Readings } from './readings.ts';
import type { StageTimes, Times } from './stage-times.ts';

export interface Observed {
  readonly roles: readonly RoleLook[];
  readonly readings: Readings;
  /** Null where custody does not answer. */
  readonly depths: readonly Depth[] | null;
  /** Null where nobody could say. */
  readonly upstreams: readonly Upstream[] | null;
  readonly probes: StageTimes;
  /** By stage, how many probes in a row failed there. */
  readonly failures: ReadonlyMap<TimedStage, number>;
  /** Wall-clock and monotonic ms. */
  readonly now: number;
  readonly monotonic: number;
}

/** Names of figures that are looked at. */
export const READ_NAMES =
  /^holdfast_(?:queue_first_attempt_seconds|inspect_seconds|gate_messages_total|gate_refused_total|web_requests_total|books_balanced|orphans_total|log_dropped_lines|disk_free_bytes|disk_reserve_bytes)/;

const ROLES = ['gate', 'inspect', 'deliver', 'mail', 'web', 'janitor'] as const;

/** Stages whose seconds real mail tells; those of the others are the probes'. */
const HISTOGRAMS: Readonly<Partial<Record<TimedStage, string>>> = {
  inspection: 'holdfast_inspect_seconds',
  delivery: 'holdfast_queue_first_attempt_seconds',
};

/** Probes come twice a minute: so many of them count. */
const PROBES_MS = 100_000;

export function measure(observed: Observed): Measures {
  const { roles, failures } = observed;
  const measures: Partial<Record<Measure, number | null>> = {};
  for (const role of ROLES) {
    const found = roles.find((one) => one.role === role);
    if (found !== undefined) measures[`${role}.down`] = found.ready ? 0 : 1;
  }
  for (const role of ['gate', 'deliver'] as const) {
    const found = roles.find((one) => one.role === role);
    if (found?.ready === true) measures[`${role}.partial`] = found.reason === '' ? 0 : 1;
  }
  for (const stage of ['submission', 'inspection', 'delivery', 'mailboxes', 'imap', 'pop3'] as const) {
    measures[`probe.${stage}`] = failures.get(stage) ?? 0;
    measures[`seconds.${stage}`] = timesOf(stage, observed, windowMs).p95;
  }
  return { ...measures, ...waiting(observed), ...shares(observed) };
}

/** Seconds of a stage in the last `ms`. */
export function timesOf(stage: TimedStage, { readings, probes, monotonic }: Observed, ms: number): Times {
  const histogram = HISTOGRAMS[stage];
  if (histogram === undefined) return probes.since(stage, monotonic - Math.max(ms, PROBES_MS));
  const buckets = readings.buckets(histogram, ms);
  const at = (share: number): number => Math.round(quantileOf(buckets, share) * 1_000);
  return { count: buckets.at(-1)?.count ?? 0, p50: at(0.5), p95: at(0.95) };
}

function waiting({ depths, now }: Observed): Measures {
  if (depths === null) return { 'overdue.inspection': null, 'overdue.mailboxes': null, 'overdue.upstreams': null };
  return {
    'overdue.inspection': overdueOf(depths, now, isInspection),
    'overdue.mailboxes': overdueOf(depths, now, isMailboxes),
    'overdue.upstreams': overdueOf(depths, now, isUpstream),
  };
}

function shares({ readings }: Observed): Measures {
  const later = readings.risen('holdfast_gate_refused_total', windowMs, 'code="451"');
  const taken = readings.risen('holdfast_gate_messages_total', windowMs);
  const failed = readings.risen('holdfast_web_requests_total', windowMs, 'status="5');
  const asked = readings.risen('holdfast_web_requests_total', windowMs);
  return {
    'refused.gateway': share(later, later + taken),
    'failed.portal': share(failed, asked),
    'disk.full': isFull(readings) ? 1 : 0,
    'books.unbalanced': readings.now('holdfast_books_balanced').some((balanced) => balanced === 0) ? 1 : 0,
    'orphans.unmended': readings.risen('holdfast_orphans_total', windowMs, 'mended="false"'),
    'log.dropped': readings.risen('holdfast_log_dropped_lines', windowMs),
  };
}

function isFull(readings: Readings): boolean {
  const [free] = readings.now('holdfast_disk_free_bytes');
  const [reserve] = readings.now('holdfast_disk_reserve_bytes');
  return free !== undefined && reserve !== undefined && free < reserve;
}

function share(part: number, whole: number): number {
  return whole < shareLeast ? 0 : part / whole;
}
