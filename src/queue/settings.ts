/** Numbers of the queue: unit in the name, default and reason here. What an operator sets comes from `retry` in holdfast.yaml. */

export interface QueueSettings {
  readonly retry: RetrySettings;
  readonly lanes: LaneSettings;
  readonly flow: FlowSettings;
  readonly probe: ProbeSettings;
  readonly pace: PaceSettings;
  readonly disk: DiskSettings;
}

/** `retry` of holdfast.yaml, in ms. */
export interface RetrySettings {
  /** Wait after the first attempt: a minute passes greylisting and short restarts. */
  readonly firstMs: number;
  /** Each further wait is longer by this: 1, 2, 4 … minutes. */
  readonly factor: number;
  /** Longest wait: a destination that is back gets its mail within the hour even where it was never seen to be down. */
  readonly maxMs: number;
  /** Part of a wait by which it is spread, so that mails deferred together do not come back together. */
  readonly jitter: number;
  /** Age at which the sender is told that the mail still waits. RFC 3461 §4.1 asks for it; people ask after half a working day. */
  readonly delayNoticeMs: number;
  /** Age at which the mail is given up. RFC 5321 §4.5.4.1: at least 4–5 days. */
  readonly expireMs: number;
}

/** How much of the backlog is in memory. */
export interface LaneSettings {
  /** Claims in memory in all, waiting or under way: a second's work at the fastest. */
  readonly claimsMax: number;
  /** Octets of content in memory in all. */
  readonly bodyBytesMax: number;
  /** Recipients asked of the store in one claim: large enough to share a flush, small enough that new mail does not wait behind it. */
  readonly batch: number;
  /** A destination with fewer waiting claims than this asks the store for more. */
  readonly lowWater: number;
  /** Never attempted mail younger than this is fresh and passes the backlog. */
  readonly freshMs: number;
  /** Outcomes that the store has not yet taken; above, nothing new is attempted. */
  readonly unsettledMax: number;
}

/** Connections per destination. */
export interface FlowSettings {
  /** Connections at once to a destination that we know nothing of. */
  readonly initial: number;
  /** Most connections at once to the MX hosts of one domain: what large providers take from one sender. */
  readonly mxMax: number;
  /** Most connections at once to a configured host. */
  readonly routeMax: number;
  /** Connections at once in all; file descriptors and memory of TLS sessions. */
  readonly totalMax: number;
  /** Of all connections, the part that destinations without a success since they were last in trouble may hold: those that hang leave room for those that work. */
  readonly unprovenShare: number;
  /** Part of a destination's connections that is kept for fresh mail while there is a backlog. */
  readonly freshShare: number;
  /** Of so many claims one comes from the backlog while fresh mail waits too, so that neither starves. */
  readonly backlogEvery: number;
  /** Trouble within this time after a halving is the same trouble. */
  readonly calmMs: number;
}

/** How a closed destination is looked at. */
export interface ProbeSettings {
  /** Between probes of a configured host: an operator restarts it and wants to see mail flow. */
  readonly routeMs: number;
  /** Probes of a configured host at once: one that hangs must not delay the next. */
  readonly routeAtOnce: number;
  /** First wait before a probe of MX hosts; doubled up to `mxMaxMs`. */
  readonly mxFirstMs: number;
  readonly mxMaxMs: number;
  /** A probe that failed counts as an attempt of its mail when the last one is older than this; the journal is not filled by probes. */
  readonly attemptMs: number;
}

/** Background loops. */
export interface PaceSettings {
  /** Look at what waits in the store. The next look waits at least 20 times as long as the last one took. */
  readonly depthMs: number;
  /** The doorbell is answered this late at the latest, so that many rings make one look. */
  readonly doorbellMs: number;
  /** Delay notices, expiry, deadlines of held mail. */
  readonly attentionMs: number;
  /** Rows looked at in one round of these. */
  readonly attentionBatch: number;
  /** Deadline of one call to the store. */
  readonly callMs: number;
  /** First and longest wait before a settlement that failed is repeated. */
  readonly resettleMs: number;
  readonly resettleMaxMs: number;
}

/** When accepting stops for want of disk space (design 1, Disk). */
export interface DiskSettings {
  /** Octets kept free beside what the outcomes of the queue need: room for a purge and for the system. */
  readonly reserveBytes: number;
  /** Accepting resumes when so much more is free. */
  readonly resumeBytes: number;
  /** Between looks at the free space. */
  readonly lookMs: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const MIB = 1024 * 1024;

export const QUEUE_DEFAULTS: QueueSettings = {
  retry: {
    firstMs: MINUTE,
    factor: 2,
    maxMs: HOUR,
    jitter: 0.15,
    delayNoticeMs: 4 * HOUR,
    expireMs: 120 * HOUR,
  },
  lanes: {
    claimsMax: 4_000,
    bodyBytesMax: 64 * MIB,
    batch: 96,
    lowWater: 256,
    freshMs: MINUTE,
    unsettledMax: 2_000,
  },
  flow: {
    initial: 4,
    mxMax: 20,
    routeMax: 40,
    totalMax: 1_000,
    unprovenShare: 0.6,
    freshShare: 0.2,
    backlogEvery: 4,
    calmMs: SECOND,
  },
  probe: {
    routeMs: SECOND,
    routeAtOnce: 3,
    mxFirstMs: SECOND,
    mxMaxMs: MINUTE,
    attemptMs: 15 * MINUTE,
  },
  pace: {
    depthMs: SECOND,
    doorbellMs: 20,
    attentionMs: 5 * SECOND,
    attentionBatch: 200,
    callMs: 30 * SECOND,
    resettleMs: 100,
    resettleMaxMs: 5 * SECOND,
  },
  disk: {
    reserveBytes: 256 * MIB,
    resumeBytes: 64 * MIB,
    lookMs: SECOND,
  },
};
