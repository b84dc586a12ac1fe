/** What a drill is, and what it answers: the shapes of `holdfast drill NAME` and of its `--json`. */

/** `small` asserts conservation, order and completeness and only tells times; `full` runs longer and asserts times too. */
export type DrillSize = 'small' | 'full';

/** How much mail of how many companies, where the size is not to decide. */
export interface DrillScale {
  readonly mails?: number;
  readonly tenants?: number;
}

export interface DrillOptions {
  readonly size: DrillSize;
  readonly scale?: DrillScale;
  /** Ends it early; everything that it started is ended before it rejects. */
  readonly signal: AbortSignal;
  /** How far it is, for whoever waits. */
  readonly progress: (line: string) => void;
}

/** One thing that must be true, whether it was, and what was found. */
export interface DrillAssert {
  readonly what: string;
  readonly passed: boolean;
  readonly found: string;
}

export interface DrillReport {
  readonly drill: string;
  readonly passed: boolean;
  /** What was done, in a sentence. */
  readonly did: string;
  readonly asserts: readonly DrillAssert[];
  /** Ms, by name. */
  readonly times: Readonly<Record<string, number>>;
  /** What the same took in the incident that is replayed, ms, by the same names, where it is known. */
  readonly originals?: Readonly<Record<string, number>>;
}

export interface Drill {
  readonly name: string;
  readonly summary: string;
  /** Whether it can be run with a scale of the caller's. */
  readonly scales?: boolean;
  /** Rejects only where the drill could not be run; what it found, good or bad, is in the report. */
  readonly run: (options: DrillOptions) => Promise<DrillReport>;
}
