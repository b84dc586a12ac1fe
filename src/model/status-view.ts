import type { ComponentKind, StateChange, StateReason } from './component.ts';
import type { ComponentId, ComponentState, Incident } from './incident.ts';

/** Minutes of one UTC day by state, for one component. What was not watched is in none of them. */
export interface ComponentDay {
  readonly component: ComponentId;
  /** `2026-11-30`. */
  readonly day: string;
  readonly minutes: Readonly<Partial<Record<ComponentState, number>>>;
}

/** One component as it is shown. */
export interface ComponentView {
  readonly id: ComponentId;
  readonly kind: ComponentKind;
  readonly state: ComponentState;
  /** Wall-clock ms since when it has been in it. */
  readonly since: number;
  readonly reasons: readonly StateReason[];
  /** In order of days; days that were not watched are not there. */
  readonly days: readonly ComponentDay[];
}

/** What waits and how it moves (M7). */
export interface FlowView {
  /** Recipients that wait now. */
  readonly waiting: number;
  /** Age of the oldest that is due here, ms; null where none is. */
  readonly oldestMs: number | null;
  /** Recipients a minute, over the last minutes. */
  readonly arrivedPerMinute: number;
  readonly leftPerMinute: number;
  /** Until the backlog is through at this pace, ms; 0 where nothing waits, null where it does not shrink. */
  readonly drainMs: number | null;
}

/** Steps of a mail's way whose seconds are shown. */
export const TIMED_STAGES = ['submission', 'inspection', 'delivery', 'mailboxes', 'imap', 'pop3'] as const;

export type TimedStage = (typeof TIMED_STAGES)[number];

/** Time that a stage took, of what passed it around a moment. */
export interface StagePoint {
  /** Wall-clock ms of its begin. */
  readonly at: number;
  readonly count: number;
  /** Ms. */
  readonly p50: number;
  readonly p95: number;
}

export interface StageView {
  readonly stage: TimedStage;
  /** In order of time. */
  readonly points: readonly StagePoint[];
}

/** Everything that the status pages show, of one moment. */
export interface StatusView {
  /** Wall-clock ms of the last look. */
  readonly at: number;
  readonly name: string;
  /** Public base of the pages. */
  readonly url: string;
  readonly region: string;
  readonly components: readonly ComponentView[];
  readonly flow: FlowView | null;
  readonly stages: readonly StageView[];
  /** Newest first. */
  readonly changes: readonly StateChange[];
  /** What was published of the days that are shown, newest first. */
  readonly incidents: readonly Incident[];
}
