/**
 * Loop stamps: what stands in a mail that goes back to its tenant's cloud, so that it is known when it comes round again (design 6).
 * No states. What must never happen: a stamp that somebody else made, or made for another tenant or another mail, is taken for ours.
 * Carries design 6 (loop stamps count hops and stop signing twice).
 */
export { formatStamp, hopIn, readStamp, STAMP_FIELD } from './stamp.ts';
export { stampedBytesMax, stampedText } from './stamped-text.ts';
