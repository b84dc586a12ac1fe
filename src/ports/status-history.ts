/**
 * What was measured of the installation, minute by minute: states of components, seconds of stages, changes of state. Kept for the pages, and for
 * reports that look back.
 *
 * What must never happen: a minute that counts twice, be it written again; a day whose minutes are gone before they stand in its sum.
 *
 * Keepers: `store/sql/status/`, over SQLite, PostgreSQL and memory; one suite: `store/contract/status-history.ts`. Every method may be called again.
 */
import type {
  Call,
  ComponentDay,
  ComponentId,
  ComponentState,
  StagePoint,
  StateChange,
  TimedStage,
  UpstreamReport,
} from '#/model/index.ts';

export interface StatusHistory {
  /** Durable when it resolves, all or none. A minute, a figure or a change that is there already is replaced. */
  keep(records: StatusRecords, call: Call): Promise<void>;

  /** Minutes by day of all components, from a UTC day (`2026-11-30`) on, by component and day. */
  days(from: string, call: Call): Promise<readonly ComponentDay[]>;

  /** Figures of the stages of a region since a wall-clock ms, by stage and time; older ones stand for an hour each. */
  figures(region: string, since: number, call: Call): Promise<readonly StageFigure[]>;

  /** Changes of state, newest first, at most `limit`, of those before `before` where it is given. */
  changes(before: number | null, limit: number, call: Call): Promise<readonly StateChange[]>;

  /** Makes days of minutes, and hours of figures, that ended before `dense`; drops what ended before `keep`. Wall-clock ms. */
  thin(dense: number, keep: number, call: Call): Promise<void>;

  /** What one process tells of the providers that it delivers to; each report stands in the place of its reporter's former one. */
  tellUpstreams(reports: readonly UpstreamReport[], call: Call): Promise<void>;

  /** What was told at a wall-clock ms or later, by provider and reporter. `thin` drops what is older than `dense`. */
  upstreams(since: number, call: Call): Promise<readonly UpstreamReport[]>;

  [Symbol.asyncDispose](): Promise<void>;
}

export interface StatusRecords {
  readonly minutes: readonly ComponentMinute[];
  readonly figures: readonly StageFigure[];
  readonly changes: readonly StateChange[];
}

/** The worst state of a component in one minute. */
export interface ComponentMinute {
  readonly component: ComponentId;
  /** Wall-clock ms of the begin of the minute. */
  readonly at: number;
  readonly state: ComponentState;
}

/** What passed a stage of a region in a minute. */
export interface StageFigure extends StagePoint {
  readonly region: string;
  readonly stage: TimedStage;
}
