/** The service's numbers. The operator's own (first block) come from `holdfast.yaml`; the others are ours, each with unit and reason. */

export interface ImapSettings {
  /** The name in the greeting. */
  readonly hostname: string;
  /** Octets of one message that APPEND takes (`limits.messageBytes`). */
  readonly messageBytesMax: number;
  /** Connections at once, all listeners together (`limits.connections`). */
  readonly connectionsMax: number;
  /** Networks whose PROXY header we believe, and require (`trust.proxy`). */
  readonly trustProxy: readonly string[];
  /** Whether a password is taken without TLS from this machine itself: for tests and for a proxy that ends TLS beside us. Never from elsewhere. */
  readonly plainLoopback: boolean;
  readonly limits: ImapLimits;
}

export type ImapLimits = { readonly [name in keyof typeof IMAP_LIMITS]: number };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const KIB = 1024;
const MIB = 1024 * KIB;

export const IMAP_LIMITS = {
  /** Connections from one address: an office behind one NAT has dozens of people with five connections each. */
  connectionsPerAddressMax: 500,
  /** Connections of one user: three devices with five folders each, and some to spare. */
  connectionsPerUserMax: 20,
  /** Of all connections, those of one tenant where there are several: one company's morning leaves room for the others. */
  connectionsPerTenantShare: 0.75,
  /** ms until somebody has signed in (RFC 9051 §5.4 lets a server be short here): places are not for those who only hold them. */
  signInMs: MINUTE,
  /** ms without a command, IDLE included (RFC 9051 §5.4 asks for 30 minutes at least; RFC 2177 §3 has clients renew IDLE after 29). */
  silenceMs: 30 * MINUTE,
  /** ms between two signs of life to a client in IDLE: NATs forget after some minutes, and a dead peer is noticed. */
  stillHereMs: 2 * MINUTE,
  /** ms for a TLS handshake. */
  handshakeMs: 30 * SECOND,
  /** ms for a PROXY header: the balancer sends it with its first packet. */
  proxyHeaderMs: 5 * SECOND,
  /** ms for one call of the store; a command makes as many as it needs. */
  storeMs: 30 * SECOND,
  /** ms for the answer to a sign-in, the queue of password hashes included. */
  signInAnswerMs: 15 * SECOND,
  /** ms in which a peer that has answers waiting takes none of them, or sends nothing of a literal that it announced. */
  stallMs: 5 * MINUTE,
  /** ms that running commands get when the service closes. */
  drainMs: 10 * SECOND,
  /** ms that a refused peer gets to read why, before its connection is cut. */
  lingerMs: 2 * SECOND,
  /** ms between two looks at all deadlines: one timer for all connections. */
  sweepEveryMs: SECOND,
  /** Failed sign-ins on one connection; how fast they may come is the sign-in port's affair. */
  signInFailuresMax: 5,
  /** Commands on one connection that were answered BAD. */
  errorsMax: 50,
  /** Octets that are gathered before they go to the socket: large enough to be cheap, small enough to be soon. */
  writeBytes: 32 * KIB,
  /** Octets that a peer has not taken yet: above, a command waits with its next answers. */
  unsentBytesMax: 512 * KIB,
  /** Octets that arrived for commands behind the one that runs: above, the socket waits. */
  pipelinedBytesMax: 64 * KIB,
  /** Octets of a body read from the store at once. */
  pieceBytes: 256 * KIB,
  /** Messages whose rows are read by one call; beside people's other calls it must stay short (O4). */
  rowsMax: 500,
  /** Messages whose facts are read by one call: some 10 KiB each. */
  factsMax: 100,
  /** The same of header sections alone: some KiB each, and never above 64. */
  headsMax: 250,
  /** Octets of header sections of one page up to which the next page is read ahead: hostile mail has megabytes of them. */
  aheadBytesMax: 8 * MIB,
  /** Messages that one call changes. */
  changedMax: 1_000,
  /** Messages among which one call expunges what is marked: some 10 ms of the store, for which others who share its thread wait. */
  expungedMax: 2_500,
  /** ms between two such calls of one command: what others of the same store thread ask next goes before the second. */
  restMs: 3,
  /** ms of a command from which on it rests as long as its calls take, so that half of the time is others': a person waits for less at once. */
  restsAlikeAfterMs: 500,
  /** ms of such a rest at most: a store that is slow for other reasons is not waited for twice. */
  restMsMax: 200,
  /** Octets of messages that are in memory for APPEND and BINARY, over all connections. */
  memoryBytesMax: 384 * MIB,
  /** Octets of one APPEND of several messages (RFC 3502), in times of `messageBytesMax`. */
  appendTimesMessage: 2,
  /** Searches, sorts and threads at once, over all connections; others wait for their turn. */
  searchesMax: 8,
  /** Those that wait; more are told to try again. */
  searchesWaitingMax: 200,
  /** Patterns of one LIST: each is laid against each name. */
  patternsMax: 50,
} as const;

/** Settings with our defaults for what is not given. */
export function imapSettings(
  given: Partial<Omit<ImapSettings, 'limits'>> & { limits?: Partial<ImapLimits> } = {},
): ImapSettings {
  return {
    hostname: 'localhost',
    messageBytesMax: 50 * MIB,
    connectionsMax: 2_000,
    trustProxy: [],
    plainLoopback: false,
    ...given,
    limits: { ...IMAP_LIMITS, ...given.limits },
  };
}
