/** Bounds of what is told to a collector, each with its reason. */
export const TELEMETRY_LIMITS = {
  /** From the end of one window of the journal to the next: spans come while people still look. */
  roundMs: 5_000,
  /** A window ends this long ago: what the indexes of the journal have by then is all that was written (they lag by 2 s). */
  behindMs: 3_000,
  /** One window: each page of it is found by a look at all of it, which others' reads wait for. */
  windowMs: 10_000,
  /** Older windows are left out: a collector that was away for so long is not to be flooded by what nobody looks at any more. */
  lagMs: 15 * 60_000,
  /** After a refusal or a failure. */
  againMs: 15_000,
  /** Recipients that are asked of the journal at once. */
  page: 1_000,
  /** Messages of one window; more are left out and counted. */
  messages: 2_000,
  /** Spans in one request: some hundred KiB, well below what collectors take. */
  spans: 500,
  /** Reading one window, or one request. */
  callMs: 30_000,
  /** Octets of an answer that are read: it says whether, and perhaps why not. */
  answerBytes: 4_096,
} as const;

export type TelemetryLimits = { readonly [Name in keyof typeof TELEMETRY_LIMITS]: number };
