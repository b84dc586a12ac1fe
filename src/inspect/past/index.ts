/**
 * What is kept of mail that was inspected, so that a draft of rules can be tried on the mail of the last days (H1).
 *
 * ```
 *   inspector ─▶ keeper.ts: facts and answers, without a text ─▶ batches ─▶ store (ports/past-mails.ts) ─▶ upkeep.ts: old ones go
 *                                                                            └─▶ rehearsal.ts: rules of now | draft ─▶ what would change
 * ```
 * What must never happen: an octet of what somebody wrote that is kept for this, names of files and fields apart; a mail that waits for it; an answer
 * that a dry run makes up. Carries H1.
 */
export { readBatch } from './batch-form.ts';
export { PastKeeper, type PastKeeperParts } from './keeper.ts';
export { PAST_LIMITS, type PastLimits } from './limits.ts';
export { type RehearsalOperationParts, rehearsalOperations } from './operations.ts';
export { PastUpkeep, type PastUpkeepParts } from './upkeep.ts';
