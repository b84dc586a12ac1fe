/**
 * The mailboxes of users, as a service on the mailbox port: delivery into them, how long what was deleted can come back, purge that nobody
 * feels, rules and absence (`rules/`), and what administrators do with accounts.
 *
 * A mail's way: `LocalMail` ─▶ its octets ─▶ facts, read once ─▶ for each recipient: whose account, what do its rules say, which mailbox,
 * room? ─▶ `Mailboxes.deliver` ─▶ an answer with the mails that the rules let be born, which custody bears with the outcome.
 *
 * What must never happen: an answer `stored` before the keeper's; one recipient's trouble told of another (H4); a full mailbox that
 * loses mail instead of letting it wait; a purge that people feel (O3), or that takes what is held.
 *
 * Carries O1, O3, O5, O6 and RFC 5321 §4.4 (Return-Path), RFC 5233 (detail), RFC 3834 and 5230 §4 (absence).
 */
export { MailboxDelivery, type MailboxDeliveryParts } from './delivery.ts';
export { Foreground } from './foreground.ts';
export { startForgetting } from './forgetting.ts';
export { FullAccounts } from './full-accounts.ts';
export { guarded } from './guarded.ts';
export { mailboxOperations } from './operations.ts';
export { type RunningPurge, startPurge } from './purge.ts';
export { RuleBook, readRules } from './rules/index.ts';
