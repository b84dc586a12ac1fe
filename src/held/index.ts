/**
 * What people do with mail that policy holds or wants approved: see it and why, let it go, stop it, delete it, agree to it, refuse it.
 *
 * States: none of its own. A recipient is `held` (by `policy`, or `stopped by sender`) or in `approval`; custody moves it, one act in one
 * transaction, and who comes second hears so:
 * ```
 *   held ──release──▶ queued        approval ──last vote──▶ queued
 *   held ──stop────▶ held, without its timer
 *   held, approval ──delete──▶ discarded        approval ──reject──▶ bounced, with its DSN
 * ```
 * What must never happen: an act by somebody who may not (`rights.ts` is the one place that says who may); a vote for one's own mail where
 * the rule does not allow it; a tenant that learns of another one's mail; an act without its person in the journal.
 *
 * Mail that waits for too long is told of to contacts and operators (`overdue.ts`).
 *
 * Carries H1, H8.
 */
export { BY_LINK } from './actor.ts';
export * from './downloads/index.ts';
export { LinkDesk, type OpenedLink } from './links/link-desk.ts';
export { type LinkClaim, TOKEN_CHARS_MAX } from './links/token.ts';
export { type HeldAnswer, heldOperations } from './operations.ts';
export { type OverdueParts, OverdueTeller } from './overdue.ts';
export type { HeldParts } from './parts.ts';
export type { PastMail } from './past.ts';
export type { HeldMail, HeldRecipient, ShownMail } from './views.ts';
