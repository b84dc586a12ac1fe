/**
 * SPF records (RFC 7208) as values: who may send for a domain. Who asks DNS, and counts how often, is `trust/spf.ts`.
 * No states. What must never happen: a throw for what a record holds; a record that is half right taken for right.
 */
export { expandDomain, type MacroValues, usesName } from './macro.ts';
export { isSpfRecord, parseSpfRecord, type Qualifier, type SpfMechanism, type SpfRecord } from './record.ts';
