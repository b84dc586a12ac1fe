/** The gate's numbers. The operator's own (first block) come from `holdfast.yaml`; the others are ours, each with unit and reason. */

export interface GateSettings {
  /** The name in the banner, in EHLO and in Received. */
  readonly hostname: string;
  /** Octets of content (`limits.messageBytes`). */
  readonly messageBytesMax: number;
  /** Recipients named by RCPT in one transaction (`limits.recipients`). */
  readonly recipientsMax: number;
  /** Connections at once, all listeners together (`limits.connections`). */
  readonly connectionsMax: number;
  /** Of these, kept for submission listeners and known relay networks (`limits.reservedForSignedIn`, M3). */
  readonly reservedForSignedIn: number;
  /** Networks whose PROXY header we believe, and require (`trust.proxy`). */
  readonly trustProxy: readonly string[];
  /** Networks whose XCLIENT we believe (`trust.xclient`). */
  readonly trustXclient: readonly string[];
  /** Whether SCRAM-SHA-256 is offered (`auth.scram`). */
  readonly scram: boolean;
  readonly limits: GateLimits;
}

export interface GateLimits {
  readonly connectionsPerAddressMax: number;
  readonly commandMs: number;
  readonly commandMsUnderPressure: number;
  readonly signInMs: number;
  readonly handshakeMs: number;
  readonly proxyHeaderMs: number;
  readonly bodyBlockMs: number;
  readonly bodyGraceMs: number;
  readonly bodyBytesPerSecondMin: number;
  readonly sessionMs: number;
  readonly commitMs: number;
  readonly signInAnswerMs: number;
  readonly senderLookupMs: number;
  readonly drainMs: number;
  readonly newcomerMs: number;
  readonly newcomerSilenceMs: number;
  readonly lingerMs: number;
  readonly sweepEveryMs: number;
  readonly errorsMax: number;
  readonly refusedRecipientsMax: number;
  readonly surplusRecipientsMax: number;
  readonly signInFailuresMax: number;
  readonly idleCommandsMax: number;
  readonly hopsMax: number;
  readonly expandedRecipientsMax: number;
  readonly unannouncedBytes: number;
  readonly bodyBytesInMemoryMax: number;
  readonly bodyBytesSoftMax: number;
  readonly bodyBytesHardMax: number;
  readonly bodyBytesUnderPressureMax: number;
  readonly unsentReplyBytesMax: number;
  readonly ownNetworks: readonly string[];
}

const MINUTE = 60_000;
const MIB = 1024 * 1024;

export const GATE_LIMITS: GateLimits = {
  /** An office behind one address has dozens of clients; a flood from one address has thousands. Relay networks are not counted. */
  connectionsPerAddressMax: 100,
  /** ms; RFC 5321 §4.5.3.2.7 asks a server to wait 5 minutes for a command. */
  commandMs: 5 * MINUTE,
  /** ms; when nearly all unreserved connections are in use, silent ones make room. Departs from RFC 5321 §4.5.3.2.7 for strangers only. */
  commandMsUnderPressure: 30_000,
  /** ms from the banner to a successful sign-in where one is required: reserved places are not for those who only hold them. */
  signInMs: 60_000,
  /** ms for a TLS handshake. */
  handshakeMs: 30_000,
  /** ms for a PROXY header: the balancer sends it with its first packet. */
  proxyHeaderMs: 5_000,
  /** ms without an octet of a body; RFC 5321 §4.5.3.2.5 gives the client 3 minutes for each block. */
  bodyBlockMs: 3 * MINUTE,
  /** ms that any body may take, whatever its speed. */
  bodyGraceMs: 5 * MINUTE,
  /** Beyond the grace: octets a second on average, about the slowest modem still seen in a scanner. */
  bodyBytesPerSecondMin: 1_000,
  /** ms of one connection; then, between two mails, 421. Longer ones only pin a peer to one host. */
  sessionMs: 2 * 60 * MINUTE,
  /** ms that a commit may take before the peer hears 451; below the client's 10 minutes (RFC 5321 §4.5.3.2.6) by far, for devices are less patient. */
  commitMs: 30_000,
  /** ms for the answer to a sign-in, the queue of password hashes included. */
  signInAnswerMs: 15_000,
  /** ms for the look-up of a stranger's sender domain; without an answer the mail is taken. */
  senderLookupMs: 2_000,
  /** ms that running transactions get when the gate closes. */
  drainMs: 15_000,
  /** ms that a connection without a mail yet gets, when the gate closes, to begin its first: a successor may be waiting for what we hold. */
  newcomerMs: 5_000,
  /** ms of silence after which such a connection counts as idle; above the slowest round trip, and the second by which `now` may be old. */
  newcomerSilenceMs: 3_000,
  /** ms that a refused peer gets to read why, before its connection is cut. */
  lingerMs: 2_000,
  /** ms between two looks at all deadlines: one timer for all connections. */
  sweepEveryMs: 1_000,
  /** Refused commands in one session. */
  errorsMax: 20,
  /** Unknown recipients that a stranger may name in one session: more is guessing addresses. */
  refusedRecipientsMax: 100,
  /** Recipients beyond `recipientsMax` that are answered 452 before the connection ends: a client that never counts. */
  surplusRecipientsMax: 10_000,
  /** Failed sign-ins in one session. */
  signInFailuresMax: 10,
  /** Commands in a row that move no mail (NOOP, RSET, EHLO, VRFY …). */
  idleCommandsMax: 1_000,
  /** Received fields; RFC 5321 §6.3 asks for at least 100 to be let through, but at 50 no honest route has been seen. */
  hopsMax: 50,
  /** Final recipients of one transaction, groups expanded. */
  expandedRecipientsMax: 10_000,
  /** Octets that a mail without SIZE has at least, for a mailbox that is nearly full: a header and a line of text. */
  unannouncedBytes: 1_024,
  /** Octets of one content that stay in memory, a mail of 1 MiB with its header; beyond, it goes to the blob store while it arrives. */
  bodyBytesInMemoryMax: MIB + 64 * 1024,
  /** Octets of all contents in memory: above, the next ones leave memory as soon as their header is whole. */
  bodyBytesSoftMax: 256 * MIB,
  /** Octets of all contents in memory: above, DATA is answered 452. */
  bodyBytesHardMax: 384 * MIB,
  /** Octets of one content that stay in memory above the soft bound. */
  bodyBytesUnderPressureMax: 64 * 1024,
  /** Octets of replies that a peer has not read yet: above, nothing more of it is read. */
  unsentReplyBytesMax: 64 * 1024,
  /** Whom the `legacy` and `lmtp` listeners serve beside the relay networks: loopback and private networks (RFC 1918, RFC 4193, link-local). */
  ownNetworks: [
    '127.0.0.0/8',
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    '::1/128',
    'fc00::/7',
    'fe80::/10',
  ],
};

/** Settings with our defaults (those of the contract) for what is not given. */
export function gateSettings(
  given: Partial<Omit<GateSettings, 'limits'>> & { limits?: Partial<GateLimits> },
): GateSettings {
  return {
    hostname: 'localhost',
    messageBytesMax: 50 * MIB,
    recipientsMax: 1_000,
    connectionsMax: 2_000,
    reservedForSignedIn: 400,
    trustProxy: [],
    trustXclient: [],
    scram: false,
    ...given,
    limits: { ...GATE_LIMITS, ...given.limits },
  };
}
