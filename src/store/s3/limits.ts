/** Bounds of every wait, buffer and retry towards the bucket. */

export interface S3Limits {
  readonly stallMs: number;
  readonly operationMs: number;
  readonly attemptsMax: number;
  readonly backOffMs: number;
  readonly failuresToOpen: number;
  readonly restMs: number;
  readonly restMsMax: number;
  readonly partBytes: number;
  readonly windowBytes: number;
  readonly writersMax: number;
  readonly socketsMax: number;
  readonly answerBytesMax: number;
  readonly listedMax: number;
  readonly removalsAtOnce: number;
}

const MIB = 1024 * 1024;

export const S3_LIMITS: S3Limits = {
  /** ms of silence after which an attempt has failed; stores answer within tens of ms, a busy one within seconds. */
  stallMs: 8_000,
  /** ms of one operation with all its attempts; below the 30 s after which the gate tells a sender to come again. */
  operationMs: 25_000,
  /** Attempts of one operation: a stale connection, a busy moment and one more. */
  attemptsMax: 4,
  /** ms before the second attempt; doubled each time, half of it by chance, so that many do not come back together. */
  backOffMs: 100,
  /** Failed attempts in a row after which the store counts as away. */
  failuresToOpen: 3,
  /** ms until the next call may look whether it is back; doubled after each look in vain. */
  restMs: 1_000,
  /** ms; an outage is noticed as over within this time and a call. */
  restMsMax: 15_000,
  /** Octets of a part: the smallest that S3 allows, for they are in memory. */
  partBytes: 5 * MIB,
  /** Octets of content that a read fetches at once, 32 pieces; a slow peer then holds memory and no connection. */
  windowBytes: 2 * MIB,
  /** Contents that are written at a time: with their parts 320 MiB at most. */
  writersMax: 64,
  /** Connections at a time. */
  socketsMax: 64,
  /** Octets of an answer that is text; a page of 1,000 names has some 300 KiB. */
  answerBytesMax: 4 * MIB,
  /** Names in a page of a listing, which S3 bounds at 1,000; as many are asked of custody at once. */
  listedMax: 500,
  /** Removals under way at a time: a purge is paced, people come first. */
  removalsAtOnce: 4,
};
