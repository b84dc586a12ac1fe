/**
 * Who a mail is from, provably: signatures on mail that leaves (DKIM), the keys that make them, and who may send for a domain (SPF).
 *
 * States of a key: waiting for its record ─▶ active ─▶ retired. A change counts a moment after it was said, so that all hosts sign alike
 * (`key-book.ts`). What must never happen: mail of somebody unproven signed; a private key in the clear anywhere but in memory; other octets at a
 * later attempt.
 *
 * Carries RFC 6376 (signer), 7208 §4, 8301, 8463; design 1 (fixed order: DKIM last; same bytes at every retry), design 6 (domains that are proven).
 */
export { KeyBook, type KeyBookParts, type KeySeal } from './key-book.ts';
export { type KeyOperationParts, keyOperations, keyRecordsOf } from './operations.ts';
export { mailSigner, type SigningParts } from './signing.ts';
export { checkSpf, maySend, type SpfDns, type SpfQuestion, type SpfResult } from './spf.ts';
