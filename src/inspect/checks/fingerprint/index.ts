/**
 * The check of registered documents: a share of a contract or a price list, pasted anywhere (H1). A document is kept as numbers (`shinglesOf`),
 * from which nobody can read it. Who keeps them comes with a later release; without them the check is absent.
 */
export { fingerprint, type RegisteredDocument } from './check.ts';
export { shinglesOf } from './shingles.ts';
