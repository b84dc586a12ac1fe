/**
 * Extraction: what a mail holds, as far as a person with any of the usual programs could come to see it, and what of it stayed dark.
 *
 * States: none between mails. Within one: header ─▶ part by part, each looked at by the reader of what it truly is, which looks at what is inside in
 * its turn ─▶ facts. Time, memory and text have bounds (`limits.ts`).
 *
 * What must never happen: a throw for what a mail holds; a bound that is reached in silence; "could not read" taken for "nothing there"; a
 * turn of the event loop that is kept for long; a name from an archive that becomes a path of ours (nothing is written anywhere).
 *
 * Carries H1, H2, M4; RFC 2045, 2046, 2047, 2183, 2231, 3676, 5322 as they are really written and read.
 */
export { type EnvelopeFacts, Extractor, type MailContent } from './extract.ts';
export { defaultExtractLimits, type ExtractLimits } from './limits.ts';
export { giveWay } from './threads/give-way.ts';
