/** POP3's numbers. The operator's own (first block) come from `holdfast.yaml`; the others are ours, each with unit and reason. */

export interface Pop3Settings {
  /** The name in the banner. */
  readonly hostname: string;
  /** Connections at once, all listeners together (`limits.connections`). */
  readonly connectionsMax: number;
  /** Networks whose PROXY header we believe, and require (`trust.proxy`). */
  readonly trustProxy: readonly string[];
  readonly limits: Pop3Limits;
}

export interface Pop3Limits {
  readonly connectionsPerAddressMax: number;
  readonly sessionsPerUserMax: number;
  readonly sessionsPerTenantShare: number;
  readonly signInMs: number;
  readonly signInMsUnderPressure: number;
  readonly commandMs: number;
  readonly sessionMs: number;
  readonly handshakeMs: number;
  readonly proxyHeaderMs: number;
  readonly signInAnswerMs: number;
  readonly storeMs: number;
  readonly unreadMs: number;
  readonly drainMs: number;
  readonly drainSilenceMs: number;
  readonly lingerMs: number;
  readonly sweepEveryMs: number;
  readonly errorsMax: number;
  readonly signInFailuresMax: number;
  readonly idleCommandsMax: number;
  readonly openingsMax: number;
  readonly maildropBytesMax: number;
  readonly pieceBytes: number;
  readonly topPieceBytes: number;
  readonly unsentBytesMax: number;
  readonly deletePageMessages: number;
  readonly deleteRepeatsMax: number;
  readonly deleteRepeatAfterMs: number;
}

const SECOND = 1_000;
const MINUTE = 60_000;
const MIB = 1024 * 1024;

export const POP3_LIMITS: Pop3Limits = {
  /** An office behind one address has dozens of clients; a flood from one address has thousands. */
  connectionsPerAddressMax: 100,
  /** Shared mailboxes are read by a whole office, each for seconds; more at once is a program gone wild. */
  sessionsPerUserMax: 20,
  /** Of all connections, sessions of one tenant where there are several: one company's morning leaves room for the others (O7). */
  sessionsPerTenantShare: 0.75,
  /** ms from the banner to a successful sign-in. */
  signInMs: MINUTE,
  /** ms for the same when nearly all connections are in use: who has not signed in makes room (O7). */
  signInMsUnderPressure: 10 * SECOND,
  /** ms without a command; RFC 1939 §3 asks for 10 minutes at least. */
  commandMs: 10 * MINUTE,
  /** ms of one session; 100,000 messages over a slow line come within it, and a program that never ends does not. */
  sessionMs: 12 * 60 * MINUTE,
  /** ms for a TLS handshake. */
  handshakeMs: 30 * SECOND,
  /** ms for a PROXY header: the balancer sends it with its first packet. */
  proxyHeaderMs: 5 * SECOND,
  /** ms for the answer to a sign-in, the queue of password hashes included. */
  signInAnswerMs: 15 * SECOND,
  /** ms for one answer of the store; clients give up after 60 s or so. */
  storeMs: 30 * SECOND,
  /** ms in which a peer takes not one piece of what was written to it. */
  unreadMs: 3 * MINUTE,
  /** ms that sessions get to end when the service closes. */
  drainMs: 15 * SECOND,
  /** ms of silence after which a session is idle then; above the slowest round trip, and the second by which `now` may be old. */
  drainSilenceMs: 3 * SECOND,
  /** ms that a refused peer gets to read why, before its connection is cut. */
  lingerMs: 2 * SECOND,
  /** ms between two looks at all deadlines: one timer for all connections. */
  sweepEveryMs: SECOND,
  /** Refused commands in one session. */
  errorsMax: 50,
  /** Failed sign-ins in one session. */
  signInFailuresMax: 5,
  /** Commands in a row that bring no message nearer (NOOP, STAT, RSET, whole lists …). */
  idleCommandsMax: 1_000,
  /** Maildrops that are read at once, one a user: a heavy one holds one place, and the others stay (O4). While it is read it takes some 20 MB. */
  openingsMax: 8,
  /** Octets that the lists of all open maildrops take: some thousand usual ones beside dozens of 100,000 messages. */
  maildropBytesMax: 256 * MIB,
  /** Octets of a message that are read from the store in one go. */
  pieceBytes: 256 * 1024,
  /** The same for TOP, which mostly wants the header section. */
  topPieceBytes: 32 * 1024,
  /** Octets that a peer has not taken yet: above, nothing more is read or written for it. With one piece beside it, below 1 MiB. */
  unsentBytesMax: 512 * 1024,
  /** Messages that one step of QUIT deletes: short transactions, between which others come in (O3). */
  deletePageMessages: 1_000,
  /** Repeats of failed steps that one QUIT may cost the store (O6). */
  deleteRepeatsMax: 2,
  /** ms before such a repeat. */
  deleteRepeatAfterMs: 500,
};

/** Settings with our defaults (those of the contract) for what is not given. */
export function pop3Settings(
  given: Partial<Omit<Pop3Settings, 'limits'>> & { limits?: Partial<Pop3Limits> },
): Pop3Settings {
  return {
    hostname: 'localhost',
    connectionsMax: 2_000,
    trustProxy: [],
    ...given,
    limits: { ...POP3_LIMITS, ...given.limits },
  };
}
