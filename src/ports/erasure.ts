/**
 * A person is erased from what names them (GDPR Art. 17; design 6, Privacy): what proves something keeps a pseudonym in their place, so that counts and
 * chains stay; the rest is forgotten. Kept by those who keep the records; every method may be called again, and finds what is left.
 *
 * What must never happen: a chain that does not prove itself any more; a pseudonym from which an address can be read; another person's record that changes.
 */
import type { Call } from '#/model/index.ts';
import type { AuditEntry } from './registry.ts';

export interface ErasedPerson {
  /** Lower case, one at least. */
  readonly addresses: readonly string[];
  /** What stands for them from now on. */
  readonly pseudonym: string;
}

/** Who erases, and when (wall-clock ms). */
export type ErasureNote = Pick<AuditEntry, 'at' | 'by'>;

/** Rows that were changed, or forgotten, in this step. */
export interface ErasedNames {
  readonly entries: number;
  readonly changes: number;
  readonly rules: number;
  readonly counters: number;
  readonly more: boolean;
}

export interface NameErasure {
  /**
   * Puts a person's pseudonym in the place of their addresses in the audit log, in who changed what and in rules as they were, and forgets
   * their counters. Durable when it resolves. A step takes some rows of each; call again until `more` is false.
   */
  eraseNames(person: ErasedPerson, note: ErasureNote, call: Call): Promise<ErasedNames>;
}
