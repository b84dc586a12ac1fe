/**
 * The audit log as a chain: each entry carries a hash over itself and the hash before it, so that an entry that was changed, taken out or
 * put in shows. What was cut off at the end does not: compare the number of entries with a copy kept elsewhere.
 */
import { createHash } from 'node:crypto';
import type { Call } from '#/model/index.ts';
import type { AuditEntry } from '#/ports/index.ts';

/** An entry in its place. `seq` counts from 1. */
export interface ChainedAuditEntry extends AuditEntry {
  readonly seq: number;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** Reading and proving what `Registry.audit` wrote. */
export interface AuditLog {
  /** Entries behind `after` (0: from the first; null: the newest ones), oldest first, at most `limit`. */
  auditEntries(after: number | null, limit: number, call: Call): Promise<readonly ChainedAuditEntry[]>;
  /** Computes the whole chain again. `brokenAt` is the first entry that does not fit; null where all do. */
  verifyAudit(call: Call): Promise<AuditVerdict>;
}

export interface AuditVerdict {
  readonly entries: number;
  readonly brokenAt: number | null;
}

/** What stands before the first entry. */
export const CHAIN_START = '0'.repeat(64);

/** The hash of an entry behind `former`. */
export function chainHash(former: string, { at, by, act, subject, reason }: AuditEntry): string {
  return createHash('sha256')
    .update(JSON.stringify([former, at, by, act, subject, reason]))
    .digest('hex');
}

/** A chain that is looked at entry by entry, from its start. */
export class ChainCheck {
  #former = CHAIN_START;
  #verdict: AuditVerdict = { entries: 0, brokenAt: null };

  /** What is known so far. */
  get verdict(): AuditVerdict {
    return this.#verdict;
  }

  /** Whether the next entry fits; behind one that does not, nothing can be said. */
  take(entry: ChainedAuditEntry): boolean {
    const entries = this.#verdict.entries + 1;
    const fits = entry.seq === entries && entry.hash === chainHash(this.#former, entry);
    this.#verdict = { entries, brokenAt: fits ? null : entry.seq };
    this.#former = entry.hash;
    return fits;
  }
}

/** Walks a chain from its start. */
export function verifyChain(entries: Iterable<ChainedAuditEntry>): AuditVerdict {
  const check = new ChainCheck();
  for (const entry of entries) if (!check.take(entry)) break;
  return check.verdict;
}
