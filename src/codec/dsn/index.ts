/**
 * Delivery status notifications and the coats of their parameters (xtext): values <-> octets.
 * No states. What must never happen: a field or a part forged by a peer's text; a body of someone's mail sent to a forged sender.
 * Carries RFC 3461 §4, 3462, 3464, 3834, 6533; design 1, "Bounces are born with their cause".
 */
export { buildDsn, type DsnInput, type DsnRecipient } from './build.ts';
export { type ParsedDsn, parseDsn } from './parse.ts';
export type { DsnAction, Language } from './words.ts';
export { formatUtf8Address, formatXtext, parseUtf8Address, parseXtext, parseXtextInUtf8 } from './xtext.ts';
