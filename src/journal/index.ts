/**
 * What happened, asked by people: which mail a fault may have touched (H6). Beside it stand the traces of single mails, which are the queue's.
 *
 * Holds no state: the journal's keepers answer (`ports/journal.ts`), and tenants' contacts are the directory's.
 *
 * What must never happen: a tenant that sees another one's mail; a figure that leaves out mail because it could not be read; a list that is short
 * without a word.
 */
export { type AffectedParts, affectedOperations, readAffected, windowInput } from './affected.ts';
