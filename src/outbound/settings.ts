/**
 * What delivery runs with, in one place: unit at the end of the name, reason beside it. What users may choose (routes, retry times) comes
 * from the configuration; the rest are these defaults.
 */
import type { RouteSettings } from './routes.ts';
import type { Pools } from './sources.ts';

export interface OutboundSettings {
  /** Our name in EHLO and in DSNs. */
  readonly hostname: string;
  /** `off` holds mail to domains that no route covers (design 5). */
  readonly outbound: 'on' | 'off';
  /** Users have mailboxes here; else mail to our domains that no LMTP route covers is held. */
  readonly mailboxes: boolean;
  readonly routes: readonly RouteSettings[];
  /** Addresses of ours that connections leave from, by name; `default` is for mail that no route gives to another one. */
  readonly pools: Pools;
  readonly limits: OutboundLimits;
}

export interface OutboundLimits {
  /** Port of MX hosts (RFC 5321 §4.5.4.2); tests choose another. */
  readonly mxPort: number;
  /** Names looked up in one MX answer: enough for the largest providers, a bound for hostile zones. */
  readonly mxHostsMax: number;
  /** Addresses tried in one attempt; RFC 5321 §5.1 asks for at least two. */
  readonly addressesMax: number;
  /** One DNS question; the resolver has its own retries inside. */
  readonly dnsMs: number;
  /** TCP connect: longer than two lost SYNs. */
  readonly connectMs: number;
  /** TLS handshake. */
  readonly tlsMs: number;
  /** RFC 5321 §4.5.3.2.1. */
  readonly greetingMs: number;
  /** A probe of a closed destination must not hold its only slot for minutes. */
  readonly probeMs: number;
  /** EHLO, MAIL, RCPT, AUTH: RFC 5321 §4.5.3.2.2 and §4.5.3.2.3. */
  readonly commandMs: number;
  /** RFC 5321 §4.5.3.2.4. */
  readonly dataMs: number;
  /** RFC 5321 §4.5.3.2.5: one piece of a large body has to leave within it. */
  readonly blockMs: number;
  /** RFC 5321 §4.5.3.2.6: long, because giving up here is what makes duplicates. */
  readonly finalMs: number;
  /** All hosts of one attempt together, until a session stands. */
  readonly openMs: number;
  /** An unused connection is kept so long: short, peers count them. */
  readonly idleMs: number;
  /** Unused connections kept in all. */
  readonly idleMax: number;
  /** Messages on one connection to an MX host; big receivers close at about 100. */
  readonly mxReuseMax: number;
  /** Messages on one connection to a configured route. */
  readonly routeReuseMax: number;
  /** Recipients in one transaction where the peer names no limit: every server takes 100 (RFC 5321 §4.5.3.1.8). */
  readonly recipientsMax: number;
  /** How long an address that failed is tried after the others. */
  readonly badAddressMs: number;
  /** One delivery into mailboxes of ours; it may be asked for again at no risk. */
  readonly mailboxMs: number;
  /** Octets born of one claim, after which its other recipients come in a later settlement: one settlement is one transaction, and in memory. */
  readonly bornBytesMax: number;
  /** Running transactions may end within it when the process is asked to stop. */
  readonly graceMs: number;
  /** DSNs that one connection may have in the making before it takes more mail. */
  readonly noticesMax: number;
}

export const OUTBOUND_LIMITS: OutboundLimits = {
  mxPort: 25,
  mxHostsMax: 10,
  addressesMax: 6,
  dnsMs: 20_000,
  connectMs: 30_000,
  tlsMs: 60_000,
  greetingMs: 300_000,
  probeMs: 10_000,
  commandMs: 300_000,
  dataMs: 120_000,
  blockMs: 180_000,
  finalMs: 600_000,
  openMs: 900_000,
  idleMs: 3_000,
  idleMax: 500,
  mxReuseMax: 100,
  routeReuseMax: 1_000,
  recipientsMax: 100,
  badAddressMs: 60_000,
  graceMs: 10_000,
  noticesMax: 16,
  mailboxMs: 60_000,
  bornBytesMax: 8 * 1024 * 1024,
};
