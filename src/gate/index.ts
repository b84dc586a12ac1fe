/**
 * The gate: where mail comes in by SMTP and LMTP, from the world, from signed-in people and devices, and from servers known by their
 * network. It decides who may bring what (sign-in, relaying, limits, room), expands aliases and groups, and hands whole mails to
 * custody; its 250 is custody's word.
 *
 * States: a connection is a `Visit` until its place and TLS are settled, then a `Session`; a mail is a `Transaction` from MAIL to its last
 * reply. Each file tells its own.
 *
 * What must never happen:
 * - a 250 to DATA or BDAT before custody has the mail (H3), or a reply out of order;
 * - an open relay: mail for the world from somebody unknown, by whatever spelling of the address;
 * - anything heard before TLS believed after it; a password taken in the clear;
 * - a flood on the MX port that keeps out those who sign in (M3); a wait, buffer or count without a bound (B3).
 *
 * Carries M1, M3, H3, B3, C5; RFC 5321, 1870, 2033, 2920, 3030, 3207, 3461, 4954, 6152, 6409, 6531, 7505, 8314, 8689, 9422.
 */
export { type Expansion, expand, expandPostmaster, type Owner, type Reached, type Returning } from './expand.ts';
export { beginsWithTls, Gate, type GateListener } from './gate.ts';
export { LISTENER_KINDS, LISTENERS, type ListenerKind, type ListenerRules } from './listeners.ts';
export { GATE_LIMITS, type GateLimits, type GateSettings, gateSettings } from './settings.ts';
export type { GatePorts, TlsService } from './world.ts';
