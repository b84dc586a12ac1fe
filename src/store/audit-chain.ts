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

/** Walks a chain from its start. */
export function verifyChain(entries: Iterable<ChainedAuditEntry>): AuditVerdict {
  let [former, count] = [CHAIN_START, 0];
  for (const entry of entries) {
    count++;
    if (entry.seq !== count || entry.hash !== chainHash(former, entry)) return { entries: count, brokenAt: entry.seq };
    former = entry.hash;
  }
  return { entries: count, brokenAt: null };
}
