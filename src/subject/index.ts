/**
 * Requests of people whom our records name (GDPR Art. 15 and 17; design 6, Privacy): where a person is named, place by place; and their erasure
 * (`erase.ts`).
 * ```
 *   address ─▶ person.ts (all their addresses) ─▶ each place in turn, a page at a time ─▶ records
 * ```
 * A place is a keeper's own list, read through its port; what no place gives is said with its reason (`left-out.ts`).
 *
 * What must never happen: a record of another tenant in an administrator's hands; a secret in an export; an export that the audit log does not
 * know; a place that is left out without a word.
 */
export { type SubjectParts, subjectOperations } from './operations.ts';
