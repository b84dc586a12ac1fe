/** Bounds of secure downloads, each with its reason. */
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

export interface DownloadLimits {
  /** Octets of all files of one tenant, where its resources say nothing: a month of large attachments of an office. */
  readonly quotaBytes: number;
  /** Octets of a file that stands in its row, as mail does; more is a blob. */
  readonly inlineBytesMax: number;
  /** Wrong tries of one code (design 6). */
  readonly tries: number;
  /** Of a password: so many, then a rest. */
  readonly tryWindowMs: number;
  /** Wrong tries in all, at which a link is locked until its sender unlocks it: 50 of 10^8 codes are no risk. */
  readonly wrongMax: number;
  /** How long a code is good: mail may take minutes. */
  readonly codeMs: number;
  /** Codes for one link, and to one address by all links, in a window: nobody's mailbox is flooded through a link. */
  readonly codesPerLink: number;
  readonly codesPerAddress: number;
  readonly codeWindowMs: number;
  /** How long a proof opens the page it was given on. */
  readonly passMs: number;
  /** From the delivery of a link to the mail with its password: not beside it in the list, and soon enough for who waits (2A). */
  readonly passwordAfterMs: number;
  /** How long what has ended is told of, before it is forgotten with its log. */
  readonly graceMs: number;
  /** Deadline of one call to the store. */
  readonly callMs: number;
  /** For the octets of one file on their way to a slow reader; one who does not read at all is cut off long before. */
  readonly fetchMs: number;
}

export const DOWNLOAD_LIMITS: DownloadLimits = {
  quotaBytes: 20_000_000_000,
  inlineBytesMax: 1024 * 1024,
  tries: 5,
  tryWindowMs: 15 * MINUTE_MS,
  wrongMax: 50,
  codeMs: 15 * MINUTE_MS,
  codesPerLink: 5,
  codesPerAddress: 20,
  codeWindowMs: HOUR_MS,
  passMs: 30 * MINUTE_MS,
  passwordAfterMs: MINUTE_MS,
  graceMs: 7 * DAY_MS,
  callMs: 10_000,
  fetchMs: HOUR_MS,
};

/** Lines of the access log that are shown at once. */
export const EVENTS_SHOWN = 500;

/** Shares in one answer. */
export const SHARES_MAX = 200;

/** Furthest that a link may be extended to, from now. */
export const EXTEND_MS_MAX = 365 * DAY_MS;
