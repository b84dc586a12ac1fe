/**
 * The check of registered documents: a share of a contract or a price list, pasted anywhere (H1). A document is kept as numbers (`shinglesOf`),
 * from which nobody can read it; whoever calls brings all of a tenant as an index (`inspect/documents/` keeps it), and without one the check is absent.
 */
export { FACE_MIN, fingerprint } from './check.ts';
export { type DocumentIndex, IndexMaker } from './document-index.ts';
export { shinglesIn, shinglesOf } from './shingles.ts';
