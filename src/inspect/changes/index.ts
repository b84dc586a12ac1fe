/**
 * Changes of mail (H1): from the content as accepted and the changes of a verdict to what a recipient gets. Pure, so that every attempt sends the
 * same octets and no second body is kept (design 1).
 *
 * ```
 *   inspection: verdict ─▶ can it be made? ─ no ─▶ held, and why          delivery: row's verdict + content ─▶ make ─▶ peer or mailbox
 * ```
 * What must never happen: a throw for what a mail holds; a mail with half of its changes; one that is signed and comes out broken.
 * Carries RFC 2045, 2046, 2047, 5322; H1.
 */
export { cutFiles } from './cut.ts';
export { FULL, NO_PAGES, NO_SENDER, REVOKED } from './impossible.ts';
export { hindranceOf, mailVariants, STRIPPED_TEXT, trialVariant } from './make.ts';
export { ZipKeys } from './zip-keys.ts';
