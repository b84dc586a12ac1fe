/** Bounds of what is kept of past mail, each with its reason. */
export interface PastLimits {
  /** Mails that are judged and not yet written down: as many as a worker has places, and again as many that wait for a probe. */
  readonly pendingMax: number;
  /** One mail, in characters: two hundred recipients or parts. What is beyond is a gap. */
  readonly mailCharsMax: number;
  /** One batch; then it is written at once. */
  readonly batchMails: number;
  readonly batchChars: number;
  /** Of all tenants together in the memory of one worker, being written or not. Beyond it mails are gaps. */
  readonly waitingChars: number;
  /** From one writing to the next: so much is lost with a worker, and a week of single mails is forty thousand rows. */
  readonly flushMs: number;
  /** One call to the store. */
  readonly callMs: number;
  /** At the end of a worker, for all that waits. */
  readonly drainMs: number;
  /** Mails under way in a worker up to which one more has all detectors look at it, and not only those that rules ask. */
  readonly calmMails: number;
  /** Of one tenant: some hundred thousand mails. */
  readonly bounds: { readonly batches: number; readonly bytes: number };
}

export const PAST_LIMITS: PastLimits = {
  pendingMax: 64,
  mailCharsMax: 32_768,
  batchMails: 500,
  batchChars: 262_144,
  waitingChars: 8 * 1024 * 1024,
  flushMs: 15_000,
  callMs: 10_000,
  drainMs: 3_000,
  calmMails: 4,
  bounds: { batches: 100_000, bytes: 64 * 1024 * 1024 },
};
