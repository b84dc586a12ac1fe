/** What each listener asks and grants: one row each, so that the rules are read side by side and not gathered from ifs. */

export interface ListenerRules {
  /** LMTP greets with LHLO and answers for each recipient (RFC 2033 §4). */
  readonly protocol: 'smtp' | 'lmtp';
  /** TLS begins before the banner (RFC 8314 §3.3). */
  readonly implicitTls: boolean;
  readonly startTls: boolean;
  /** Where AUTH is offered; never without TLS, for a password in the clear is everybody's. */
  readonly auth: 'over TLS' | 'no';
  /** Relays are known by their network. */
  readonly knowsNetworks: boolean;
  /** A shared cloud may be known by its certificate (design 6). */
  readonly knowsClouds: boolean;
  /** Whether somebody unknown may bring mail for our own users; else MAIL needs a sign-in (RFC 6409 §4.3) or a known network. */
  readonly takesFromStrangers: boolean;
  /** Whom the listener serves at all. */
  readonly serves: 'everybody' | 'own networks';
  /** Its connections may use the places kept for the signed-in (M3). */
  readonly reserved: boolean;
  /** A stranger's sender domain is looked up (RFC 7505). */
  readonly looksUpSenders: boolean;
  /** Missing Date and Message-ID are added (RFC 6409 §8). */
  readonly completesHeader: boolean;
}

const MX: ListenerRules = {
  protocol: 'smtp',
  implicitTls: false,
  startTls: true,
  auth: 'over TLS',
  knowsNetworks: true,
  knowsClouds: true,
  takesFromStrangers: true,
  serves: 'everybody',
  reserved: false,
  looksUpSenders: true,
  completesHeader: false,
};

const SUBMISSION: ListenerRules = {
  ...MX,
  knowsNetworks: false,
  knowsClouds: false,
  takesFromStrangers: false,
  reserved: true,
  looksUpSenders: false,
  completesHeader: true,
};

export const LISTENERS = {
  smtp: MX,
  submission: SUBMISSION,
  submissions: { ...SUBMISSION, implicitTls: true, startTls: false },
  /** Old TLS comes by its own context; a device whose network is known needs neither TLS nor sign-in. */
  legacy: { ...SUBMISSION, knowsNetworks: true, serves: 'own networks' },
  lmtp: {
    ...MX,
    protocol: 'lmtp',
    startTls: false,
    auth: 'no',
    knowsNetworks: false,
    knowsClouds: false,
    serves: 'own networks',
    looksUpSenders: false,
  },
} as const satisfies Record<string, ListenerRules>;

export type ListenerKind = keyof typeof LISTENERS;

/** The names of `listen` in the configuration that are the gate's. */
export const LISTENER_KINDS: readonly ListenerKind[] = ['smtp', 'submission', 'submissions', 'legacy', 'lmtp'];
